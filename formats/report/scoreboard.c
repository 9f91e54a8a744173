#include "formats/report/scoreboard.h"

/* Which numbers of these metrics get a column, in this order.  Other metrics get a column for each number. */
static const struct {
	const char *metric, *number;
} chosen[] = {
	{ "zeroshot", "acc1" },
	{ "probe", "acc1" },
	{ "asr", "asr" },
	{ "asr", "acc1" },
};

enum { CHOSEN = sizeof chosen / sizeof *chosen };

static size_t place_of(struct span metric)
{
	size_t i = 0;

	while (i < CHOSEN && !span_is(metric, chosen[i].metric))
		i++;
	return i;
}

static bool has_metric(const struct board_run *run, struct span metric)
{
	for (size_t i = 0; i < run->count; i++)
		if (span_equal(run->scores[i]->result.metric, metric))
			return true;
	return false;
}

/* If the scores do not name their model, those in one folder belong together. */
static bool is_of_run(const struct board_run *run, const struct exhibit *exhibit)
{
	const struct exhibit *first = run->first;

	return span_equal(first->name, exhibit->name) && span_equal(first->result.model, exhibit->result.model) &&
	       (first->result.model.size || span_equal(first->run, exhibit->run)) && run->count < SCORES_IN_A_RUN &&
	       !has_metric(run, exhibit->result.metric);
}

static int add_score(struct scoreboard *board, const struct exhibit *exhibit, struct err *err)
{
	size_t i = 0;

	while (i < board->count && !is_of_run(&board->runs[i], exhibit))
		i++;
	struct board_run *run = &board->runs[i];
	if (i == board->count)
		*run = (struct board_run){ .first = exhibit };
	board->count += i == board->count;
	if (result_question(&exhibit->result, &run->questions[run->count], board->arena, err))
		return -1;
	run->scores[run->count++] = exhibit;
	return 0;
}

/* The question of a table for a metric; empty: it has no such metric. */
static struct span find_question(const struct scoreboard *board, size_t table, struct span metric)
{
	for (size_t i = 0; i < board->count; i++)
		for (size_t k = 0; board->runs[i].table == table && k < board->runs[i].count; k++)
			if (span_equal(board->runs[i].scores[k]->result.metric, metric))
				return board->runs[i].questions[k];
	return span_of(NULL, 0);
}

/* Does the table have the same question for each metric of the run, or none yet? */
static bool fits(const struct scoreboard *board, size_t table, const struct board_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct span asked = find_question(board, table, run->scores[i]->result.metric);
		if (asked.size && !span_equal(asked, run->questions[i]))
			return false;
	}
	return true;
}

int scoreboard_arrange(struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct arena *arena, struct err *err)
{
	*board = (struct scoreboard){ .arena = arena, .runs = arena_zeroed(arena, count, sizeof *board->runs) };
	if (count && !board->runs)
		return err_memory(err);
	for (size_t i = 0; i < count; i++)
		if (exhibits[i].kind == EXHIBIT_SCORE && add_score(board, &exhibits[i], err))
			return -1;
	for (size_t i = 0; i < board->count; i++)
		board->runs[i].table = SIZE_MAX;
	for (size_t i = 0; i < board->count; i++) {
		size_t table = 0;
		while (table < board->tables && !fits(board, table, &board->runs[i]))
			table++;
		board->runs[i].table = table;
		board->tables += table == board->tables;
	}
	return 0;
}

static void add_column(struct board_column *columns, size_t *count, const struct exhibit *exhibit, struct span name)
{
	const struct result_number *number = result_find(&exhibit->result, name);

	for (size_t i = 0; i < *count; i++)
		if (span_equal(columns[i].metric, exhibit->result.metric) && span_equal(columns[i].number, name))
			return;
	if (number && *count < COLUMNS_MAX)
		columns[(*count)++] = (struct board_column){ exhibit->result.metric, name, exhibit, number->of > 0 };
}

static void add_columns(struct board_column *columns, size_t *count, const struct exhibit *exhibit, size_t place)
{
	const struct result *result = &exhibit->result;

	if (place < CHOSEN && span_is(result->metric, chosen[place].metric))
		add_column(columns, count, exhibit, span_string(chosen[place].number));
	for (size_t i = 0; place == CHOSEN && place_of(result->metric) == CHOSEN && i < result->count; i++)
		add_column(columns, count, exhibit, result->numbers[i].name);
}

size_t scoreboard_columns(const struct scoreboard *board, size_t table, struct board_column columns[COLUMNS_MAX])
{
	size_t count = 0;

	for (size_t place = 0; place <= CHOSEN; place++)
		for (size_t i = 0; i < board->count; i++)
			for (size_t k = 0; board->runs[i].table == table && k < board->runs[i].count; k++)
				add_columns(columns, &count, board->runs[i].scores[k], place);
	return count;
}

const struct result_number *board_run_number(const struct board_run *run, const struct board_column *column, const struct exhibit **score)
{
	for (size_t i = 0; i < run->count; i++)
		if (span_equal(run->scores[i]->result.metric, column->metric)) {
			*score = run->scores[i];
			return result_find(&run->scores[i]->result, column->number);
		}
	return NULL;
}

bool board_run_same(const struct board_run *a, const struct board_run *b)
{
	return a->table == b->table && span_equal(a->first->name, b->first->name);
}
