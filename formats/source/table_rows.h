/* The rows of a table, whether they are CSV, JSON lines or an array of JSON objects: four cells of each. */
#ifndef SOURCE_TABLE_ROWS_H
#define SOURCE_TABLE_ROWS_H

#include "formats/text/json_rows.h"
#include "formats/source/table_columns.h"

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

#endif
