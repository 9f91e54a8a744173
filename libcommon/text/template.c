#include "text/template.h"
#include "text/utf8.h"

#include "core/lines.h"

#include <stdlib.h>
#include <string.h>

static const struct span built_in[] = {
#define TEMPLATE(text) { (const unsigned char *)text, sizeof text - 1 },
#include "text/templates.def"
#undef TEMPLATE
};

/* Where the first {} begins; text.size if nowhere. */
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

static int check_template(struct span line, size_t number, struct err *err)
{
	size_t gap = find_gap(line);

	if (utf8_first_error(line) < line.size)
		return err_set(err, "templates: line %zu: not UTF-8", number);
	if (gap == line.size)
		return err_set(err, "templates: line %zu: no {} in it", number);
	struct span rest = after(line, gap + 2);
	if (find_gap(rest) < rest.size)
		return err_set(err, "templates: line %zu: more than one {}", number);
	return 0;
}

static size_t count_lines(struct span text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.size; i++)
		lines += text.data[i] == '\n';
	return lines;
}

/* Cuts the first line off the text; without white space at its ends. */
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
	file_text = without_mark(file_text);
	struct span *items = calloc(lines, sizeof *items);
	if (!items)
		return err_memory(err);
	templates->items = templates->owned = items;
	for (size_t number = 1; file_text.size; number++) {
		struct span line = take_line(&file_text);
		if (line.size == 0)
			continue;
		if (check_template(line, number, err)) {
			templates_free(templates);
			return -1;
		}
		items[templates->count++] = line;
	}
	if (templates->count == 0) {
		templates_free(templates);
		return err_set(err, "templates: no template in the file; one a line, with {} where the name goes");
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

void template_fill(struct buf *out, struct span template, struct span name)
{
	size_t gap = find_gap(template);

	buf_append(out, template.data, gap);
	if (gap == template.size)
		return;
	buf_append_span(out, name);
	buf_append_span(out, after(template, gap + 2));
}
