/* A caption cut into the pieces that byte-level BPE works on. */
#ifndef TEXT_SPLIT_H
#define TEXT_SPLIT_H

#include "core/buf.h"

#include <stdbool.h>

enum piece_kind { PIECE_WORD, PIECE_START, PIECE_END };

struct piece {
	enum piece_kind kind;
	struct span text;
};

/* Takes the next piece off the text, false at its end.  The pieces are those of CLIP's pattern, case ignored:
 *     <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one number |
 *     what is neither nor white space
 * Not by PCRE2, which was looked at: its white space is not that of the pattern's home (Python's regex), and each
 * thread would have to carry match data along. */
bool split_next(struct span *text, struct piece *piece);

#endif
