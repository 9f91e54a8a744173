/* Objects in a JSON text, one after the other in constant memory: JSON lines (an object a line), or one array of objects.  UTF-8,
 * plain or compressed (by content).  Blank lines do not count. */
#ifndef TEXT_JSON_ROWS_H
#define TEXT_JSON_ROWS_H

#include "core/value.h"
#include "formats/stream/limits.h"
#include "formats/text/table.h"

struct json_rows {
	struct limits limits; /* of a row: string is its longest text */
	bool begun, array, closed; /* the text begins with [, and its ] was read */
	struct value object;  /* of the row, a map: until the next row */
	bool bad;             /* the row is not an object: why */
	struct err why;
	struct arena arena;
};

/* Is it JSON?  Looks at the first byte of a table of which nothing was used yet: { or [ after white space. */
bool json_rows_are(struct table *table, struct err *err);

/* The next row: 1; 0: there is none; -1: nothing after it can be read, "line 3: why".  The table's bytes are read, and its line,
 * offset and end are the row's.  (table_open, table_piece and table_close as for other tables; a row at a place that an earlier pass
 * found is read after the first row.) */
int json_rows_next(struct json_rows *rows, struct table *table, struct err *err);
void json_rows_close(struct json_rows *rows);

#endif
