/* The 256 byte symbols of byte-level BPE: every byte as one printable character, so that merges are a text file. A
 * byte that is a printable character of Latin-1 stands for itself, the 68 others for U+0100, U+0101, ... in their
 * order. Symbol numbers count the former first. */
#ifndef TEXT_BYTE_SYMBOL_H
#define TEXT_BYTE_SYMBOL_H

#include "core/buf.h"

#include <stdint.h>

enum { BYTE_SYMBOLS = 256 };

/* The number of a byte's symbol, 0..255. */
int32_t byte_symbol(unsigned char byte);

/* Appends the bytes that the characters stand for.  -1: a character that stands for none. */
int byte_symbols_decode(struct buf *out, struct span characters);

/* Appends the characters that stand for the bytes. */
void byte_symbols_encode(struct buf *out, struct span bytes);

#endif
