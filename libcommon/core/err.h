/* A sentence about what went wrong: "where: what: why".
 * Every function that can fail takes a struct err * and returns -1 after filling it; callers add the where in front. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define ERR_TEXT 2048

struct err {
	char text[ERR_TEXT]; /* NUL-terminated; a longer sentence ends in "..." */
};

/* Sets the sentence.  Returns -1, so that `return err_set(err, ...)` reads well. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "context: " in front of the sentence.  Returns -1. */
int err_add(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets "what: strerror(errno)".  Returns -1. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets "out of memory" and calls memory_set_failed.  Returns -1. */
int err_memory(struct err *err);

/* The one state of the process that this library keeps: whether any allocation ever failed, in any thread.  Each place
 * where one fails sets it (buf, arena, err_memory, the hooks and error codes of the image, JSON and archive libraries).
 * What was computed since may be incomplete even if a caller missed the error, so tools check it before they write a
 * result and before they blame a record. */
void memory_set_failed(void);
bool memory_failed(void);

/* Forgets it: for an attempt that may fail because of its size, whose results were thrown away.  before: what memory_failed returned
 * before the attempt. */
void memory_forget(bool before);

/* malloc that sets it; for libraries that accept an allocator. */
void *memory_alloc(size_t size);

#endif
