/* Mojibake: UTF-8 text that was decoded in a single-byte encoding, such as "itâ€™s", "cafÃ©", "ÐºÐ¾Ñ‚". */
#ifndef TEXT_MOJIBAKE_H
#define TEXT_MOJIBAKE_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Limits on the work for one text. */
struct mojibake_budget {
	size_t work;  /* characters that may still be examined */
	int depth;    /* of nested pieces */
};

/* Appends the repaired text, like ftfy 6.3's fix_encoding(): repeats until nothing looks wrong or changes.  Each step tries
 * latin-1, the windows encodings 1252, 1251, 1250, 1253, 1254 and 1257, ISO 8859-2, MacRoman and cp437 on the whole text, then on
 * each piece that looks like UTF-8, and then reads C1 controls as windows-1252.  The text must be UTF-8.
 * budget is reduced by the work done and bounds the time for hostile text; what is left then is not repaired. */
void mojibake_repair(struct buf *out, struct span text, struct mojibake_budget *budget);

/* Detection (mojibake_signs.c): classes of characters that are seldom neighbours in real text, and the single-byte encodings that
 * have them.  Classes and rules are those of ftfy 6.3 (ftfy/badness.py, ftfy/chardata.py). */

/* In the order in which they are tried. */
enum encoding {
	LATIN_1,
	WINDOWS_1252,
	WINDOWS_1251,
	WINDOWS_1250,
	WINDOWS_1253,
	WINDOWS_1254,
	WINDOWS_1257,
	ISO_8859_2,
	MACROMAN,
	CP437,
	ENCODINGS
};

struct sign {
	int32_t codepoint;
	uint32_t classes;
	const struct sign_row *row; /* NULL: ASCII, or without encoding and class */
};

/* Appends a struct sign for each character.  Returns a bit for each encoding that has all characters.  *ascii: whether the text
 * is ASCII.  signs->failed: out of memory. */
unsigned read_signs(struct buf *signs, struct span text, bool *ascii);

/* The byte of a character in an encoding that has it. */
unsigned char sign_byte(const struct sign *sign, enum encoding encoding);

/* Whether some neighbours are so unlikely that the text must have been decoded in the wrong encoding. */
bool signs_look_wrong(const struct sign *signs, size_t count);

/* Number of characters from signs[at] on that look like UTF-8 sequences decoded as single bytes. */
size_t signs_of_utf8(const struct sign *signs, size_t count, size_t at);

#endif
