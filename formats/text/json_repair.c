#include "formats/text/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 6 /* bytes of \uXXXX */, NUMBER_MOST = 400 /* longer ones are left to the parser */ };

static bool in_number(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' || byte == '.' || byte == 'e' || byte == 'E';
}

size_t json_number_size(struct span text, size_t begin)
{
	size_t end = begin;

	while (end < text.size && in_number(text.data[end]))
		end++;
	return end - begin;
}

/* The value of the escape at i, or -1. */
static int escaped(struct span text, size_t i)
{
	int value = 0;

	if (i >= text.size || text.size - i < ESCAPE || text.data[i] != '\\' || text.data[i + 1] != 'u')
		return -1;
	for (size_t k = 2; k < ESCAPE; k++) {
		const unsigned char digit = text.data[i + k];
		const bool decimal = digit >= '0' && digit <= '9';
		if (!decimal && !((digit | 32) >= 'a' && (digit | 32) <= 'f'))
			return -1;
		value = 16 * value + (decimal ? digit - '0' : (digit | 32) - 'a' + 10);
	}
	return value;
}

/* Size of the escape at i; 0: half a surrogate pair. */
static size_t escape_size(struct span text, size_t i)
{
	const int first = escaped(text, i), second = escaped(text, i + ESCAPE);

	if (first < 0)
		return 2;
	if (first < 0xd800 || first > 0xdfff)
		return ESCAPE;
	return first < 0xdc00 && second >= 0xdc00 && second <= 0xdfff ? 2 * ESCAPE : 0;
}

/* Appends the string that starts at i.  Returns its end, after the closing quote. */
static size_t repair_string(struct span text, size_t i, struct buf *out)
{
	size_t copied = i++;

	while (i < text.size && text.data[i] != '"') {
		const size_t size = text.data[i] == '\\' ? escape_size(text, i) : 1;
		if (!size) {
			buf_append(out, text.data + copied, i - copied);
			buf_append_string(out, "\\ufffd");
			copied = i + ESCAPE;
		}
		i += size ? size : ESCAPE;
	}
	i = i < text.size ? i + 1 : text.size;
	buf_append(out, text.data + copied, i - copied);
	return i;
}

static void repair_number(struct span number, bool big_as_real, struct buf *out)
{
	char copy[NUMBER_MOST + 1];

	if (number.size > NUMBER_MOST) {
		buf_append_span(out, number);
		return;
	}
	memcpy(copy, number.data, number.size);
	copy[number.size] = 0;
	const bool integer = !strpbrk(copy, ".eE");
	errno = 0;
	if (integer)
		strtoll(copy, NULL, 10);
	if (!integer && isinf(strtod(copy, NULL)))
		buf_append_string(out, "null");
	else
		buf_append_string(out, copy);
	if (integer && errno == ERANGE && big_as_real)
		buf_append_string(out, ".0");
}

/* Size of a NaN or Infinity at i; 0: there is none. */
static size_t non_finite(struct span text, size_t i)
{
	static const char *const names[] = { "NaN", "Infinity", "-Infinity", "-NaN" };

	for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
		const size_t size = strlen(names[k]);
		if (text.size - i >= size && memcmp(text.data + i, names[k], size) == 0)
			return size;
	}
	return 0;
}

void json_repair(struct span text, bool big_as_real, struct buf *out)
{
	for (size_t i = 0; i < text.size;) {
		const unsigned char byte = text.data[i];
		const size_t named = byte == 'N' || byte == 'I' || byte == '-' ? non_finite(text, i) : 0;
		const size_t size = byte == '-' || (byte >= '0' && byte <= '9') ? json_number_size(text, i) : 0;
		if (byte == '"') {
			i = repair_string(text, i, out);
		} else if (named) {
			buf_append_string(out, "null");
			i += named;
		} else if (size) {
			repair_number(span_of(text.data + i, size), big_as_real, out);
			i += size;
		} else {
			buf_append_byte(out, byte);
			i++;
		}
	}
}
