/* The lines of a text that people write: names, keys.  A byte order mark in front is passed over; CR LF ends a line, too. */
#ifndef CORE_LINES_H
#define CORE_LINES_H

#include "core/buf.h"
#include "core/err.h"

struct lines {
	struct span rest;
	size_t number; /* of the line that came last, from 1 */
};

struct lines lines_of(struct span text);

/* 1: a line, borrowed from the text, without what ends it; 0: no more; -1: one with a zero byte, which no name has. */
int lines_next(struct lines *lines, struct span *line, struct err *err);

/* The text without the byte order mark of UTF-8 that some editors put in front. */
struct span without_mark(struct span text);

#endif
