#include "formats/text/json.h"

#include "formats/text/base64.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_INTEGER = 18 /* digits that always fit */ };

struct scan {
	struct span text;
	bool repair; /* it may contain something that Python writes and jansson refuses */
};

/* End of the string that starts at i: its closing quote, or the end of the text. */
static size_t skip_string(struct scan *scan, size_t i)
{
	const struct span text = scan->text;

	for (i++; i < text.size && text.data[i] != '"'; i++)
		if (text.data[i] == '\\') {
			i++;
			scan->repair = scan->repair || (i + 1 < text.size && text.data[i] == 'u' && (text.data[i + 1] | 32) == 'd');
		}
	return i;
}

/* Last character of the number that starts at i.  Marks numbers that may be too large for jansson. */
static size_t skip_number(struct scan *scan, size_t i)
{
	const size_t size = json_number_size(scan->text, i);

	scan->repair =
		scan->repair || size > LONGEST_INTEGER || memchr(scan->text.data + i, 'e', size) || memchr(scan->text.data + i, 'E', size);
	return i + size - 1;
}

/* Counts elements before parsing, because jansson allocates some hundred bytes for each "[],". */
static int check_limits(struct scan *scan, const struct limits *limits, struct err *err)
{
	const struct span text = scan->text;
	size_t depth = 0, elements = 1;

	if (text.size > limits->record)
		return err_set(err, "%zu bytes of JSON, more than the limit of %zu", text.size, limits->record);
	for (size_t i = 0; i < text.size; i++) {
		switch (text.data[i]) {
		case '"': i = skip_string(scan, i); break;
		case '[':
		case '{':
			depth++;
			elements++;
			break;
		case ']':
		case '}': depth -= depth > 0; break;
		case ',':
		case ':': elements++; break;
		case 'N':
		case 'I': scan->repair = true; break;
		case '-':
		case '0':
		case '1':
		case '2':
		case '3':
		case '4':
		case '5':
		case '6':
		case '7':
		case '8':
		case '9': i = skip_number(scan, i); break;
		}
		if (depth > limits->depth)
			return err_set(err, "JSON is nested more than %zu deep", limits->depth);
		if (elements > limits->elements)
			return err_set(err, "JSON has more than %zu elements", limits->elements);
	}
	return 0;
}

static int from_jansson(const json_t *json, struct arena *arena, struct value *value, struct err *err);

static int string_from_jansson(const char *text, size_t size, struct arena *arena, struct value *value, struct err *err)
{
	char *copy = arena_string(arena, text, size);

	*value = value_span(span_of(copy, size));
	return copy ? 0 : err_memory(err);
}

static int list_from_jansson(const json_t *json, struct arena *arena, struct value *value, struct err *err)
{
	bool map = json_is_object(json);
	size_t count = map ? json_object_size(json) : json_array_size(json), i = 0;
	const char *key;
	size_t key_size;
	json_t *item;

	if (map && count > KEYS_MOST)
		return err_set(err, "an object with %zu names; at most %d are supported", count, KEYS_MOST);
	struct value *items = arena_zeroed(arena, count * (map ? 2 : 1) + 1, sizeof *items);
	if (!items)
		return err_memory(err);
	*value = map ? value_map() : value_array();
	value->list.count = count;
	value->list.items = items;
	if (!map) {
		for (; i < count; i++)
			if (from_jansson(json_array_get(json, i), arena, &items[i], err))
				return -1;
		return 0;
	}
	json_object_keylen_foreach ((json_t *)json, key, key_size, item) {
		if (string_from_jansson(key, key_size, arena, &items[i], err) || from_jansson(item, arena, &items[i + 1], err))
			return -1;
		i += 2;
	}
	return 0;
}

static int from_jansson(const json_t *json, struct arena *arena, struct value *value, struct err *err)
{
	*value = (struct value){ .kind = VALUE_NULL };
	switch (json_typeof(json)) {
	case JSON_OBJECT:
	case JSON_ARRAY: return list_from_jansson(json, arena, value, err);
	case JSON_STRING: return string_from_jansson(json_string_value(json), json_string_length(json), arena, value, err);
	case JSON_INTEGER: *value = value_integer(json_integer_value(json)); break;
	case JSON_REAL: *value = value_real(json_real_value(json)); break;
	case JSON_TRUE:
	case JSON_FALSE: *value = value_bool(json_is_true(json)); break;
	case JSON_NULL: break;
	}
	return 0;
}

static struct span without_bom(struct span text)
{
	const bool marked = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;

	return marked ? span_of(text.data + 3, text.size - 3) : text;
}

/* When an allocation fails, jansson 2.14 may free a pointer it does not own, or report invalid UTF-8.  So a failed allocation leaves
 * jansson by a jump instead of returning NULL.  Its memory leaks, just before the program ends. */
static _Thread_local jmp_buf *out_of_memory;

static void *allocate(size_t size)
{
	void *memory = memory_alloc(size);

	if (!memory && out_of_memory)
		longjmp(*out_of_memory, 1);
	return memory;
}

static void set_allocator(void)
{
	json_set_alloc_funcs(allocate, free);
}

static void prepare_jansson(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_allocator);
}

/* wrong->line is 0 if memory ran out. */
static json_t *load(struct span text, json_error_t *wrong)
{
	const size_t flags = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	jmp_buf failed;

	prepare_jansson();
	out_of_memory = &failed;
	if (setjmp(failed)) {
		out_of_memory = NULL;
		wrong->line = 0;
		return NULL;
	}
	json_t *json = json_loadb(text.size ? (const char *)text.data : "", text.size, flags, wrong);
	out_of_memory = NULL;
	return json;
}

static int parse(struct span text, struct arena *arena, struct value *value, json_error_t *wrong, struct err *err)
{
	json_t *json = load(text, wrong);

	if (!json && !wrong->line)
		return err_memory(err);
	if (!json)
		return err_set(err, "line %d, column %d: %s", wrong->line, wrong->column, wrong->text);
	wrong->line = 0;
	int status = from_jansson(json, arena, value, err);
	json_decref(json);
	return status;
}

static int read_text(struct span text, bool line, const struct limits *limits, struct arena *arena, struct value *value,
	json_error_t *wrong, struct err *err)
{
	struct scan scan = { .text = without_bom(text) };
	struct buf repaired = { 0 };

	wrong->line = 0;
	if (check_limits(&scan, limits, err))
		return -1;
	if (!scan.repair)
		return parse(scan.text, arena, value, wrong, err);
	json_repair(scan.text, !line, &repaired);
	int status = repaired.failed ? err_memory(err) : parse(buf_span(&repaired), arena, value, wrong, err);
	buf_free(&repaired);
	return status;
}

int json_read(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err)
{
	json_error_t wrong;

	return read_text(text, false, limits, arena, value, &wrong, err);
}

int json_read_line(struct span text, const struct limits *limits, struct arena *arena, struct value *value, struct err *err)
{
	json_error_t wrong;

	if (read_text(text, true, limits, arena, value, &wrong, err) == 0)
		return 0;
	return wrong.line ? err_set(err, "column %d: %s", wrong.column, wrong.text) : -1;
}

static json_t *to_jansson(const struct value *value, struct err *err);

static json_t *base64_to_jansson(struct span bytes)
{
	struct buf text = { 0 };

	base64_encode(&text, bytes);
	json_t *json = text.failed ? NULL : json_pack("{s:s%}", "base64", text.size ? (char *)text.data : "", text.size);
	buf_free(&text);
	return json;
}

static json_t *list_to_jansson(const struct value *value, struct err *err)
{
	bool map = value->kind == VALUE_MAP;
	json_t *json = map ? json_object() : json_array();

	for (size_t i = 0; json && i < value->list.count; i++) {
		const struct value *item = &value->list.items[map ? 2 * i + 1 : i];
		struct span key = map ? value_string_or(&value->list.items[2 * i], "") : span_string("");
		json_t *child = to_jansson(item, err);
		/* both take the child, even when they fail */
		int status = map ? json_object_setn_new(json, key.size ? (const char *)key.data : "", key.size, child)
				 : json_array_append_new(json, child);
		if (status) {
			if (child)
				err_set(err, "an object has a name that is not UTF-8");
			json_decref(json);
			json = NULL;
		}
	}
	return json;
}

/* NULL: the error is set. */
static json_t *to_jansson(const struct value *value, struct err *err)
{
	json_t *json = NULL;

	switch (value->kind) {
	case VALUE_NULL: json = json_null(); break;
	case VALUE_BOOL: json = json_boolean(value->boolean); break;
	case VALUE_INTEGER: json = json_integer(value->integer); break;
	case VALUE_REAL: json = isfinite(value->real) ? json_real(value->real) : json_null(); break;
	case VALUE_STRING:
		json = json_stringn(value->string.size ? (const char *)value->string.data : "", value->string.size);
		if (!json)
			json = base64_to_jansson(value->string);
		break;
	case VALUE_BYTES: json = base64_to_jansson(value->string); break;
	case VALUE_ARRAY:
	case VALUE_MAP: return list_to_jansson(value, err);
	}
	if (!json)
		err_memory(err);
	return json;
}

/* 15 digits print .1 as 0.1, but results of arithmetic may need 17.  jansson uses one precision for all numbers of a text. */
static size_t digits_needed(const struct value *value)
{
	size_t count = value->kind == VALUE_ARRAY ? value->list.count : value->kind == VALUE_MAP ? 2 * value->list.count : 0;
	char text[40];

	if (value->kind == VALUE_REAL) {
		snprintf(text, sizeof text, "%.15g", value->real);
		return strtod(text, NULL) == value->real ? 15 : 17;
	}
	for (size_t i = 0; i < count; i++)
		if (digits_needed(&value->list.items[i]) == 17)
			return 17;
	return 15;
}

static int append(const char *text, size_t size, void *out)
{
	buf_append(out, text, size);
	return 0;
}

static int write_with(const struct value *value, size_t flags, struct buf *out, struct err *err)
{
	jmp_buf failed;

	prepare_jansson();
	out_of_memory = &failed;
	if (setjmp(failed)) {
		out_of_memory = NULL;
		return err_memory(err);
	}
	json_t *json = to_jansson(value, err);
	int status = json ? json_dump_callback(json, append, out, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits_needed(value))) : -1;
	out_of_memory = NULL;
	if (!json)
		return -1;
	json_decref(json);
	return status || out->failed ? err_memory(err) : 0;
}

int json_write(const struct value *value, struct buf *out, struct err *err)
{
	return write_with(value, 0, out, err);
}

int json_write_indented(const struct value *value, struct buf *out, struct err *err)
{
	return write_with(value, JSON_INDENT(2), out, err);
}

struct value json_rounded(double number)
{
	char text[40];

	snprintf(text, sizeof text, "%.9g", number);
	return value_real(strtod(text, NULL));
}
