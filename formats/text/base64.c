#include "formats/text/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char digits[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct span bytes)
{
	if (bytes.size == 0)
		return;
	unsigned char *to = bytes.size <= SIZE_MAX / 4 ? buf_reserve(out, (bytes.size + 2) / 3 * 4) : NULL;

	if (!to) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < bytes.size; i += 3, to += 4) {
		size_t left = bytes.size - i;
		uint32_t group = (uint32_t)bytes.data[i] << 16;
		if (left > 1)
			group |= (uint32_t)bytes.data[i + 1] << 8;
		if (left > 2)
			group |= bytes.data[i + 2];
		to[0] = (unsigned char)digits[group >> 18];
		to[1] = (unsigned char)digits[group >> 12 & 63];
		to[2] = left > 1 ? (unsigned char)digits[group >> 6 & 63] : '=';
		to[3] = left > 2 ? (unsigned char)digits[group & 63] : '=';
	}
	out->size += (bytes.size + 2) / 3 * 4;
}

enum { NONE = 64 }; /* the value of a character that is not a digit */

static void make_values(unsigned char values[256])
{
	memset(values, NONE, 256);
	for (unsigned char i = 0; i < 64; i++)
		values[(unsigned char)digits[i]] = i;
}

/* Decodes all groups but the last, which may be padded.  False: an invalid character in the group that ends at *from. */
static bool decode_whole(const unsigned char values[256], const unsigned char **from, const unsigned char *end, unsigned char *to)
{
	while (*from < end) {
		const unsigned a = values[(*from)[0]], b = values[(*from)[1]], c = values[(*from)[2]], d = values[(*from)[3]];
		*from += 4;
		if ((a | b | c | d) & NONE)
			return false;
		*to++ = (unsigned char)(a << 2 | b >> 4);
		*to++ = (unsigned char)(b << 4 | c >> 2);
		*to++ = (unsigned char)(c << 6 | d);
	}
	return true;
}

/* Decodes the last four characters to `bytes` (1..3) bytes. */
static bool decode_last(const unsigned char values[256], const unsigned char *from, size_t bytes, unsigned char *to)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned value = i <= bytes ? values[from[i]] : from[i] == '=' ? 0 : NONE;
		if (value == NONE)
			return false;
		group = group << 6 | value;
	}
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(group >> (16 - 8 * i));
	return !(group & ((1u << (24 - 8 * bytes)) - 1));
}

int base64_decode(struct buf *out, struct span text, struct err *err)
{
	unsigned char values[256], *to;

	if (text.size % 4)
		return err_set(err, "base64: %zu characters is not a multiple of 4", text.size);
	if (!(to = buf_reserve(out, text.size / 4 * 3 + 1)))
		return err_memory(err);
	if (text.size == 0)
		return 0;
	make_values(values);
	const unsigned char *from = text.data, *last = text.data + text.size - 4;
	const size_t bytes = last[3] != '=' ? 3 : last[2] != '=' ? 2 : 1;
	if (!decode_whole(values, &from, last, to))
		return err_set(err, "base64: invalid near character %zu", (size_t)(from - text.data) - 3);
	to += text.size / 4 * 3 - 3;
	if (!decode_last(values, last, bytes, to))
		return err_set(err, "base64: invalid near character %zu", text.size - 3);
	out->size += text.size / 4 * 3 - 3 + bytes;
	return 0;
}
