#include "formats/report/exhibit.h"

#include "formats/report/html.h"
#include "formats/report/svg.h"

#include <string.h>

/* gnuplot describes itself and not what it drew. */
static bool says_nothing(struct span about)
{
	static const char gnuplot[] = "Produced by GNUPLOT";

	return about.size == 0 || (about.size >= sizeof gnuplot - 1 && memcmp(about.data, gnuplot, sizeof gnuplot - 1) == 0);
}

/* As an image: a browser runs no script in it and loads nothing for it. */
static void print_figure(const struct exhibit *figure, struct buf *out)
{
	const struct span svg = buf_span(&figure->picture), about = svg_about(svg);

	buf_printf(out, "<figure class=\"figure\" style=\"max-width:%zupx\">\n<figcaption><b>", figure->width);
	html_text(out, figure->name);
	buf_append_string(out, "</b>");
	if (!says_nothing(about)) {
		buf_append_byte(out, ' ');
		buf_append_span(out, about);
	}
	buf_printf(out, "</figcaption>\n<img%s width=\"%zu\" height=\"%zu\" alt=\"", svg_has_dark_mode(svg) ? "" : " class=\"light\"",
		figure->width, figure->height);
	html_text(out, figure->name);
	buf_append_string(out, "\" src=\"");
	html_data(out, "image/svg+xml", svg);
	buf_append_string(out, "\"></figure>\n");
}

void print_figures(const struct exhibit *exhibits, size_t count, struct buf *out)
{
	for (size_t i = 0; i < count; i++)
		if (exhibits[i].kind == EXHIBIT_FIGURE)
			print_figure(&exhibits[i], out);
}

/* What comes before the byte, which is taken too. */
static struct span take(struct span *text, char byte)
{
	const unsigned char *end = text->size ? memchr(text->data, byte, text->size) : NULL;
	const struct span part = span_of(text->data, end ? (size_t)(end - text->data) : text->size);
	const size_t used = part.size + (end != NULL);

	*text = span_of(text->data + used, text->size - used);
	return part;
}

enum { COLUMNS_KNOWN = 64 };

/* Numbers stand below one another, words begin together: told by the first line below the names. */
static void find_words(struct span text, bool words[COLUMNS_KNOWN])
{
	take(&text, '\n');
	struct span line = take(&text, '\n');

	for (size_t i = 0; i < COLUMNS_KNOWN; i++) {
		const struct span cell = take(&line, '\t');
		words[i] = cell.size && !strchr("0123456789.-+(", cell.data[0]);
	}
}

static void print_line(struct span line, const char *cell, const bool words[COLUMNS_KNOWN], struct buf *out)
{
	bool more = true;

	if (line.size && line.data[line.size - 1] == '\r')
		line.size--;
	buf_append_string(out, "<tr>");
	for (size_t i = 0; more; i++) {
		more = memchr(line.data, '\t', line.size);
		buf_printf(out, "<%s%s>", cell, i < COLUMNS_KNOWN && words[i] ? " class=\"words\"" : "");
		html_text(out, take(&line, '\t'));
		buf_printf(out, "</%s>", cell);
	}
	buf_append_string(out, "</tr>\n");
}

static void print_table(const struct exhibit *table, struct buf *out)
{
	struct span text = buf_span(&table->picture);
	bool words[COLUMNS_KNOWN];

	find_words(text, words);
	buf_append_string(out, "<h3>");
	html_text(out, table->name);
	buf_append_string(out, "</h3>\n<div class=\"scroll\"><table class=\"numbers\">\n<thead>");
	print_line(take(&text, '\n'), "th", words, out);
	buf_append_string(out, "</thead>\n<tbody>\n");
	while (text.size)
		print_line(take(&text, '\n'), "td", words, out);
	buf_append_string(out, "</tbody></table></div>\n");
}

void print_tables(const struct exhibit *exhibits, size_t count, struct buf *out)
{
	buf_append_string(out, "<section id=\"tables\">\n<h2>Tables</h2>\n");
	for (size_t i = 0; i < count; i++)
		if (exhibits[i].kind == EXHIBIT_TABLE)
			print_table(&exhibits[i], out);
	buf_append_string(out, "</section>\n");
}
