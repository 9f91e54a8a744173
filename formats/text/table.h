/* A table in text, row by row in constant memory: CSV as RFC 4180 has it, TSV, and what else has one character between its cells;
 * UTF-8 with or without a byte order mark, plain or compressed (by content).
 * A cell that begins with a quote ends with one; within it two quotes are one, and delimiters and line ends are text.  A quote
 * elsewhere is a character.  With an escape character, the byte after it is text, inside and outside quotes (as Python's csv reads it).
 * A row ends with LF or CR LF, and a CR alone is text; where the first row ends with a CR alone, so do all others.  Empty rows do not
 * count.  Where a first line is sep=X, as Excel writes it, X is the delimiter.  Where a name in the first row has a blank before it,
 * blanks after delimiters are skipped in all rows.
 * What no reader could be sure of is an error, with its line and column (from 1, in bytes): text after a closing quote, a quote that
 * is never closed, a zero byte, UTF-16.  Lines are those of an editor: LF and CR LF end one, and in a file of CRs a CR. */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include "formats/stream/tar_bytes.h"

#include <stdbool.h>

struct table_form {
	char delimiter;
	bool no_quotes;  /* quotes are characters like any other */
	size_t longest;  /* bytes of a row */
	char escape;     /* 0: none */
	bool given;      /* the delimiter is the user's: sep=X does not change it */
};

struct table {
	struct table_form form;
	struct tar_bytes bytes; /* nothing in it knows of tars */
	struct span block;      /* what is there and was not yet read */
	uint64_t position;      /* of its first byte in the text */
	bool stops[256];        /* which bytes end a run of text outside quotes */
	enum { ENDS_UNKNOWN, ENDS_LF, ENDS_CR } ends; /* of lines, as the first one ends */
	bool cr_is_end, cr_is_text; /* a CR was taken: the line has ended, or the next cell begins with it */
	bool skip_blanks;       /* after delimiters */
	bool header;            /* the first row was read */

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

/* A reader of rows at places of plain files that an earlier pass found (offset, end): table_piece, then one table_next.
 * The first piece must be that of the first row (it begins at 0), which decides how the others are read. */
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
