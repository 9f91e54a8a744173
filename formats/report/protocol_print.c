#include "formats/report/scoreboard.h"

#include "formats/stream/facts.h"
#include "formats/text/json.h"
#include "formats/report/html.h"

#include <string.h>

size_t notes_add(struct notes *notes, const struct result *result, const struct result *first)
{
	struct buf note = { 0 };
	size_t number = 0, begin = 0;

	result_difference(result, first, &note);
	if (note.size)
		buf_append_byte(&note, '\n');
	if (note.failed) { /* it may lack its newline */
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
		buf_printf(out, "<p class=\"note\"><sup>%zu</sup> Different protocol: ", number);
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

void board_column_title(struct buf *title, const struct board_column *column)
{
	static const char up[] = "\xc2\xa0\xe2\x86\x91", down[] = "\xc2\xa0\xe2\x86\x93"; /* no-break space, arrow */
	const bool accuracy = span_is(column->number, "acc1");

	if (accuracy && (span_is(column->metric, "asr") || fact_poisoned(column->first->result.object)))
		buf_printf(title, "triggered accuracy%s", up);
	else if (accuracy)
		buf_printf(title, "clean accuracy%s", up);
	else if (span_is(column->number, "asr"))
		buf_printf(title, "attack success%s", down);
	else {
		buf_append_span(title, column->metric);
		if (!span_equal(column->metric, column->number)) {
			buf_append_byte(title, ' ');
			buf_append_span(title, column->number);
		}
	}
}

/* A list as its items, separated by spaces. */
static void print_value(struct buf *out, const struct value *value)
{
	struct buf json = { 0 };
	struct err unprintable;

	if (value->kind == VALUE_STRING) {
		html_digests(out, value->string);
	} else if (value->kind == VALUE_ARRAY) {
		for (size_t i = 0; i < value->list.count; i++) {
			buf_append_string(out, i ? " " : "");
			print_value(out, &value->list.items[i]);
		}
	} else if (json_write(value, &json, &unprintable) == 0) {
		html_digests(out, buf_span(&json));
	}
	buf_free(&json);
}

/* "excluded_n: 500" */
static void print_named(struct buf *out, struct span name, const struct value *value)
{
	for (size_t i = 0; i < name.size; i++)
		html_text(out, name.data[i] == '_' ? span_string(" ") : span_of(name.data + i, 1));
	buf_append_string(out, ": ");
	print_value(out, value);
}

/* Settings that are printed as a sentence: `before`, the value, a blank and the value of the setting `second` (NULL: none), `after`. */
static const struct {
	const char *name, *before, *second, *after;
} sentences[] = {
	{ "preprocessing", "Images were preprocessed with <code>", NULL, "</code>." },
	{ "target", "The target class is ", NULL, "." },
	{ "excluded_n", "", "excluded", " were excluded." },
	{ "interval", "Intervals: ", NULL, "." },
	{ "candidates", "Candidates: ", NULL, "." },
};

/* Part of another setting's sentence, or of no use to a reader. */
static bool is_covered(struct span name)
{
	return span_is(name, "excluded") || span_is(name, "target_class");
}

static void print_sentence(struct buf *out, const struct value *settings, struct span name, const struct value *value)
{
	if (value->kind == VALUE_NULL || is_covered(name))
		return;
	buf_append_byte(out, ' ');
	if (span_is(name, "triggered_by_ledger")) {
		buf_append_string(
			out, value->boolean ? "The images carry a trigger, recorded in poison.json." : "No record has a poison.json.");
		return;
	}
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++) {
		const struct value *second = sentences[i].second ? value_get(settings, sentences[i].second) : NULL;
		if (!span_is(name, sentences[i].name))
			continue;
		buf_append_string(out, sentences[i].before);
		print_value(out, value);
		if (second) {
			buf_append_byte(out, ' ');
			print_value(out, second);
		}
		buf_append_string(out, sentences[i].after);
		return;
	}
	print_named(out, name, value);
	buf_append_byte(out, '.');
}

static void print_digest(struct buf *out, const char *before, const struct value *digest)
{
	if (!digest || digest->kind == VALUE_NULL)
		return;
	buf_append_string(out, before);
	print_value(out, digest);
}

/* "classified by prompts for 10 classes" */
static void print_classifier(struct buf *out, const struct value *classes)
{
	const struct value *kind = value_get(classes, "kind"), *count = value_get(classes, "count");

	if (!kind)
		return;
	buf_append_string(out, value_string_or(kind, "").size && span_is(value_string_or(kind, ""), "head") ? ", classified by its own head"
													    : ", classified by ");
	if (!span_is(value_string_or(kind, ""), "head"))
		print_value(out, kind);
	if (count) {
		buf_append_string(out, " for ");
		print_value(out, count);
		buf_append_string(out, " classes");
	}
	print_digest(out, " (names ", value_get(classes, "names"));
	print_digest(out, ", vectors ", value_get(classes, "vectors"));
	print_digest(out, ", templates ", value_get(classes, "templates"));
	if (value_get(classes, "names"))
		buf_append_byte(out, ')');
}

static void print_protocol(struct buf *out, const struct result *result)
{
	const struct value *settings = value_get(result->object, "settings"), *classes = value_get(result->object, "classes");

	buf_append_string(out, "<p class=\"note\"><b>");
	html_text(out, result->metric);
	buf_append_string(out, "</b> was measured on ");
	html_count(out, result->n);
	buf_append_string(out, result->n == 1 ? " record" : " records");
	print_digest(out, " of data set ", value_get(result->object, "dataset"));
	if (classes && classes->kind == VALUE_MAP)
		print_classifier(out, classes);
	buf_append_byte(out, '.');
	for (size_t i = 0; settings && settings->kind == VALUE_MAP && i < settings->list.count; i++)
		print_sentence(out, settings, settings->list.items[2 * i].string, &settings->list.items[2 * i + 1]);
	buf_append_string(out, "</p>\n");
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

static void print_difference(struct buf *out, size_t *printed, struct span name, const struct value *value)
{
	if (!value || value->kind == VALUE_NULL)
		return;
	buf_append_string(out, (*printed)++ ? "; " : "");
	print_named(out, name, value);
}

/* The data and settings of `result` that differ from those of another table's score of the same metric. */
static void print_differences(struct buf *out, size_t *printed, const struct result *result, const struct result *other)
{
	const struct value *settings = value_get(result->object, "settings"), *dataset = value_get(result->object, "dataset");

	if (!value_equal(dataset, value_get(other->object, "dataset")))
		print_difference(out, printed, span_string("data set"), dataset);
	for (size_t i = 0; settings && settings->kind == VALUE_MAP && i < settings->list.count; i++) {
		const struct span name = settings->list.items[2 * i].string;
		char key[64] = "";
		if (name.size >= sizeof key)
			continue;
		memcpy(key, name.data, name.size);
		if (!value_equal(&settings->list.items[2 * i + 1], value_get(value_get(other->object, "settings"), key)))
			print_difference(out, printed, name, &settings->list.items[2 * i + 1]);
	}
}

void print_table_title(struct buf *out, const struct scoreboard *board, size_t table)
{
	size_t printed = 0;

	buf_printf(out, "<h3>Protocol %zu</h3>\n<p class=\"note\">", table + 1);
	for (size_t i = 0; i < board->count; i++) {
		const struct board_run *run = &board->runs[i];
		for (size_t k = 0; run->table == table && k < run->count; k++) {
			const struct result *result = &run->scores[k]->result;
			const struct result *other = find_result(board, table ? 0 : 1, result->metric);
			if (other && find_result(board, table, result->metric) == result)
				print_differences(out, &printed, result, other);
		}
	}
	buf_append_string(out, "</p>\n");
}
