#include "formats/report/protocol_print.h"

#include "formats/stream/facts.h"
#include "formats/text/json.h"
#include "formats/report/html.h"

#include <string.h>

enum { DIGEST_DIGITS = 32, DIGITS_SHOWN = 8 };

size_t notes_add(struct notes *notes, const struct result *result, const struct result *first)
{
	struct buf note = { 0 };
	size_t number = 0, begin = 0;

	result_difference(result, first, &note);
	if (note.size)
		buf_append_byte(&note, '\n');
	if (note.failed) { /* without its end it is not a line */
		buf_free(&note);
		return 0;
	}
	while (note.size && begin < notes->lines.size) {
		const unsigned char *end = memchr(notes->lines.data + begin, '\n', notes->lines.size - begin);
		const size_t size = (size_t)(end - notes->lines.data) + 1 - begin;
		number++;
		if (span_equal(buf_span(&note), span_of(notes->lines.data + begin, size))) {
			buf_free(&note);
			return number;
		}
		begin += size;
	}
	buf_append_span(&notes->lines, buf_span(&note));
	notes->count += note.size > 0;
	number = note.size ? notes->count : 0;
	buf_free(&note);
	return number;
}

void notes_print(const struct notes *notes, struct buf *out)
{
	struct span rest = buf_span(&notes->lines);

	for (size_t number = 1; rest.size; number++) {
		const size_t size = (size_t)((const unsigned char *)memchr(rest.data, '\n', rest.size) - rest.data);
		buf_printf(out, "<p class=\"note\"><sup>%zu</sup> Another protocol: ", number);
		html_text(out, span_of(rest.data, size));
		buf_append_string(out, ".</p>\n");
		rest = span_of(rest.data + size + 1, rest.size - size - 1);
	}
}

void notes_free(struct notes *notes)
{
	buf_free(&notes->lines);
	notes->count = 0;
}

void print_title(struct buf *out, const struct board_column *column)
{
	const bool accuracy = span_is(column->number, "acc1");

	if (accuracy && (span_is(column->metric, "asr") || fact_poisoned(column->first->result.object)))
		buf_append_string(out, "triggered accuracy&#160;&#8593;");
	else if (accuracy)
		buf_append_string(out, "clean accuracy&#160;&#8593;");
	else if (span_is(column->number, "asr"))
		buf_append_string(out, "attack success&#160;&#8595;");
	else {
		html_text(out, column->metric);
		if (!span_equal(column->metric, column->number)) {
			buf_append_string(out, "<br>");
			html_text(out, column->number);
		}
	}
}

static bool is_digest(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!text.data[i] || !strchr("0123456789abcdef", text.data[i]))
			return false;
	return text.size == DIGEST_DIGITS;
}

/* Digests are cut: all of it is shown where a mouse rests on it. */
static void print_text(struct buf *out, struct span text)
{
	if (!is_digest(text)) {
		html_text(out, text);
		return;
	}
	buf_printf(out, "<code title=\"%.*s\">%.*s&#8230;</code>", DIGEST_DIGITS, (const char *)text.data, DIGITS_SHOWN,
		(const char *)text.data);
}

/* A value as words: lists of texts as one would type them. */
static void print_setting(struct buf *out, const struct value *value)
{
	struct buf json = { 0 };
	struct err unsayable;

	if (value->kind == VALUE_STRING) {
		print_text(out, value->string);
	} else if (value->kind == VALUE_ARRAY) {
		for (size_t i = 0; i < value->list.count; i++) {
			buf_append_string(out, i ? " " : "");
			print_setting(out, &value->list.items[i]);
		}
	} else if (json_write(value, &json, &unsayable) == 0) {
		html_text(out, buf_span(&json));
	}
	buf_free(&json);
}

static void print_fact(struct buf *out, struct span name, const struct value *value)
{
	if (!value || value->kind == VALUE_NULL)
		return;
	buf_append_string(out, "<li><span>");
	for (size_t i = 0; i < name.size; i++) /* excluded_n: as words */
		html_text(out, name.data[i] == '_' ? span_string(" ") : span_of(name.data + i, 1));
	buf_append_string(out, "</span> ");
	print_setting(out, value);
	buf_append_string(out, "</li>");
}

static void print_facts(struct buf *out, const struct value *map)
{
	for (size_t i = 0; map && map->kind == VALUE_MAP && i < map->list.count; i++)
		if (!span_is(map->list.items[2 * i].string, "prog"))
			print_fact(out, map->list.items[2 * i].string, &map->list.items[2 * i + 1]);
}

static void print_protocol(struct buf *out, const struct result *result)
{
	const struct value *classes = value_get(result->object, "classes");

	buf_append_string(out, "<ul class=\"facts\">");
	print_fact(out, span_string("metric"), value_get(result->object, "metric"));
	print_fact(out, span_string("records"), value_get(result->object, "n"));
	print_fact(out, span_string("data"), value_get(result->object, "dataset"));
	print_facts(out, value_get(result->object, "settings"));
	buf_append_string(out, "</ul>");
	if (classes && classes->kind == VALUE_MAP) {
		buf_append_string(out, "<ul class=\"facts\"><li><span>classes</span></li>");
		print_facts(out, classes);
		buf_append_string(out, "</ul>");
	}
}

void print_protocols(struct buf *out, const struct board_column *columns, size_t count)
{
	buf_append_string(out, "<details><summary>Protocol</summary>\n");
	for (size_t i = 0; i < count; i++)
		if (i == 0 || !span_equal(columns[i].metric, columns[i - 1].metric))
			print_protocol(out, &columns[i].first->result);
	buf_append_string(out, "</details>\n");
}

/* The first score of a metric in a table. */
static const struct result *find_result(const struct scoreboard *board, size_t table, struct span metric)
{
	for (size_t i = 0; i < board->count; i++)
		for (size_t k = 0; board->runs[i].table == table && k < board->runs[i].count; k++)
			if (span_equal(board->runs[i].scores[k]->result.metric, metric))
				return &board->runs[i].scores[k]->result;
	return NULL;
}

/* What of `result` is not as in any other table's score of that metric. */
static void print_differences(struct buf *out, const struct result *result, const struct result *other)
{
	const struct value *settings = value_get(result->object, "settings"), *dataset = value_get(result->object, "dataset");

	if (!value_equal(dataset, value_get(other->object, "dataset")))
		print_fact(out, span_string("data"), dataset);
	for (size_t i = 0; settings && settings->kind == VALUE_MAP && i < settings->list.count; i++) {
		const struct span name = settings->list.items[2 * i].string;
		char key[64] = "";
		if (name.size >= sizeof key)
			continue;
		memcpy(key, name.data, name.size);
		if (!value_equal(&settings->list.items[2 * i + 1], value_get(value_get(other->object, "settings"), key)))
			print_fact(out, name, &settings->list.items[2 * i + 1]);
	}
}

void print_table_title(struct buf *out, const struct scoreboard *board, size_t table)
{
	buf_printf(out, "<h3>Question %zu</h3>\n<ul class=\"facts\">", table + 1);
	for (size_t i = 0; i < board->count; i++) {
		const struct board_run *run = &board->runs[i];
		for (size_t k = 0; run->table == table && k < run->count; k++) {
			const struct result *result = &run->scores[k]->result;
			const struct result *other = find_result(board, table ? 0 : 1, result->metric);
			if (other && find_result(board, table, result->metric) == result)
				print_differences(out, result, other);
		}
	}
	buf_append_string(out, "</ul>\n");
}
