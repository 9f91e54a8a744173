#include "formats/dataset/record_order.h"

#include <stdlib.h>

struct group_state {
	double size;    /* its records, or its weight */
	uint64_t delivered; /* records in this epoch */
	bool ended;
};

enum { GROUPS_MOST = 64 }; /* each has a file open and a buffer */

/* Number of groups that --split left.  0: out of memory. */
static size_t count_groups(const struct sources *sources)
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

/* Moves the sources of one group from `from` to `to`, and keeps the order of both. */
static int take_group(struct sources *to, struct sources *from, size_t group, struct err *err)
{
	size_t kept = 0;

	to->items = calloc(from->count, sizeof *to->items);
	if (!to->items)
		return err_memory(err);
	to->tables = from->tables;
	for (size_t i = 0; i < from->count; i++)
		*(from->items[i].weight_group == group ? &to->items[to->count++] : &from->items[kept++]) = from->items[i];
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

static struct reader copy_settings(const struct reader *first)
{
	return (struct reader){ .limits = first->limits,
		.lenient = first->lenient,
		.subset = first->subset,
		.wanted = first->wanted,
		.context = first->context,
		.naming = first->naming,
		.later_progs = first->later_progs,
		.seed = first->seed };
}

int interleave_init(struct interleave *interleave, struct reader *first, bool counted, struct err *err)
{
	struct sources *sources = &first->sources;
	const size_t count = sources->weight_groups ? count_groups(sources) : 1;

	*interleave = (struct interleave){ .first = first, .current = first };
	if (count < 2)
		return count ? 0 : err_memory(err);
	if (count > GROUPS_MOST)
		return err_set(err, "more than %d weights; use --shuffle without =N to mix them", GROUPS_MOST);
	interleave->others = calloc(count - 1, sizeof *interleave->others);
	interleave->states = calloc(count, sizeof *interleave->states);
	if (!interleave->others || !interleave->states)
		return err_memory(err);
	const size_t own = sources->items[0].weight_group;
	while (interleave->count < count - 1) {
		size_t next = 1;
		while (sources->items[next].weight_group == own)
			next++;
		struct reader *reader = &interleave->others[interleave->count++];
		*reader = copy_settings(first);
		if (take_group(&reader->sources, sources, sources->items[next].weight_group, err))
			return -1;
		interleave->states[interleave->count].size = size_of(&reader->sources, counted);
	}
	interleave->states[0].size = size_of(sources, counted);
	return 0;
}

/* The group that has delivered the smallest share of its records, or the first of equals; NULL: all have ended. */
static struct group_state *choose(struct interleave *interleave)
{
	struct group_state *chosen = NULL;
	double least = 0;

	for (size_t i = 0; i <= interleave->count; i++) {
		struct group_state *state = &interleave->states[i];
		double done = ((double)state->delivered + 0.5) / (state->size > 0 ? state->size : 1);
		if (state->ended || (chosen && done >= least))
			continue;
		chosen = state;
		least = done;
	}
	return chosen;
}

int interleave_next(struct interleave *interleave, struct record *record, bool skip, struct err *err)
{
	struct group_state *group;

	if (!interleave->states)
		return reader_next(interleave->first, record, skip, err);
	while ((group = choose(interleave))) {
		const size_t number = (size_t)(group - interleave->states);
		interleave->current = number ? &interleave->others[number - 1] : interleave->first;
		int state = reader_next(interleave->current, record, skip, err);
		if (state != READER_END) {
			group->delivered += state != READER_CUT;
			return state;
		}
		group->ended = true;
	}
	return READER_END;
}

int interleave_rewind(struct interleave *interleave, struct err *err)
{
	if (reader_rewind(interleave->first, err))
		return -1;
	for (size_t i = 0; i < interleave->count; i++)
		if (reader_rewind(&interleave->others[i], err))
			return -1;
	for (size_t i = 0; interleave->states && i <= interleave->count; i++) {
		interleave->states[i].delivered = 0;
		interleave->states[i].ended = false;
	}
	return 0;
}

void interleave_free(struct interleave *interleave)
{
	for (size_t i = 0; i < interleave->count; i++)
		reader_free(&interleave->others[i]);
	free(interleave->others);
	free(interleave->states);
	*interleave = (struct interleave){ 0 };
}

int shuffle_buffer_init(struct shuffle_buffer *buffer, size_t size, struct err *err)
{
	*buffer = (struct shuffle_buffer){ .size = size, .waiting = calloc(size, sizeof *buffer->waiting) };
	return buffer->waiting ? 0 : err_memory(err);
}

void shuffle_buffer_epoch(struct shuffle_buffer *buffer, uint64_t seed, uint64_t epoch)
{
	buffer->rng = rng_for(seed, (struct span){ 0 }, epoch, "shuffle buffer");
}

static void swap(struct record *a, struct record *b)
{
	struct record c = *a;

	*a = *b;
	*b = c;
}

bool shuffle_buffer_swap(struct shuffle_buffer *buffer, struct record *record)
{
	if (buffer->count < buffer->size) {
		swap(record, &buffer->waiting[buffer->count++]);
		return false;
	}
	swap(record, &buffer->waiting[rng_below(&buffer->rng, (uint32_t)buffer->size)]);
	return true;
}

bool shuffle_buffer_take(struct shuffle_buffer *buffer, struct record *record)
{
	if (!buffer->count)
		return false;
	uint32_t place = rng_below(&buffer->rng, (uint32_t)buffer->count);
	swap(record, &buffer->waiting[place]);
	swap(&buffer->waiting[place], &buffer->waiting[--buffer->count]);
	return true;
}

void shuffle_buffer_free(struct shuffle_buffer *buffer)
{
	for (size_t i = 0; buffer->waiting && i < buffer->size; i++)
		record_free(&buffer->waiting[i]);
	free(buffer->waiting);
}
