/* Results as text and tables, to -o FILE (complete or not at all) or to standard output. */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include "tools/cli/tool.h"

/* Prints text, which must not end inside a UTF-8 sequence.  May be called repeatedly; tool_finish names the file of -o.
 * On a terminal, control characters except line feed and tab are escaped (text/printable.h). */
int tool_print(struct tool *tool, struct span text);

/* Opens the file of -o before the first text, so that later only writing can fail. */
int tool_print_open(struct tool *tool);

/* Whether tool_print prints to a terminal: then a tool prints a table for people, otherwise JSON. */
bool tool_prints_to_terminal(const struct tool *tool);

/* A table: text columns aligned left, number columns right, two spaces between them.
 * Cells are added row by row; widths are display widths, so that names in any script line up. */
struct text_table_column {
	bool right;      /* aligned right */
	size_t width;    /* minimum */
};

enum { TEXT_TABLE_COLUMNS = 12 }; /* at most */

struct text_table {
	const struct text_table_column *columns; /* [column_count], borrowed */
	size_t column_count;
	struct buf text;  /* of all cells, escaped */
	struct buf ends;  /* size_t: where each cell ends in text */
};

void text_table_init(struct text_table *table, const struct text_table_column *columns, size_t column_count);
void text_table_cell(struct text_table *table, struct span text); /* escaped as one line of printable text */
void text_table_format(struct text_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Several cells at once: text_table_row(&table, "tower", "parameters"). */
#define text_table_row(table, ...) text_table_cells(table, (const char *const[]){ __VA_ARGS__, NULL })
void text_table_cells(struct text_table *table, const char *const *texts);

/* Appends the table to out, without spaces at line ends, and frees it.  out->failed: out of memory. */
void text_table_print(struct text_table *table, struct buf *out);

/* Replaces tab-separated lines, each with column_count cells, by an aligned table. */
void text_table_align(struct buf *lines, const struct text_table_column *columns, size_t column_count);

#endif
