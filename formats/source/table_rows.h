/* The rows of a table, whether they are CSV, JSON lines or an array of JSON objects: four cells of each. */
#ifndef SOURCE_TABLE_ROWS_H
#define SOURCE_TABLE_ROWS_H

#include "formats/text/json_rows.h"
#include "formats/source/table_columns.h"
#include "formats/stream/key_set.h"

struct table_rows {
	const struct table_options *options;
	struct table table;    /* its line, offset and end are the row's */
	struct json_rows json;
	bool is_json;
	bool again;            /* the row at hand, which named the columns, comes next */
	bool lists;            /* its captions are lists */
	struct table_columns columns;
	struct buf cells[TABLE_PARTS]; /* of JSON */
	bool bad;              /* the row cannot be used: why */
	struct err why;
};

/* A file called .json that is an array: a table, and not a list of shards. */
bool table_is_array(const char *path);

/* Reads the first row, which names the columns.  fd and path are borrowed. */
int table_rows_open(struct table_rows *rows, int fd, const char *path, const struct table_options *options, const struct limits *limits,
	struct err *err);

/* The same for reading rows at places that an earlier pass found: table_rows_piece before each table_rows_next. */
int table_rows_open_pieces(struct table_rows *rows, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err);
void table_rows_piece(struct table_rows *rows, int fd, uint64_t offset, uint64_t end);
void table_rows_close(struct table_rows *rows);

/* 1; 0: there is none; -1: nothing after it can be read. */
int table_rows_next(struct table_rows *rows, struct err *err);

/* A cell of the row, borrowed until the next one; empty: there is none. */
struct span table_rows_cell(const struct table_rows *rows, enum table_part part);

/* One row of a table as a sample: its key, its image's path, whether it can be used.
 * The key is the path of the image as the table has it, without what is no name (/, ., ..) and without its ending, other dots being
 * _; where further rows name the same image, ~2, ~3 and so on behind it.  Or it is what the key column says, which must be unique. */
struct table_row {
	struct buf key, path;
	struct buf image;    /* the path as the table has it, with our separators */
	struct buf below;    /* the same with the prefix */
	uint64_t repeat;     /* rows before this one that name the same image */
	bool bad;            /* why it cannot be used; key is then whatever can be told of it */
	struct err why;
	struct key_set seen; /* of the table, so far */
};

/* Of the row at hand.  root: where paths begin, prefix: where keys do, each with a slash at its end.  known: row->repeat is what an earlier pass found.
 * -1: a key that stands twice. */
int table_row_make(struct table_row *row, const struct table_rows *rows, struct span root, struct span prefix, bool known, struct err *err);
void table_row_free(struct table_row *row);

#endif
