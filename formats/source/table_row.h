/* One row of a table as a sample: its key, its image's path, whether it can be used.
 * The key is the path of the image as the table has it, without what is no name (/, ., ..) and without its ending, other dots being
 * _; where further rows name the same image, ~2, ~3 and so on behind it.  Or it is what the key column says, which must be unique. */
#ifndef SOURCE_TABLE_ROW_H
#define SOURCE_TABLE_ROW_H

#include "formats/stream/key_set.h"
#include "formats/source/table_rows.h"

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
