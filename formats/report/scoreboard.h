/* Scores arranged as tables: a row for each state of a model, a column for each number.  A table holds only scores with the
 * same data, settings and classes for each metric; the others get further tables. */
#ifndef REPORT_SCOREBOARD_H
#define REPORT_SCOREBOARD_H

#include "formats/report/exhibit.h"

enum { SCORES_IN_A_RUN = 8, COLUMNS_MAX = 12 };

/* The scores of one model, at most one of each metric. */
struct board_run {
	const struct exhibit *first; /* gives the name */
	size_t count;
	const struct exhibit *scores[SCORES_IN_A_RUN];
	struct span questions[SCORES_IN_A_RUN]; /* of result_question */
	size_t table;
};

struct board_column {
	struct span metric, number;
	const struct exhibit *first; /* the first score that has it: notes compare the others with it */
	bool share;                  /* printed in per cent */
};

struct scoreboard {
	struct board_run *runs;
	size_t count, tables;
	struct arena *arena;
};

/* Arranges all exhibits that are scores.  Lives in the arena, which is borrowed. */
int scoreboard_arrange(struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct arena *arena, struct err *err);

/* Fills in the columns of a table, accuracy and attack success first.  Returns their number. */
size_t scoreboard_columns(const struct scoreboard *board, size_t table, struct board_column columns[COLUMNS_MAX]);

/* The run's number in a column, and its score; NULL: it has none. */
const struct result_number *board_run_number(const struct board_run *run, const struct board_column *column, const struct exhibit **score);

/* Are both runs of the same name in the same table, as with several seeds? */
bool board_run_same(const struct board_run *a, const struct board_run *b);

/* Appends "clean accuracy" or another well-known name with an arrow to the better side; otherwise metric and number.  UTF-8. */
void board_column_title(struct buf *title, const struct board_column *column);

/* Appends all tables, each with its protocol and with notes on scores that were measured differently, then every number. */
int scoreboard_print(const struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct buf *out, struct err *err);

/* Notes on cells whose protocol differs from the rest of their column; equal notes share a number. */
struct notes {
	size_t count;
	struct buf lines; /* each ended by a newline */
};

/* The number of the note on how `result` differs from `first`; 0: it does not. */
size_t notes_add(struct notes *notes, const struct result *result, const struct result *first);
void notes_print(const struct notes *notes, struct buf *out);
void notes_free(struct notes *notes);

/* A heading, and the data and settings of this table that differ from the other tables'. */
void print_table_title(struct buf *out, const struct scoreboard *board, size_t table);

/* For each metric of the columns: a paragraph on how it was measured, folded. */
void print_protocols(struct buf *out, const struct board_column *columns, size_t count);

#endif
