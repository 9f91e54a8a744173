/* Reads the objects of a JSON text one by one in constant memory: JSON lines (one object per line) or one array of objects.  UTF-8, plain
 * or compressed.  Blank lines are skipped. */
#ifndef TEXT_JSON_ROWS_H
#define TEXT_JSON_ROWS_H

#include "core/value.h"
#include "formats/stream/limits.h"
#include "formats/text/table.h"

struct json_rows {
	struct limits limits; /* of a row; limits.string: its size in bytes */
	bool started;
	bool array, closed;   /* the text begins with [; the matching ] was read */
	struct value object;  /* the row, a map; valid until the next row */
	bool bad;             /* the row is not an object; `why` says why */
	struct err why;
	struct arena arena;
};

/* Is it JSON?  Checks whether a table that was not yet read begins with { or [ after white space. */
bool json_rows_are(struct table *table, struct err *err);

/* Reads the next row from the table, and sets the table's line, offset and end to those of the row.  1: a row; 0: no more rows; -1: the
 * rest cannot be read ("line 3: why").
 * table_open, table_piece and table_close are used as for other tables; the first row must be read before rows at other offsets. */
int json_rows_next(struct json_rows *rows, struct table *table, struct err *err);
void json_rows_close(struct json_rows *rows);

#endif
