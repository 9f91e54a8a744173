/* Reads one cell of a text table; table.c assembles rows. */
#ifndef TEXT_TABLE_CELL_H
#define TEXT_TABLE_CELL_H

#include "formats/text/table.h"

/* Position of the cell's content in table->text. */
struct table_cell {
	size_t begin, size;
};

enum { TABLE_END = -1, TABLE_FAILED = -2 };

/* The next byte, which is not consumed; TABLE_END or TABLE_FAILED. */
int table_peek(struct table *table, struct err *err);
void table_take(struct table *table, size_t size);

/* Consumes a CR.  1: it ends the line; 0: it is text; TABLE_FAILED. */
int table_take_cr(struct table *table, struct err *err);

/* Appends the next cell.  -1: an error, which names line and column. */
int table_read_cell(struct table *table, struct err *err);

/* "line 3, column 7: why".  Returns -1. */
int table_wrong_here(const struct table *table, const char *why, struct err *err);

#endif
