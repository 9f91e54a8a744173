/* Reads a text table row by row in constant memory: CSV (RFC 4180), TSV and other single-character delimiters; UTF-8 with or without a
 * byte order mark, plain or compressed.
 *
 * A cell that begins with a quote ends with one; inside, a doubled quote is a quote, and delimiters and line ends are text.  Elsewhere a
 * quote is an ordinary character.  With an escape character, the byte after it is text, inside and outside quotes (as in Python's csv).
 * A row ends with LF or CR LF, and a lone CR is text; but if the first row ends with a lone CR, all rows do.  Empty rows are skipped.
 * If the first line is sep=X, as Excel writes it, X is the delimiter.  If a name in the first row has a blank before it, blanks after
 * delimiters are skipped in all rows.
 * Ambiguous input is an error with line and column (from 1, in bytes): text after a closing quote, a quote that is never closed, a NUL
 * byte, UTF-16.  Lines are counted as an editor counts them. */
#ifndef TEXT_TABLE_H
#define TEXT_TABLE_H

#include "formats/stream/tar_bytes.h"

#include <stdbool.h>

struct table_form {
	char delimiter;
	bool no_quotes;  /* quotes are ordinary characters */
	size_t longest;  /* size limit of a row, in bytes */
	char escape;     /* 0: none */
	bool given;      /* the user chose the delimiter, so sep=X does not change it */
};

struct table {
	struct table_form form;
	struct tar_bytes bytes; /* decompresses; does not depend on tars */
	struct span block;      /* bytes that were not yet consumed */
	uint64_t position;      /* of the first byte of block in the text */
	bool stops[256];        /* bytes that end a run of text outside quotes */
	enum { ENDS_UNKNOWN, ENDS_LF, ENDS_CR } ends; /* how lines end, by the first one */
	bool cr_is_end, cr_is_text; /* a CR was consumed: it ends the line, or the next cell begins with it */
	bool skip_blanks;       /* after delimiters */
	bool header;            /* the first row was read */

	uint64_t line;          /* first line of the row */
	uint64_t offset, end;   /* byte range of the row, including its line end */
	size_t count;           /* number of cells */

	struct table_cell *cells;
	size_t capacity;
	struct buf text;            /* content of the cells, concatenated */
	uint64_t current_line, line_offset; /* number and offset of the line being read */
};

/* fd is borrowed. */
int table_open(struct table *table, int fd, const struct table_form *form, struct err *err);

/* Opens a reader for rows of plain files at offsets that an earlier pass found: call table_piece, then table_next once.
 * The first piece must be the first row (at offset 0), which decides how the others are read. */
int table_open_pieces(struct table *table, const struct table_form *form, struct err *err);
void table_piece(struct table *table, int fd, uint64_t offset, uint64_t end);
void table_close(struct table *table);

/* Reads the next row.  1: a row; 0: no more rows; -1: "line 3, column 7: why". */
int table_next(struct table *table, struct err *err);

/* A cell of the row, borrowed until the next row; empty if the row has no such cell. */
struct span table_cell(const struct table *table, size_t column);

/* Can rows be read at any offset? */
bool table_seekable(const struct table *table);

#endif
