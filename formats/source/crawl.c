#include "formats/source/crawl.h"

#include "formats/text/json.h"
#include "formats/stream/io.h"
#include "text/printable.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char stats_suffix[] = "_stats.json", tar_suffix[] = ".tar";

static bool ends_in(const char *name, const char *end)
{
	const size_t length = strlen(name), wanted = strlen(end);

	return length > wanted && strcmp(name + length - wanted, end) == 0;
}

static int read_numbers(struct crawl_stats *stats, const struct value *map, struct err *err)
{
	const struct {
		const char *name;
		uint64_t *number;
	} numbers[] = { { "count", &stats->links }, { "successes", &stats->stored }, { "failed_to_download", &stats->not_downloaded },
		{ "failed_to_resize", &stats->not_resized } };
	const struct value *reasons = value_get(map, "status_dict");

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const int64_t number = value_integer_or(value_get(map, numbers[i].name), -1);
		if (number < 0)
			return err_set(err, "%s: expected an integer of at least 0", numbers[i].name);
		*numbers[i].number = (uint64_t)number;
	}
	stats->reasons = reasons && reasons->kind == VALUE_MAP ? *reasons : value_map();
	return 0;
}

static bool is_number(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (name[i] < '0' || name[i] > '9')
			return false;
	return size > 0;
}

bool crawl_is_folder(const char *path)
{
	size_t end = strlen(path), begin;

	while (end && path[end - 1] == '/')
		end--;
	for (begin = end; begin && path[begin - 1] != '/';)
		begin--;
	return is_number(path + begin, end - begin);
}

/* Length of the part of a shard's path that its statistics' path begins with; 0: not a shard of a crawl. */
static size_t stem_of(const char *shard)
{
	size_t size = strlen(shard);

	if (ends_in(shard, tar_suffix))
		return size - strlen(tar_suffix);
	if (!crawl_is_folder(shard))
		return 0;
	while (size && shard[size - 1] == '/')
		size--;
	return size;
}

int crawl_stats_read(const char *shard, struct crawl_stats *stats, struct arena *arena, struct err *err)
{
	struct buf path = { 0 }, text = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	struct value map;
	int state = 0;

	if (!stem_of(shard))
		return 0;
	buf_append(&path, shard, stem_of(shard));
	buf_append_string(&path, stats_suffix);
	if (path.failed)
		state = err_memory(err);
	else if (access(buf_string(&path), F_OK) == 0)
		state = io_read_file(buf_string(&path), limits.record, &text, err) ? -1
			: json_read(buf_span(&text), &limits, arena, &map, err) || read_numbers(stats, &map, err)
				? err_add(err, "%s", buf_string(&path))
				: 1;
	buf_free(&text);
	buf_free(&path);
	return state;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Do the sorted names contain the first `length` bytes of `name` followed by `end`? */
static bool has_partner(const char *name, size_t length, const char *end, const char *const *names, size_t count, struct buf *scratch)
{
	buf_clear(scratch);
	buf_append(scratch, name, length);
	buf_append_string(scratch, end);
	const char *wanted = buf_string(scratch);
	return scratch->failed || bsearch(&wanted, names, count, sizeof *names, compare_names);
}

/* ends: ".tar", or "" if the shards are folders. */
static int check_names(const char *folder, const char *const *names, size_t count, const char *ends, struct buf *scratch, struct err *err)
{
	const char *alone = NULL;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(names[i]);
		if (ends_in(names[i], stats_suffix)) {
			any = true;
			if (!has_partner(names[i], length - strlen(stats_suffix), ends, names, count, scratch))
				return err_set(err, "%s/%s: its shard is missing (--subset reads the others)", folder, names[i]);
		} else if (!alone && (*ends ? ends_in(names[i], ends) : is_number(names[i], length)) &&
			   !has_partner(names[i], length - strlen(ends), stats_suffix, names, count, scratch)) {
			alone = names[i];
		}
	}
	return any && alone
		       ? err_set(err, "%s/%s: unfinished: img2dataset has not written %.*s%s; run it again (--subset reads what exists)",
				 folder, alone, (int)(strlen(alone) - strlen(ends)), alone, stats_suffix)
		       : 0;
}

enum crawl_form crawl_form_of(const char *const *names, size_t count)
{
	bool stats = false, tfrecord = false, parquet = false, folder = false;

	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(names[i]);
		if (ends_in(names[i], tar_suffix))
			return CRAWL_TARS;
		stats = stats || (ends_in(names[i], stats_suffix) && is_number(names[i], length - strlen(stats_suffix)));
		folder = folder || is_number(names[i], length);
		tfrecord = tfrecord || ends_in(names[i], ".tfrecord");
		parquet = parquet || ends_in(names[i], ".parquet");
	}
	return !stats ? CRAWL_NONE : folder ? CRAWL_FOLDERS : tfrecord ? CRAWL_TFRECORD : parquet ? CRAWL_PARQUET : CRAWL_LOST;
}

int crawl_check_folder(const char *folder, const char *const *names, size_t count, bool folders, struct err *err)
{
	struct buf scratch = { 0 };
	int state = check_names(folder, names, count, folders ? "" : tar_suffix, &scratch, err);

	if (scratch.failed)
		state = err_memory(err);
	buf_free(&scratch);
	return state;
}

enum { LONGEST_REASON = 120, REASONS_SHOWN = 10, REASONS_MOST = 4096 };

/* Index of a reason in the sum; of "other" once there are REASONS_MOST.  -1: out of memory. */
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
			sorted[failures++] =
				(struct reason){ reasons->list.items[2 * i].string, value_integer_or(&reasons->list.items[2 * i + 1], 0) };
	if (sorted)
		qsort(sorted, failures, sizeof *sorted, more_first);
	for (size_t i = 0; i < failures && i < REASONS_SHOWN; i++) {
		buf_printf(out, "%12" PRId64 "  ", sorted[i].count);
		append_printable(out, span_of(sorted[i].text.data, (size_t)span_shown(sorted[i].text, LONGEST_REASON)));
		buf_append_byte(out, '\n');
	}
	if (failures > REASONS_SHOWN)
		buf_printf(out, "%12s  and %zu other reasons (--json lists them)\n", "", failures - REASONS_SHOWN);
	out->failed = out->failed || !sorted;
	free(sorted);
}

void crawl_sum_print(const struct crawl_sum *sum, struct buf *out)
{
	const struct crawl_stats *stats = &sum->stats;

	buf_printf(out, "\n%12" PRIu64 "  links in %" PRIu64 " shards of img2dataset\n", stats->links, sum->shards);
	buf_printf(out, "%12" PRIu64 "  stored\n%12" PRIu64 "  not downloaded\n%12" PRIu64 "  not resized\n", stats->stored,
		stats->not_downloaded, stats->not_resized);
	print_reasons(&stats->reasons, out);
}

void crawl_sum_free(struct crawl_sum *sum)
{
	map_free(&sum->names);
	arena_free(&sum->arena);
}
