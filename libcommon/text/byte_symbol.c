#include "text/byte_symbol.h"
#include "text/utf8.h"

enum { PRINTABLE = 188, FIRST_STAND_IN = 0x100 };

/* '!'..'~', U+A1..U+AC, U+AE..U+FF */
static bool is_printable(int32_t code)
{
	return (code >= 0x21 && code <= 0x7E) || (code >= 0xA1 && code <= 0xAC) || (code >= 0xAE && code <= 0xFF);
}

int32_t byte_symbol(unsigned char byte)
{
	if (is_printable(byte))
		return byte <= 0x7E ? byte - 0x21 : byte <= 0xAC ? byte - 0xA1 + 94 : byte - 0xAE + 106;
	return PRINTABLE + (byte <= 0x20 ? byte : byte <= 0xA0 ? byte - 0x7F + 33 : 67);
}

/* The n-th of those that are not printable. */
static unsigned char other_byte(int32_t n)
{
	return (unsigned char)(n < 33 ? n : n < 67 ? n - 33 + 0x7F : 0xAD);
}

int byte_symbols_decode(struct buf *out, struct span characters)
{
	while (characters.size) {
		int32_t code = utf8_take(&characters);
		if (is_printable(code))
			buf_append_byte(out, (unsigned char)code);
		else if (code >= FIRST_STAND_IN && code < FIRST_STAND_IN + BYTE_SYMBOLS - PRINTABLE)
			buf_append_byte(out, other_byte(code - FIRST_STAND_IN));
		else
			return -1;
	}
	return 0;
}

void byte_symbols_encode(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = bytes.data[i];
		utf8_append(out, is_printable(byte) ? byte : FIRST_STAND_IN + byte_symbol(byte) - PRINTABLE);
	}
}
