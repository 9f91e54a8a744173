/* The two steps that precede byte pair encoding: a caption is split into pieces, and each byte becomes a symbol. */
#ifndef TEXT_PRETOKENIZE_H
#define TEXT_PRETOKENIZE_H

#include "core/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum piece_kind { PIECE_WORD, PIECE_START, PIECE_END };

struct piece {
	enum piece_kind kind;
	struct span text;
};

/* Removes the next piece from the text; false at its end.  Pieces are those of CLIP's pattern, ignoring case:
 *     <|startoftext|> | <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one number |
 *     other characters except white space
 * PCRE2 is not used: its white space differs from that of Python's regex, for which the pattern was written, and it needs match
 * data for each thread. */
bool split_next(struct span *text, struct piece *piece);

/* The 256 byte symbols of byte-level BPE write each byte as one printable character, so that merges are a text file.  A byte
 * that is a printable character in Latin-1 is written as that character, the 68 others as U+0100, U+0101, ... in order.
 * Numbers of symbols count the former first. */
enum { BYTE_SYMBOLS = 256 };

/* The number of a byte's symbol, 0..255. */
int32_t byte_symbol(unsigned char byte);

/* Appends the bytes that the characters represent.  -1: a character that represents none. */
int byte_symbols_decode(struct buf *out, struct span characters);

/* Appends the characters that represent the bytes. */
void byte_symbols_encode(struct buf *out, struct span bytes);

#endif
