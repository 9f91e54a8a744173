#include "formats/report/result.h"

#include "formats/text/json.h"

bool result_is_one(const struct value *object)
{
	const struct value *metric = value_get(object, "metric");

	return metric && metric->kind == VALUE_STRING;
}

static bool is_number(const struct value *value)
{
	return value && (value->kind == VALUE_REAL || value->kind == VALUE_INTEGER);
}

/* [a, b] of the map under that name. */
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

/* Without "metrics" there is only the value. */
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

	*result = (struct result){ .object = object, .n = n > 0 ? (uint64_t)n : 0,
		.metric = value_string_or(value_get(object, "metric"), ""), .model = value_string_or(value_get(object, "model"), ""),
		.numbers = arena_zeroed(arena, count + 1, sizeof *result->numbers) };
	if (!result->numbers)
		return err_memory(err);
	for (size_t i = 0; i < count; i++)
		if (add_number(result, metrics->list.items[2 * i].string, &metrics->list.items[2 * i + 1], arena))
			return err_memory(err);
	if (result->count == 0 && add_value(result, arena))
		return err_memory(err);
	return result->count ? 0 : err_set(err, "a score of %.*s without a number in \"metrics\" or \"value\"",
		span_shown(result->metric, 100), (const char *)result->metric.data);
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
		buf_printf(out, "%sanswered by its %.*s, not by %.*s", out->size ? "; " : "", (int)is.size, (const char *)is.data,
			(int)was.size, (const char *)was.data);
	else if (differs(ours, theirs, "templates", &is, &was))
		buf_printf(out, "%stemplates %.*s, not %.*s", out->size ? "; " : "", (int)is.size, (const char *)is.data,
			(int)was.size, (const char *)was.data);
}
