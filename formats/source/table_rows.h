/* Reads the rows of a table (CSV, TSV, JSON lines, an array of JSON objects) and makes a sample of each: up to four cells are used. */
#ifndef SOURCE_TABLE_ROWS_H
#define SOURCE_TABLE_ROWS_H

#include "formats/text/json_rows.h"
#include "formats/source/table_columns.h"
#include "formats/stream/key_set.h"

struct table_rows {
	const struct table_options *options;
	struct table table;    /* line, offset and end are those of the row */
	struct json_rows json;
	bool is_json;
	bool pending;          /* the first object, which named the columns, is also the next row */
	bool lists;            /* its captions are lists */
	struct table_columns columns;
	struct buf cells[TABLE_PARTS]; /* of JSON */
	bool bad;              /* the row cannot be used; `why` says why */
	struct err why;
};

/* A .json file that contains an array, and so is a table rather than a list of shards. */
bool table_is_array(const char *path);

/* Reads the first row, which names the columns.  fd and path are borrowed. */
int table_rows_open(struct table_rows *rows, int fd, const char *path, const struct table_options *options, const struct limits *limits,
	struct err *err);

/* The same for reading rows at offsets that an earlier pass found: call table_rows_piece before each table_rows_next. */
int table_rows_open_pieces(struct table_rows *rows, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err);
void table_rows_piece(struct table_rows *rows, int fd, uint64_t offset, uint64_t end);
void table_rows_close(struct table_rows *rows);

/* 1: a row, perhaps a bad one; 0: no more rows; -1: the rest of the table cannot be read. */
int table_rows_next(struct table_rows *rows, struct err *err);

/* A cell of the row, borrowed until the next row; empty if there is none. */
struct span table_rows_cell(const struct table_rows *rows, enum table_part part);

/* One row of a table as a sample.
 * The key is the cell of the key column, which must be unique.  Without a key column it is the path of the image as written in the
 * table, without its extension and without the parts "", "." and "..", with _ for other dots.  Further rows of the same image get ~2, ~3
 * and so on at the end of the key. */
struct table_row {
	struct buf key, path;
	struct buf image;    /* the path as written in the table, with slashes */
	struct buf prefixed; /* the same after the prefix */
	uint64_t repeat;     /* number of earlier rows with the same image */
	bool bad;            /* the row cannot be used; `why` says why, and key is as much of it as is known */
	struct err why;
	struct key_set seen; /* keys of the table so far */
};

/* Makes the sample of the current row.  root: folder of relative paths; prefix: of keys; both end in a slash or are empty.  known:
 * row->repeat is already set, from an earlier pass.  -1: a duplicate key, out of memory. */
int table_row_make(struct table_row *row, const struct table_rows *rows, struct span root, struct span prefix, bool known, struct err *err);
void table_row_free(struct table_row *row);

#endif
