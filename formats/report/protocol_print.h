/* How scores were measured, beside their table. */
#ifndef REPORT_PROTOCOL_PRINT_H
#define REPORT_PROTOCOL_PRINT_H

#include "formats/report/scoreboard.h"

/* Notes on cells whose protocol differs from the rest of their column, each said once. */
struct notes {
	size_t count;
	struct buf lines; /* each ended by a newline */
};

/* The number of the note that says how `result` differs from `first`; 0: it does not. */
size_t notes_add(struct notes *notes, const struct result *result, const struct result *first);
void notes_print(const struct notes *notes, struct buf *out);
void notes_free(struct notes *notes);

/* "clean accuracy", and which way is better; a number that is not known by its own name. */
void print_title(struct buf *out, const struct board_column *column);

/* A heading: what this table asks that others do not. */
void print_table_title(struct buf *out, const struct scoreboard *board, size_t table);

/* Folded: for each metric of a table all that another run must share to be compared. */
void print_protocols(struct buf *out, const struct board_column *columns, size_t count);

#endif
