/* read and write as one means them: interrupted ones are repeated, and descriptors that somebody else made non-blocking (ssh and
 * some shells do) are waited for. */
#ifndef STREAM_IO_H
#define STREAM_IO_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* At most `size` bytes: how many; 0: the end; -1. */
ssize_t io_read(int fd, void *bytes, size_t size, struct err *err);
ssize_t io_read_at(int fd, void *bytes, size_t size, off_t offset, struct err *err);

/* Appends everything up to the end, at most `most` bytes; about `expected` come. */
int io_read_all(int fd, size_t expected, struct buf *content, size_t most, struct err *err);

/* Appends the whole file; more than `most` bytes are an error.  Errors name the path. */
int io_read_file(const char *path, size_t most, struct buf *content, struct err *err);

/* All of the first, then all of the second. */
int io_write(int fd, struct span first, struct span second, struct err *err);

/* Lines of text from a descriptor. */
struct line_reader {
	int fd;         /* borrowed */
	size_t longest; /* bytes; a longer line is an error */
	size_t number;  /* of the line that was read last, from 1 */

	struct buf buffer;
	size_t position; /* of what was not yet handed out */
	size_t searched; /* behind it: known to hold no newline */
	bool ended;
};

void line_reader_init(struct line_reader *reader, int fd, size_t longest);

/* 1: a line, without its newline or CR LF, borrowed until the next call; 0: the end; -1. */
int line_read(struct line_reader *reader, struct span *line, struct err *err);

/* Whether the next line has to be waited for. */
bool line_needs_input(const struct line_reader *reader);
void line_reader_free(struct line_reader *reader);

#endif
