#include "text/template.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

static const struct span built_in[] = {
#define TEMPLATE(text) { (const unsigned char *)text, sizeof text - 1 },
#include "text/templates.def"
#undef TEMPLATE
};

/* The offset of the first {}; text.size: none. */
static size_t find_gap(struct span text)
{
	for (size_t i = 0; i + 1 < text.size; i++)
		if (text.data[i] == '{' && text.data[i + 1] == '}')
			return i;
	return text.size;
}

static struct span after(struct span text, size_t offset)
{
	return span_of(text.data + offset, text.size - offset);
}

/* The problem with a template; NULL: none. */
static const char *problem_of(struct span line)
{
	size_t gap = find_gap(line);

	if (utf8_first_error(line) < line.size)
		return "not UTF-8";
	if (gap == line.size)
		return "{} is missing; it marks where the class name goes";
	struct span rest = after(line, gap + 2);
	return find_gap(rest) < rest.size ? "more than one {}" : NULL;
}

static size_t count_lines(struct span text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

/* Removes the first line from the text and returns it trimmed. */
static struct span take_line(struct span *text)
{
	const unsigned char *newline = memchr(text->data, '\n', text->size);
	size_t size = newline ? (size_t)(newline - text->data) : text->size;
	struct span line = span_of(text->data, size);

	*text = after(*text, newline ? size + 1 : size);
	return utf8_trim(line);
}

int templates_parse(struct templates *templates, struct span file_text, struct err *err)
{
	size_t lines = count_lines(file_text);

	*templates = (struct templates){ 0 };
	file_text = without_bom(file_text);
	struct span *items = calloc(lines, sizeof *items);
	if (!items)
		return err_memory(err);
	templates->items = templates->owned = items;
	for (size_t number = 1; file_text.size; number++) {
		struct span line = take_line(&file_text);
		if (line.size == 0)
			continue;
		const char *problem = problem_of(line);
		if (problem) {
			templates_free(templates);
			return err_set(err, "templates: line %zu: %s", number, problem);
		}
		items[templates->count++] = line;
	}
	if (templates->count == 0) {
		templates_free(templates);
		return err_set(err, "templates: no template in the file; expected one per line, with {} where the name goes");
	}
	return 0;
}

void templates_default(struct templates *templates)
{
	*templates = (struct templates){ .count = sizeof built_in / sizeof *built_in, .items = built_in };
}

void templates_free(struct templates *templates)
{
	free(templates->owned);
	*templates = (struct templates){ 0 };
}

struct value templates_value(const struct templates *templates, struct arena *arena)
{
	struct value list = value_array();

	for (size_t i = 0; i < templates->count; i++)
		value_push(&list, value_span(templates->items[i]), arena);
	return list;
}

int templates_from_value(struct templates *templates, const struct value *list, struct err *err)
{
	*templates = (struct templates){ 0 };
	if (!list || list->kind == VALUE_NULL)
		return 0;
	if (list->kind != VALUE_ARRAY || list->list.count == 0)
		return err_set(err, "templates: not a list of sentences");
	struct span *items = calloc(list->list.count, sizeof *items);
	if (!items)
		return err_memory(err);
	*templates = (struct templates){ .items = items, .owned = items };
	for (size_t i = 0; i < list->list.count; i++) {
		items[i] = value_string_or(&list->list.items[i], "");
		const char *problem = problem_of(items[i]);
		if (problem) {
			templates_free(templates);
			return err_set(err, "templates: number %zu: %s", i + 1, problem);
		}
		templates->count++;
	}
	return 1;
}

/* The index of the first template that differs; the smaller count if there is none. */
static size_t first_difference(const struct templates *a, const struct templates *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count && span_equal(a->items[i], b->items[i]))
		i++;
	return i;
}

bool templates_equal(const struct templates *a, const struct templates *b)
{
	return a->count == b->count && first_difference(a, b) == a->count;
}

bool templates_match(const struct templates *templates, struct span caption)
{
	for (size_t i = 0; i < templates->count; i++) {
		const struct span text = templates->items[i];
		const size_t gap = find_gap(text), rest = text.size - gap - 2;
		if (caption.size >= gap + rest && span_equal(span_of(caption.data, gap), span_of(text.data, gap)) &&
			span_equal(after(caption, caption.size - rest), after(text, gap + 2)))
			return true;
	}
	return false;
}

void templates_describe(struct buf *out, const struct templates *templates, const struct templates *other)
{
	struct templates clip;
	size_t shown = other ? first_difference(templates, other) : 0;

	templates_default(&clip);
	if (templates_equal(templates, &clip)) {
		buf_append_string(out, "CLIP's 80 templates");
		return;
	}
	if (templates->count == 0) {
		buf_append_string(out, "no templates");
		return;
	}
	if (shown >= templates->count)
		shown = templates->count - 1;
	const struct span text = templates->items[shown];
	if (templates->count == 1)
		buf_append_string(out, "the template");
	else
		buf_printf(out, "%zu templates (number %zu is", templates->count, shown + 1);
	buf_printf(out, " \"%.*s\"%s", span_shown(text, 100), (const char *)text.data, templates->count == 1 ? "" : ")");
}

void template_fill(struct buf *out, struct span template, struct span name)
{
	size_t gap = find_gap(template);

	buf_append(out, template.data, gap);
	if (gap == template.size)
		return;
	for (size_t i = 0; i < name.size; i++)
		buf_append_byte(out, name.data[i] == '_' ? ' ' : name.data[i]);
	buf_append_span(out, after(template, gap + 2));
}
