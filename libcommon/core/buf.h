/* Byte strings: growing ones (buf) and borrowed ones (span). */
#ifndef CORE_BUF_H
#define CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes owned by someone else. */
struct span {
	const unsigned char *data;
	size_t size;
};

/* Owned bytes.  Zero-initialised is empty.  After a failed allocation `failed` is set and appends do nothing, so callers may check
 * once, after filling. */
struct buf {
	unsigned char *data; /* buf_string() NUL-terminates */
	size_t size, capacity;
	bool failed;
};

void buf_free(struct buf *buf);
void buf_clear(struct buf *buf); /* empties, keeps the memory */

/* Allocates space for `more` bytes after the contents and returns its address; size does not change.  NULL: out of memory. */
unsigned char *buf_reserve(struct buf *buf, size_t more);

void buf_append(struct buf *buf, const void *data, size_t size);
void buf_append_span(struct buf *buf, struct span span);
void buf_append_string(struct buf *buf, const char *string);
void buf_append_byte(struct buf *buf, unsigned char byte);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The contents as a C string; "" if the buffer is empty or has failed.  Borrowed until the next change. */
const char *buf_string(struct buf *buf);

struct span buf_span(const struct buf *buf);
struct span span_of(const void *data, size_t size);
struct span span_string(const char *string); /* NULL: empty */
bool span_equal(struct span a, struct span b);
bool span_is(struct span span, const char *string);
bool span_begins(struct span span, struct span begin);
int span_compare(struct span a, struct span b); /* like memcmp; a prefix comes first */

/* The precision for "%.*s" in a message: the size, at most `most`. */
int span_shown(struct span span, size_t most);

/* A NUL-terminated copy, which the caller frees.  NULL: out of memory. */
char *span_copy_string(struct span span);

#endif
