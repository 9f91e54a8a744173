/* A table in text, row by row in constant memory: CSV as RFC 4180 has it, TSV, and what else has one character between its cells;
 * UTF-8 with or without its mark at the beginning, plain or compressed (by content).
 * A cell that begins with a quote ends with one; within it two quotes are one, and delimiters and line ends are text.  A quote
 * elsewhere is a character.  A row ends with LF, CR LF or CR; rows without a character do not count.  What no reader could be sure
 * of is an error, with its line and column (from 1, in bytes): text behind a closing quote, a quote that is never closed, a zero
 * byte, UTF-16. */
#ifndef FORMATS_TABLE_H
#define FORMATS_TABLE_H

#include "formats/tar_bytes.h"

#include <stdbool.h>

struct table_form {
	char delimiter;
	bool no_quotes;  /* quotes are characters like any other */
	size_t longest;  /* bytes of a row */
};

struct table {
	struct table_form form;
	struct tar_bytes bytes; /* nothing in it knows of tars */
	struct span block;      /* what is there and was not yet read */
	uint64_t position;      /* of its first byte in the text */
	bool stops[256];        /* which bytes end a run of text outside quotes */

	uint64_t line;          /* of the row, its first */
	uint64_t offset, end;   /* where the row begins and ends, its line end included */
	size_t count;           /* of its cells */

	struct table_cell *cells;
	size_t capacity;
	struct buf text;            /* the cells', one behind the other */
	uint64_t here, line_offset; /* the line at hand, and where it begins */
};

/* fd is borrowed. */
int table_open(struct table *table, int fd, const struct table_form *form, struct err *err);

/* A reader of rows at places of plain files that an earlier pass found (offset, end): table_piece, then one table_next. */
int table_open_pieces(struct table *table, const struct table_form *form, struct err *err);
void table_piece(struct table *table, int fd, uint64_t offset, uint64_t end);
void table_close(struct table *table);

/* The next row: 1; 0: there is none; -1: "line 3, column 7: why". */
int table_next(struct table *table, struct err *err);

/* A cell of the row, borrowed until the next one.  Empty where the row has no such cell. */
struct span table_cell(const struct table *table, size_t column);

/* Can rows be read at any place? */
bool table_seekable(const struct table *table);

#endif
