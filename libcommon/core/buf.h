/* Growing bytes, and borrowed ones. */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that belong to somebody else. */
struct span {
	const unsigned char *data;
	size_t size;
};

/* Bytes of our own.  Zero-initialised is empty.  An allocation that fails sets `failed`, and all later appends do
 * nothing: fill first, then ask once. */
struct buf {
	unsigned char *data; /* buf_string() NUL-terminates */
	size_t size, capacity;
	bool failed;
};

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* empties, keeps the memory */

/* Makes room for `more` further bytes and returns where they go (not yet counted in size), or NULL. */
unsigned char *buf_reserve(struct buf *buf, size_t more);

void buf_append(struct buf *buf, const void *data, size_t size);
void buf_append_span(struct buf *buf, struct span span);
void buf_append_string(struct buf *buf, const char *string);
void buf_append_byte(struct buf *buf, unsigned char byte);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes as a C string; "" where the buffer is empty or failed.  Borrowed until the next change. */
const char *buf_string(struct buf *buf);

struct span buf_span(const struct buf *buf);
struct span span_of(const void *data, size_t size);
struct span span_string(const char *string); /* NULL, as of a copy that failed: empty */
bool span_equal(struct span a, struct span b);
bool span_is(struct span span, const char *string);
bool span_begins(struct span span, struct span begin);
int span_compare(struct span a, struct span b); /* bytewise, as memcmp; the shorter first */

/* How many of its bytes a message shows with "%.*s": all, or the first `most`. */
int span_shown(struct span span, size_t most);

/* A NUL-terminated copy.  The caller frees it.  NULL: no memory. */
char *span_copy_string(struct span span);

#endif
