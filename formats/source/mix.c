#include "formats/source/mix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_repeats(const struct sources *sources, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].weight > 1 && !sources->items[i].repeats)
			return err_set(err, "%s*%g: it can be read only once", sources->items[i].path, sources->items[i].weight);
	return 0;
}

/* The pass-th time: those whose weight reaches so far. */
static size_t append_pass(struct source *to, const struct sources *sources, unsigned pass)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const double left = sources->items[i].weight - pass;
		if (left <= 0)
			continue;
		if (to) {
			to[count] = sources->items[i];
			to[count].pass = pass;
			to[count].share = left < 1 ? left : 1;
		}
		count++;
	}
	return count;
}

static bool same(double a, double b)
{
	return !(a < b) && !(a > b);
}

int mix_words(struct value *words, const struct sources *sources, struct arena *arena)
{
	bool plain = true;

	*words = value_array();
	for (size_t i = 0; i < sources->count; i++)
		plain = plain && same(sources->items[i].weight, 1);
	for (size_t i = 0; !plain && i < sources->count; i++) {
		const double weight = sources->items[i].weight;
		char word[32];
		if (i > 0 && same(weight, sources->items[i - 1].weight))
			continue;
		snprintf(word, sizeof word, "*%.9g", weight);
		const char *kept = arena_string(arena, word, strlen(word));
		if (!kept || value_push(words, value_string(kept), arena))
			return -1;
	}
	return 0;
}

int mix_sources(struct sources *sources, struct err *err)
{
	enum { SOURCES_MOST = 1 << 24 };
	size_t total = 0, count;
	unsigned passes = 0;

	if (check_repeats(sources, err))
		return -1;
	while (total <= SOURCES_MOST && (count = append_pass(NULL, sources, passes)) > 0) {
		total += count;
		passes++;
	}
	if (total > SOURCES_MOST || passes > MIX_WEIGHT_MOST)
		return err_set(err, "the weights ask for more passes than %d", MIX_WEIGHT_MOST);
	if (total == 0)
		return 0;
	struct source *items = calloc(total, sizeof *items);
	if (!items)
		return err_memory(err);
	sources->capacity = total;
	total = 0;
	for (unsigned pass = 0; pass < passes; pass++)
		total += append_pass(items + total, sources, pass);
	free(sources->items);
	sources->items = items;
	sources->count = total;
	return 0;
}

int mix_refuse(const struct sources *sources, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].weight < 1 || sources->items[i].weight > 1)
			return err_set(err, "%s: weights are for cc-shard read", sources->items[i].path);
	return 0;
}
