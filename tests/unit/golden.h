/* Golden files of tests/golden: whole, line by line, and hexadecimal columns. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "core/buf.h"

#include <stdio.h>
#include <string.h>

static inline struct buf golden_read(const char *path)
{
	struct buf content = { 0 };
	FILE *file = fopen(path, "rb");

	if (!file)
		fail_msg("%s is missing; tests run at the top of the repository", path);
	for (size_t got = 1; got; content.size += got)
		got = fread(buf_reserve(&content, 1 << 16), 1, 1 << 16, file);
	fclose(file);
	return content;
}

/* Removes and returns the part before the separator, which must exist. */
static inline struct span golden_cut(struct span *text, char separator)
{
	const unsigned char *end = memchr(text->data, separator, text->size);

	assert_non_null(end);
	struct span head = span_of(text->data, (size_t)(end - text->data));
	*text = span_of(end + 1, text->size - head.size - 1);
	return head;
}

static inline int golden_digit(unsigned char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static inline void golden_unhex(struct buf *out, struct span hex)
{
	buf_clear(out);
	for (size_t i = 0; i + 1 < hex.size; i += 2)
		buf_append_byte(out, (unsigned char)(16 * golden_digit(hex.data[i]) + golden_digit(hex.data[i + 1])));
}

#endif
