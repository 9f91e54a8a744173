/* An error message: "where: what: why".
 * Every function that can fail takes a struct err * and returns -1 after filling it; callers put the context in front. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define ERR_TEXT 2048

struct err {
	char text[ERR_TEXT]; /* NUL-terminated; a truncated message ends in "..." */
};

/* Sets the message.  Returns -1, for `return err_set(err, ...)`. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of the message.  Returns -1. */
int err_add(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets "what: strerror(errno)".  Returns -1. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets "out of memory" and calls memory_set_failed.  Returns -1. */
int err_memory(struct err *err);

/* The only global state of this library: whether any allocation has failed, in any thread.  It is set wherever one fails (buf, arena,
 * err_memory, the hooks and error codes of the image, JSON and archive libraries).  Results computed since may be incomplete even if
 * a caller missed the error, so tools check it before they write a result and before they report a record as bad. */
void memory_set_failed(void);
bool memory_failed(void);

/* Restores the flag after an attempt that may fail because of its size and whose results were discarded.  before: what memory_failed
 * returned before the attempt. */
void memory_forget(bool before);

/* malloc that sets the flag; for libraries that accept an allocator. */
void *memory_alloc(size_t size);

#endif
