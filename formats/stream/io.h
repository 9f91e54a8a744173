/* read and write that retry when interrupted, and wait where another program has made a descriptor non-blocking (ssh and some shells
 * do); and a reader of lines. */
#ifndef STREAM_IO_H
#define STREAM_IO_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Return the number of bytes read, at most `size`; 0: the end; -1: error. */
ssize_t io_read(int fd, void *bytes, size_t size, struct err *err);
ssize_t io_read_at(int fd, void *bytes, size_t size, off_t offset, struct err *err);

/* Appends everything up to the end.  More than `most` bytes are an error.  `expected` is a hint for the allocation. */
int io_read_all(int fd, size_t expected, struct buf *content, size_t most, struct err *err);

/* Appends the whole file; more than `most` bytes are an error.  Errors name the path. */
int io_read_file(const char *path, size_t most, struct buf *content, struct err *err);

/* Writes all of the first, then all of the second. */
int io_write(int fd, struct span first, struct span second, struct err *err);

/* Lines of text from a descriptor. */
struct line_reader {
	int fd;         /* borrowed */
	size_t longest; /* bytes; a longer line is an error */
	size_t number;  /* of the current line, from 1 */

	struct buf buffer;
	size_t position; /* in the buffer, of the next line */
	size_t searched; /* bytes from there that hold no newline */
	bool ended;
};

void line_reader_init(struct line_reader *reader, int fd, size_t longest);

/* 1: a line without its newline or CR LF, borrowed until the next call; 0: the end; -1: error. */
int line_read(struct line_reader *reader, struct span *line, struct err *err);

/* Will reading the next line need more input? */
bool line_needs_input(const struct line_reader *reader);
void line_reader_free(struct line_reader *reader);

#endif
