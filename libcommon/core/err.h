/* A sentence about what went wrong: "where: what: why".
 * Every function that can fail takes a struct err * and returns -1 after filling it; callers add the where in front. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

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

/* Sets "out of memory".  Returns -1. */
int err_memory(struct err *err);

#endif
