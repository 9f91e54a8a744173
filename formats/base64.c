#include "formats/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct span bytes)
{
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

/* 0..63, or -1. */
static int value_of(unsigned char digit)
{
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Four digits to `bytes` (1..3) bytes. */
static int decode_group(const unsigned char *from, size_t bytes, unsigned char *to)
{
	uint32_t group = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i <= bytes ? value_of(from[i]) : from[i] == '=' ? 0 : -1;
		if (value < 0)
			return -1;
		group = group << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(group >> (16 - 8 * i));
	return group & ((1u << (24 - 8 * bytes)) - 1) ? -1 : 0;
}

int base64_decode(struct buf *out, struct span text, struct err *err)
{
	unsigned char *to;

	if (text.size % 4)
		return err_set(err, "base64: %zu characters are no multiple of 4", text.size);
	if (!(to = buf_reserve(out, text.size / 4 * 3 + 1)))
		return err_memory(err);
	for (size_t i = 0; i < text.size; i += 4) {
		const unsigned char *group = text.data + i;
		bool last = i + 4 == text.size;
		size_t bytes = !last || group[3] != '=' ? 3 : group[2] != '=' ? 2 : 1;
		if (decode_group(group, bytes, to))
			return err_set(err, "base64: not valid near character %zu", i + 1);
		to += bytes;
		out->size += bytes;
	}
	return 0;
}
