/* Lines of text from a descriptor. */
#ifndef STREAM_LINE_READER_H
#define STREAM_LINE_READER_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>

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
