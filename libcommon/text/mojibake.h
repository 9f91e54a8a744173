/* Text that was UTF-8 and was read in a single-byte encoding: "itâ€™s", "cafÃ©", "ÐºÐ¾Ñ‚". */
#ifndef TEXT_MOJIBAKE_H
#define TEXT_MOJIBAKE_H

#include "core/buf.h"

#include <stdbool.h>

/* What repairing one text may still cost. */
struct mojibake_budget {
	size_t work;  /* characters that may still be looked at */
	int depth;    /* of pieces in pieces */
};

/* Appends the text as it was meant, as ftfy 6.3's fix_encoding() does: again and again, until nothing looks wrong or changes.  Each
 * step tries latin-1, the windows encodings 1252, 1251, 1250, 1253, 1254 and 1257, ISO 8859-2, MacRoman and cp437 on the whole text;
 * then on each piece that looks like UTF-8; then reads C1 controls as windows-1252.  The text must be UTF-8.
 * budget, which is used up, bounds the time on hostile text: what is left then stays as it is. */
void mojibake_repair(struct buf *out, struct span text, struct mojibake_budget *budget);

#endif
