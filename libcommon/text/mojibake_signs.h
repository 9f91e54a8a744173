/* Characters as the detection of mojibake sees them: classes of characters that seldom stand side by side in real text, and the
 * single-byte encodings that have them.  The classes and the rules are those of ftfy 6.3 (ftfy/badness.py, ftfy/chardata.py). */
#ifndef TEXT_MOJIBAKE_SIGNS_H
#define TEXT_MOJIBAKE_SIGNS_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

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
	const struct sign_row *row; /* NULL: ASCII, or in no encoding and no class */
};

/* Appends a struct sign for each character of the text.  Returns the encodings (bits) that have all of them; *ascii is set
 * where the text is ASCII.  signs->failed: no memory. */
unsigned read_signs(struct buf *signs, struct span text, bool *ascii);

/* The byte of a character in an encoding that has it. */
unsigned char sign_byte(const struct sign *sign, enum encoding encoding);

/* Whether some neighbours are so unlikely that the text must have been read in a wrong encoding. */
bool signs_look_wrong(const struct sign *signs, size_t count);

/* How many characters from signs[at] on look like UTF-8 sequences that were read as single bytes; 0: none. */
size_t signs_of_utf8(const struct sign *signs, size_t count, size_t at);

#endif
