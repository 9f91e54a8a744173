#include "formats/source/crawl_sum.h"

#include "text/printable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_REASON = 120, REASONS_SHOWN = 10, REASONS_MOST = 4096 };

/* The place of a reason in the sum: its own, or where there are REASONS_MOST that of "other".  -1: no memory. */
static int64_t find_reason(struct crawl_sum *sum, struct span reason)
{
	struct value *known = &sum->stats.reasons;
	int64_t number = map_find(&sum->names, reason);

	if (number == MAP_NONE && sum->names.count >= REASONS_MOST) {
		reason = span_string("other");
		number = map_find(&sum->names, reason);
	}
	if (number != MAP_NONE)
		return number;
	const char *text = arena_string(&sum->arena, reason.data, reason.size);
	if (!text || value_add(known, span_of(text, reason.size), value_integer(0), &sum->arena))
		return -1;
	return map_add(&sum->names, reason);
}

static int add_reasons(struct crawl_sum *sum, const struct value *reasons)
{
	for (size_t i = 0; i < reasons->list.count; i++) {
		const struct value *reason = &reasons->list.items[2 * i];
		const int64_t number = find_reason(sum, reason->string);
		if (number < 0)
			return -1;
		struct value *count = &sum->stats.reasons.list.items[2 * number + 1];
		*count = value_integer((int64_t)((uint64_t)value_integer_or(count, 0) + (uint64_t)value_integer_or(reason + 1, 0)));
	}
	return 0;
}

int crawl_sum_add(struct crawl_sum *sum, const char *tar, struct err *err)
{
	struct arena arena = { 0 };
	struct crawl_stats stats;
	int found = crawl_stats_read(tar, &stats, &arena, err);

	if (found == 1) {
		if (sum->shards++ == 0)
			sum->stats.reasons = value_map();
		sum->stats.links += stats.links;
		sum->stats.stored += stats.stored;
		sum->stats.not_downloaded += stats.not_downloaded;
		sum->stats.not_resized += stats.not_resized;
		if (add_reasons(sum, &stats.reasons))
			found = err_memory(err);
	}
	arena_free(&arena);
	return found < 0 ? -1 : 0;
}

struct value crawl_sum_value(const struct crawl_sum *sum, struct arena *arena)
{
	struct value map = value_map();

	value_set(&map, "shards", value_integer((int64_t)sum->shards), arena);
	value_set(&map, "links", value_integer((int64_t)sum->stats.links), arena);
	value_set(&map, "stored", value_integer((int64_t)sum->stats.stored), arena);
	value_set(&map, "not_downloaded", value_integer((int64_t)sum->stats.not_downloaded), arena);
	value_set(&map, "not_resized", value_integer((int64_t)sum->stats.not_resized), arena);
	value_set(&map, "reasons", sum->stats.reasons, arena);
	return map;
}

struct reason {
	struct span text;
	int64_t count;
};

static int more_first(const void *a, const void *b)
{
	const struct reason *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return span_compare(one->text, other->text);
}

static void print_reasons(const struct value *reasons, struct buf *out)
{
	const size_t count = reasons->list.count;
	struct reason *sorted = calloc(count + 1, sizeof *sorted);
	size_t failures = 0;

	for (size_t i = 0; sorted && i < count; i++)
		if (!span_is(reasons->list.items[2 * i].string, "success"))
			sorted[failures++] = (struct reason){ reasons->list.items[2 * i].string, value_integer_or(&reasons->list.items[2 * i + 1], 0) };
	if (sorted)
		qsort(sorted, failures, sizeof *sorted, more_first);
	for (size_t i = 0; i < failures && i < REASONS_SHOWN; i++) {
		buf_printf(out, "%12" PRId64 "  ", sorted[i].count);
		append_printable(out, span_of(sorted[i].text.data, (size_t)span_shown(sorted[i].text, LONGEST_REASON)));
		buf_append_byte(out, '\n');
	}
	if (failures > REASONS_SHOWN)
		buf_printf(out, "%12s  and %zu other reasons (--json)\n", "", failures - REASONS_SHOWN);
	out->failed = out->failed || !sorted;
	free(sorted);
}

void crawl_sum_print(const struct crawl_sum *sum, struct buf *out)
{
	const struct crawl_stats *stats = &sum->stats;

	buf_printf(out, "\n%12" PRIu64 "  links of img2dataset in %" PRIu64 " shards\n", stats->links, sum->shards);
	buf_printf(out, "%12" PRIu64 "  stored\n%12" PRIu64 "  not downloaded\n%12" PRIu64 "  not resized\n", stats->stored, stats->not_downloaded,
		stats->not_resized);
	print_reasons(&stats->reasons, out);
}

void crawl_sum_free(struct crawl_sum *sum)
{
	map_free(&sum->names);
	arena_free(&sum->arena);
}
