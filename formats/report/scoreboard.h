/* Scores arranged as tables: a row for each state of a model, a column for each number.  Only scores that asked the same
 * stand in one column of a table; those that asked something else get a table of their own. */
#ifndef REPORT_SCOREBOARD_H
#define REPORT_SCOREBOARD_H

#include "formats/report/exhibit.h"

enum { SCORES_IN_A_RUN = 8, COLUMNS_MOST = 12 };

/* One model's scores, at most one of each metric. */
struct board_run {
	const struct exhibit *first; /* names it */
	size_t count;
	const struct exhibit *scores[SCORES_IN_A_RUN];
	struct span questions[SCORES_IN_A_RUN];
	size_t table;
};

struct board_column {
	struct span metric, number;
	const struct exhibit *first; /* that has it: what the others are compared with */
	bool share;                  /* shown in per cent */
};

struct scoreboard {
	struct board_run *runs;
	size_t count, tables;
	struct arena *arena;
};

/* Of all exhibits that are scores; others are skipped.  Lives in the arena. */
int scoreboard_arrange(struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct arena *arena, struct err *err);

/* A table's columns, the best known ones first.  Returns how many. */
size_t scoreboard_columns(const struct scoreboard *board, size_t table, struct board_column columns[COLUMNS_MOST]);

/* The run's number for a column, and the score that it is from; NULL: it has none. */
const struct result_number *board_run_number(const struct board_run *run, const struct board_column *column, const struct exhibit **score);

/* Is `b` another run of what `a` is: the same name, in the same table? */
bool board_run_same(const struct board_run *a, const struct board_run *b);

/* The question that a table asks for a metric; empty: it has no such metric. */
struct span scoreboard_question(const struct scoreboard *board, size_t table, struct span metric);

/* Score tables as HTML. */

/* All tables, each with its protocol and with notes on the cells whose protocol is another; then every number there is. */
int scoreboard_print(const struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct buf *out, struct err *err);

#endif
