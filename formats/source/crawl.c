#include "formats/source/crawl.h"

#include "formats/text/json.h"
#include "formats/stream/io.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char tail[] = "_stats.json", ending[] = ".tar";

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
			return err_set(err, "%s: a number from 0 on is expected", numbers[i].name);
		*numbers[i].number = (uint64_t)number;
	}
	stats->reasons = reasons && reasons->kind == VALUE_MAP ? *reasons : value_map();
	return 0;
}

/* "00000" */
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

/* Of its path what its stats begin with; 0: it is no shard of a crawl. */
static size_t stem_of(const char *shard)
{
	size_t size = strlen(shard);

	if (ends_in(shard, ending))
		return size - strlen(ending);
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
	buf_append_string(&path, tail);
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

/* Among sorted names: is there one that begins as this one's first bytes do, with another ending? */
static bool has_partner(const char *name, size_t length, const char *end, const char *const *names, size_t count, struct buf *scratch)
{
	buf_clear(scratch);
	buf_append(scratch, name, length);
	buf_append_string(scratch, end);
	const char *wanted = buf_string(scratch);
	return scratch->failed || bsearch(&wanted, names, count, sizeof *names, compare_names);
}

/* ends: ".tar", or "" where shards are folders. */
static int check_names(const char *folder, const char *const *names, size_t count, const char *ends, struct buf *scratch, struct err *err)
{
	const char *alone = NULL;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(names[i]);
		if (ends_in(names[i], tail)) {
			any = true;
			if (!has_partner(names[i], length - strlen(tail), ends, names, count, scratch))
				return err_set(err, "%s/%s: the shard that it tells of is not there (--subset reads the others)", folder, names[i]);
		} else if (!alone && (*ends ? ends_in(names[i], ends) : is_number(names[i], length)) &&
			!has_partner(names[i], length - strlen(ends), tail, names, count, scratch)) {
			alone = names[i];
		}
	}
	return any && alone ? err_set(err, "%s/%s: img2dataset was not done with this shard, there is no %.*s%s: run it again "
					   "(--subset reads what is there)",
				      folder, alone, (int)(strlen(alone) - strlen(ends)), alone, tail)
			    : 0;
}

enum crawl_form crawl_form_of(const char *const *names, size_t count)
{
	bool stats = false, tfrecord = false, parquet = false, folder = false;

	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(names[i]);
		if (ends_in(names[i], ending))
			return CRAWL_TARS;
		stats = stats || (ends_in(names[i], tail) && is_number(names[i], length - strlen(tail)));
		folder = folder || is_number(names[i], length);
		tfrecord = tfrecord || ends_in(names[i], ".tfrecord");
		parquet = parquet || ends_in(names[i], ".parquet");
	}
	return !stats ? CRAWL_NONE : folder ? CRAWL_FOLDERS : tfrecord ? CRAWL_TFRECORD : parquet ? CRAWL_PARQUET : CRAWL_LOST;
}

int crawl_check_folder(const char *folder, const char *const *names, size_t count, bool folders, struct err *err)
{
	struct buf scratch = { 0 };
	int state = check_names(folder, names, count, folders ? "" : ending, &scratch, err);

	if (scratch.failed)
		state = err_memory(err);
	buf_free(&scratch);
	return state;
}
