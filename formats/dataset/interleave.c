#include "formats/dataset/interleave.h"

#include <stdlib.h>

struct lane_state {
	double size;    /* its records, or its weight */
	uint64_t given; /* records in this epoch */
	bool ended;
};

enum { LANES_MOST = 64 }; /* each has a file open and a buffer */

/* Of those that --split has left.  0: no memory. */
static size_t count_lanes(const struct sources *sources)
{
	bool *seen = calloc(sources->weight_groups + 1, sizeof *seen);
	size_t count = 0;

	for (size_t i = 0; seen && i < sources->count; i++) {
		count += !seen[sources->items[i].weight_group];
		seen[sources->items[i].weight_group] = true;
	}
	free(seen);
	return count;
}

/* Moves the sources of one lane.  What is left keeps its order. */
static int take_lane(struct sources *to, struct sources *from, size_t lane, struct err *err)
{
	size_t kept = 0;

	to->items = calloc(from->count, sizeof *to->items);
	if (!to->items)
		return err_memory(err);
	to->tables = from->tables;
	for (size_t i = 0; i < from->count; i++)
		*(from->items[i].weight_group == lane ? &to->items[to->count++] : &from->items[kept++]) = from->items[i];
	from->count = kept;
	return 0;
}

static double size_of(const struct sources *sources, bool counted)
{
	double records = 0;

	for (size_t i = 0; i < sources->count; i++)
		records += (double)sources->items[i].records;
	return counted ? records : sources->items[0].weight;
}

/* A reader with the settings of the first. */
static struct reader like(const struct reader *first)
{
	return (struct reader){ .limits = first->limits,
		.lenient = first->lenient,
		.subset = first->subset,
		.wanted = first->wanted,
		.context = first->context,
		.naming = first->naming,
		.behind = first->behind,
		.seed = first->seed };
}

int lanes_init(struct lanes *lanes, struct reader *first, bool counted, struct err *err)
{
	struct sources *sources = &first->sources;
	const size_t count = sources->weight_groups ? count_lanes(sources) : 1;

	*lanes = (struct lanes){ .first = first, .at = first };
	if (count < 2)
		return count ? 0 : err_memory(err);
	if (count > LANES_MOST)
		return err_set(err, "more than %d weights are mixed only by an exact --shuffle", LANES_MOST);
	lanes->others = calloc(count - 1, sizeof *lanes->others);
	lanes->states = calloc(count, sizeof *lanes->states);
	if (!lanes->others || !lanes->states)
		return err_memory(err);
	const size_t own = sources->items[0].weight_group;
	while (lanes->count < count - 1) {
		size_t next = 1;
		while (sources->items[next].weight_group == own)
			next++;
		struct reader *reader = &lanes->others[lanes->count++];
		*reader = like(first);
		if (take_lane(&reader->sources, sources, sources->items[next].weight_group, err))
			return -1;
		lanes->states[lanes->count].size = size_of(&reader->sources, counted);
	}
	lanes->states[0].size = size_of(sources, counted);
	return 0;
}

/* The lane that is furthest behind, of equal ones the first; NULL: all have ended. */
static struct lane_state *choose(struct lanes *lanes)
{
	struct lane_state *chosen = NULL;
	double least = 0;

	for (size_t i = 0; i <= lanes->count; i++) {
		struct lane_state *state = &lanes->states[i];
		double done = ((double)state->given + 0.5) / (state->size > 0 ? state->size : 1);
		if (state->ended || (chosen && done >= least))
			continue;
		chosen = state;
		least = done;
	}
	return chosen;
}

int lanes_next(struct lanes *lanes, struct record *record, bool skip, struct err *err)
{
	struct lane_state *lane;

	if (!lanes->states)
		return reader_next(lanes->first, record, skip, err);
	while ((lane = choose(lanes))) {
		const size_t number = (size_t)(lane - lanes->states);
		lanes->at = number ? &lanes->others[number - 1] : lanes->first;
		int state = reader_next(lanes->at, record, skip, err);
		if (state != READER_END) {
			lane->given += state != READER_CUT;
			return state;
		}
		lane->ended = true;
	}
	return READER_END;
}

int lanes_rewind(struct lanes *lanes, struct err *err)
{
	if (reader_rewind(lanes->first, err))
		return -1;
	for (size_t i = 0; i < lanes->count; i++)
		if (reader_rewind(&lanes->others[i], err))
			return -1;
	for (size_t i = 0; lanes->states && i <= lanes->count; i++) {
		lanes->states[i].given = 0;
		lanes->states[i].ended = false;
	}
	return 0;
}

void lanes_free(struct lanes *lanes)
{
	for (size_t i = 0; i < lanes->count; i++)
		reader_free(&lanes->others[i]);
	free(lanes->others);
	free(lanes->states);
	*lanes = (struct lanes){ 0 };
}
