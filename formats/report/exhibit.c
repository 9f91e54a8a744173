#include "formats/report/exhibit.h"

#include "formats/stream/io.h"
#include "formats/text/json.h"
#include "formats/stream/file_kind.h"
#include "formats/report/svg.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool result_is_one(const struct value *object)
{
	const struct value *metric = value_get(object, "metric");

	return metric && metric->kind == VALUE_STRING;
}

static bool is_number(const struct value *value)
{
	return value && (value->kind == VALUE_REAL || value->kind == VALUE_INTEGER);
}

/* Reads map[name], an array of two numbers. */
static bool get_pair(const struct value *map, const char *name, double pair[2])
{
	const struct value *list = value_get(map, name);

	if (!list || list->kind != VALUE_ARRAY || list->list.count != 2 || !is_number(&list->list.items[0]) ||
		!is_number(&list->list.items[1]))
		return false;
	pair[0] = value_real_or(&list->list.items[0], 0);
	pair[1] = value_real_or(&list->list.items[1], 0);
	return true;
}

static int add_number(struct result *result, struct span name, const struct value *value, struct arena *arena)
{
	const char *text = arena_string(arena, name.data, name.size);
	struct result_number *number = &result->numbers[result->count];
	double pair[2];

	if (!text)
		return -1;
	if (!is_number(value))
		return 0;
	*number = (struct result_number){ .name = span_string(text), .value = value_real_or(value, 0) };
	number->interval = get_pair(value_get(result->object, "intervals"), text, pair);
	if (number->interval) {
		number->low = pair[0];
		number->high = pair[1];
	}
	if (get_pair(value_get(result->object, "counts"), text, pair) && pair[0] >= 0 && pair[0] <= pair[1] && pair[1] < 0x1p63) {
		number->hits = (uint64_t)pair[0];
		number->of = (uint64_t)pair[1];
	}
	result->count++;
	return 0;
}

/* For a score without "metrics". */
static int add_value(struct result *result, struct arena *arena)
{
	double pair[2];

	if (add_number(result, result->metric, value_get(result->object, "value"), arena))
		return -1;
	if (result->count && !result->numbers[0].interval && get_pair(result->object, "interval", pair)) {
		result->numbers[0].interval = true;
		result->numbers[0].low = pair[0];
		result->numbers[0].high = pair[1];
	}
	return 0;
}

int result_read(struct result *result, const struct value *object, struct arena *arena, struct err *err)
{
	const struct value *metrics = value_get(object, "metrics");
	const size_t count = metrics && metrics->kind == VALUE_MAP ? metrics->list.count : 0;
	const int64_t n = value_integer_or(value_get(object, "n"), 0);

	*result = (struct result){ .object = object,
		.n = n > 0 ? (uint64_t)n : 0,
		.metric = value_string_or(value_get(object, "metric"), ""),
		.model = value_string_or(value_get(object, "model"), ""),
		.numbers = arena_zeroed(arena, count + 1, sizeof *result->numbers) };
	if (!result->numbers)
		return err_memory(err);
	for (size_t i = 0; i < count; i++)
		if (add_number(result, metrics->list.items[2 * i].string, &metrics->list.items[2 * i + 1], arena))
			return err_memory(err);
	if (result->count == 0 && add_value(result, arena))
		return err_memory(err);
	return result->count ? 0
			     : err_set(err, "the score of %.*s has no number in \"metrics\" or \"value\"", span_shown(result->metric, 100),
				       (const char *)result->metric.data);
}

const struct result_number *result_find(const struct result *result, struct span name)
{
	for (size_t i = 0; i < result->count; i++)
		if (span_equal(result->numbers[i].name, name))
			return &result->numbers[i];
	return NULL;
}

static struct value member(const struct value *map, const char *name)
{
	const struct value *value = value_get(map, name);

	return value ? *value : (struct value){ .kind = VALUE_NULL };
}

int result_question(const struct result *result, struct span *question, struct arena *arena, struct err *err)
{
	const struct value *classes = value_get(result->object, "classes");
	struct value map = value_map();
	struct buf text = { 0 };

	value_set(&map, "metric", member(result->object, "metric"), arena);
	value_set(&map, "dataset", member(result->object, "dataset"), arena);
	value_set(&map, "settings", member(result->object, "settings"), arena);
	value_set(&map, "classes", member(classes, "names"), arena);
	const int status = arena->failed ? err_memory(err) : json_write(&map, &text, err);
	const char *copy = status ? NULL : arena_string(arena, text.data, text.size);
	*question = span_of(copy, copy ? text.size : 0);
	buf_free(&text);
	return status || copy ? status : err_memory(err);
}

static bool differs(const struct value *a, const struct value *b, const char *name, struct span *is, struct span *was)
{
	*is = value_string_or(value_get(a, name), "none");
	*was = value_string_or(value_get(b, name), "none");
	return !span_equal(*is, *was);
}

void result_difference(const struct result *result, const struct result *first, struct buf *out)
{
	const struct value *ours = value_get(result->object, "classes"), *theirs = value_get(first->object, "classes");
	struct span is, was;

	if (result->n != first->n)
		buf_printf(out, "%llu records, not %llu", (unsigned long long)result->n, (unsigned long long)first->n);
	if (differs(ours, theirs, "kind", &is, &was))
		buf_printf(out, "%sclassified by its %.*s, not by %.*s", out->size ? "; " : "", (int)is.size, (const char *)is.data,
			(int)was.size, (const char *)was.data);
	else if (differs(ours, theirs, "templates", &is, &was))
		buf_printf(out, "%stemplates %.*s, not %.*s", out->size ? "; " : "", (int)is.size, (const char *)is.data, (int)was.size,
			(const char *)was.data);
}

enum { MAX_SCORE = 16 << 20, MAX_PICTURE = 64 << 20, MAX_FIGURE = 16 << 20, MAX_TABLE = 4 << 20, FIRST_LINE = 64 << 10 }; /* bytes */

static void set_names(struct exhibit *exhibit, struct span name, const char *path)
{
	const char *slash = strrchr(path, '/'), *folder = slash;

	exhibit->name = name;
	exhibit->path = path;
	while (folder && folder > exhibit->path && folder[-1] != '/')
		folder--;
	exhibit->run = slash ? span_of(folder, (size_t)(slash - folder)) : span_of(NULL, 0);
}

/* The object is the score and its provenance. */
static int take_score(struct exhibit *exhibit, const struct value *object, struct err *err)
{
	const struct value *prog = value_get(object, "prog");

	exhibit->kind = EXHIBIT_SCORE;
	exhibit->made = prog && prog->kind == VALUE_ARRAY && prog->list.count;
	exhibit->provenance.kind = "score";
	exhibit->provenance.header = *object;
	return result_read(&exhibit->result, object, &exhibit->provenance.arena, err);
}

static int fail_unknown(struct err *err)
{
	return err_set(
		err, "not a score of cc-score, JSON lines of cc-train, a PNG, an SVG, a tab-separated table or a file with provenance");
}

static int read_score(struct exhibit *exhibit, const struct limits *limits, struct err *err)
{
	struct arena *arena = &exhibit->provenance.arena;
	struct buf text = { 0 };
	struct value *object = arena_zeroed(arena, 1, sizeof *object);
	int status = object ? io_read_file(exhibit->path, MAX_SCORE, &text, err) : err_memory(err);

	if (status == 0 && json_read(buf_span(&text), limits, arena, object, err))
		status = err_add(err, "%s", exhibit->path);
	else if (status == 0 && (!result_is_one(object) || take_score(exhibit, object, err)))
		status = result_is_one(object) ? err_add(err, "%s", exhibit->path) : 1;
	buf_free(&text);
	return status;
}

/* Is the first line of a training run? */
static bool begins_as_curve(int fd)
{
	const struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct value line;
	struct err err;
	bool result = false;

	unsigned char *bytes = buf_reserve(&text, FIRST_LINE);
	const ssize_t size = bytes ? io_read_at(fd, bytes, FIRST_LINE, 0, &err) : -1;
	const unsigned char *end = size > 0 ? memchr(bytes, '\n', (size_t)size) : NULL;
	if (size > 0 && json_read(span_of(bytes, end ? (size_t)(end - bytes) : (size_t)size), &limits, &arena, &line, &err) == 0)
		result = curve_is_line(&line);
	buf_free(&text);
	arena_free(&arena);
	return result;
}

static int read_json(struct exhibit *exhibit, int fd, const struct limits *limits, struct err *err)
{
	if (begins_as_curve(fd)) {
		exhibit->kind = EXHIBIT_CURVE;
		return curve_read(&exhibit->curve, fd, err) ? err_add(err, "%s", exhibit->path) : 0;
	}
	const int status = read_score(exhibit, limits, err);
	if (status <= 0)
		return status;
	provenance_free(&exhibit->provenance);
	exhibit->provenance = (struct provenance){ 0 };
	exhibit->kind = EXHIBIT_MADE;
	exhibit->made = true;
	if (provenance_read(&exhibit->provenance, exhibit->path, limits, err) == 0)
		return 0;
	fail_unknown(err);
	return err_add(err, "%s", exhibit->path);
}

static size_t big_endian(const unsigned char *bytes)
{
	return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* Only the size is read; the browser decodes it. */
static int read_picture(struct exhibit *exhibit, struct err *err)
{
	struct buf *picture = &exhibit->content;

	exhibit->kind = EXHIBIT_PICTURE;
	if (io_read_file(exhibit->path, MAX_PICTURE, picture, err))
		return -1;
	if (picture->size < 33 || memcmp(picture->data, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(picture->data + 12, "IHDR", 4) != 0)
		return err_set(err, "%s: only PNG pictures are supported", exhibit->path);
	exhibit->width = big_endian(picture->data + 16);
	exhibit->height = big_endian(picture->data + 20);
	return 0;
}

static int read_figure(struct exhibit *exhibit, struct err *err)
{
	exhibit->kind = EXHIBIT_FIGURE;
	if (io_read_file(exhibit->path, MAX_FIGURE, &exhibit->content, err))
		return -1;
	if (!svg_size(buf_span(&exhibit->content), &exhibit->width, &exhibit->height))
		return err_set(err, "%s: the SVG has no size; it needs a viewBox, or width and height", exhibit->path);
	return 0;
}

static int read_table(struct exhibit *exhibit, struct err *err)
{
	exhibit->kind = EXHIBIT_TABLE;
	return io_read_file(exhibit->path, MAX_TABLE, &exhibit->content, err);
}

/* Of text that is not JSON. */
enum text_kind { TEXT_OTHER, TEXT_SVG, TEXT_TABLE };

static enum text_kind text_kind(int fd)
{
	char start[FIRST_LINE];
	const ssize_t got = pread(fd, start, sizeof start - 1, 0);

	start[got > 0 ? got : 0] = 0;
	const char *mark = strchr(start, '<');
	const size_t line = strcspn(start, "\n");
	if (mark == start || strncmp(start, "\xef\xbb\xbf<", 4) == 0)
		return strstr(start, "<svg") ? TEXT_SVG : TEXT_OTHER;
	return memchr(start, '\t', line) && memchr(start, '\n', (size_t)(got > 0 ? got : 0)) ? TEXT_TABLE : TEXT_OTHER;
}

static int read_file(struct exhibit *exhibit, int fd, const struct limits *limits, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		return err_set(err, "%s: not a regular file%s", exhibit->path,
			S_ISDIR(status.st_mode) ? " but a folder; name the files in it" : "");
	if (status.st_size == 0)
		return err_set(err, "%s: the file is empty", exhibit->path);
	switch (file_kind(fd)) {
	case FILE_IMAGE: return read_picture(exhibit, err);
	case FILE_JSON: return read_json(exhibit, fd, limits, err);
	case FILE_OTHER:
		switch (text_kind(fd)) {
		case TEXT_SVG: return read_figure(exhibit, err);
		case TEXT_TABLE: return read_table(exhibit, err);
		case TEXT_OTHER: break;
		}
		/* fall through */
	default:
		exhibit->kind = EXHIBIT_MADE;
		exhibit->made = true;
		return provenance_read(&exhibit->provenance, exhibit->path, limits, err);
	}
}

int exhibit_read(struct exhibit *exhibit, struct span name, const char *path, const struct limits *limits, struct err *err)
{
	*exhibit = (struct exhibit){ 0 };
	set_names(exhibit, name, path);
	const int fd = open(exhibit->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", exhibit->path);
	const int status = read_file(exhibit, fd, limits, err);
	close(fd);
	return status;
}

void exhibit_free(struct exhibit *exhibit)
{
	curve_free(&exhibit->curve);
	buf_free(&exhibit->content);
	provenance_free(&exhibit->provenance);
}

struct span exhibit_model(const struct exhibit *exhibit)
{
	if (exhibit->kind == EXHIBIT_SCORE)
		return exhibit->result.model;
	return exhibit->made ? exhibit->provenance.digest : span_of(NULL, 0);
}
