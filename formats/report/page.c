#include "formats/report/page.h"

#include "formats/report/html.h"
#include "formats/report/scoreboard.h"
#include "formats/report/svg.h"

#include <string.h>

static bool has(const struct page *page, enum exhibit_kind kind)
{
	for (size_t i = 0; i < page->count; i++)
		if (page->exhibits[i].kind == kind)
			return true;
	return false;
}

static bool is_made(const struct exhibit *exhibit)
{
	return exhibit->made && (exhibit->kind == EXHIBIT_MADE || exhibit->kind == EXHIBIT_SCORE);
}

static bool has_made(const struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (is_made(&page->exhibits[i]))
			return true;
	return false;
}

static void print_head(const struct page *page, struct buf *out)
{
	html_page_begin(out, page->title);
	if (page->note) {
		buf_append_string(out, "<p class=\"note\">");
		html_string(out, page->note);
		buf_append_string(out, "</p>\n");
	}
}

static void print_link(struct buf *out, bool there, const char *id, const char *text)
{
	if (there)
		buf_printf(out, "<a href=\"#%s\">%s</a>", id, text);
}

static void print_links(const struct page *page, struct buf *out)
{
	buf_append_string(out, "<nav>");
	print_link(out, has(page, EXHIBIT_TABLE), "tables", "Tables");
	print_link(out, has(page, EXHIBIT_SCORE), "scores", "Scores");
	print_link(out, has(page, EXHIBIT_CURVE), "training", "Training");
	print_link(out, has(page, EXHIBIT_PICTURE) || has(page, EXHIBIT_FIGURE), "pictures", "Pictures");
	print_link(out, has_made(page), "made", "Provenance");
	buf_append_string(out, "</nav>\n");
}

/* Removes and returns the text up to the byte, which is removed as well. */
static struct span take(struct span *text, char byte)
{
	const unsigned char *end = text->size ? memchr(text->data, byte, text->size) : NULL;
	const struct span part = span_of(text->data, end ? (size_t)(end - text->data) : text->size);
	const size_t used = part.size + (end != NULL);

	*text = span_of(text->data + used, text->size - used);
	return part;
}

enum { MAX_COLUMNS = 64 };

/* Columns of words are aligned to the left.  The first line below the names decides. */
static void find_words(struct span text, bool words[MAX_COLUMNS])
{
	take(&text, '\n');
	struct span line = take(&text, '\n');

	for (size_t i = 0; i < MAX_COLUMNS; i++) {
		const struct span cell = take(&line, '\t');
		words[i] = cell.size && !strchr("0123456789.-+(", cell.data[0]);
	}
}

static void print_line(struct html_table *table, struct span line, bool head, const bool words[MAX_COLUMNS])
{
	bool more = true;

	if (line.size && line.data[line.size - 1] == '\r')
		line.size--;
	if (!head)
		html_table_row(table, NULL);
	for (size_t i = 0; more; i++) {
		const char *class = i < MAX_COLUMNS && words[i] ? "words" : NULL;
		more = memchr(line.data, '\t', line.size);
		const struct span cell = take(&line, '\t');
		if (head) {
			html_table_head(table, class, cell);
		} else {
			html_table_cell(table, class);
			html_digests(table->out, cell);
		}
	}
}

static void print_table(const struct exhibit *exhibit, struct buf *out)
{
	struct span text = buf_span(&exhibit->content);
	struct html_table table;
	bool words[MAX_COLUMNS];

	find_words(text, words);
	buf_append_string(out, "<h3>");
	html_text(out, exhibit->name);
	buf_append_string(out, "</h3>\n");
	html_table_begin(&table, out, "numbers", false);
	print_line(&table, take(&text, '\n'), true, words);
	while (text.size)
		print_line(&table, take(&text, '\n'), false, words);
	html_table_end(&table);
}

static void print_tables(const struct page *page, struct buf *out)
{
	if (!has(page, EXHIBIT_TABLE))
		return;
	buf_append_string(out, "<section id=\"tables\">\n<h2>Tables</h2>\n");
	for (size_t i = 0; i < page->count; i++)
		if (page->exhibits[i].kind == EXHIBIT_TABLE)
			print_table(&page->exhibits[i], out);
	buf_append_string(out, "</section>\n");
}

static int print_scores(const struct page *page, struct buf *out, struct err *err)
{
	struct arena arena = { 0 };
	struct scoreboard board;
	int status = 0;

	if (!has(page, EXHIBIT_SCORE))
		return 0;
	buf_append_string(out, "<section id=\"scores\">\n<h2>Scores</h2>\n");
	if (scoreboard_arrange(&board, page->exhibits, page->count, &arena, err) ||
		scoreboard_print(&board, page->exhibits, page->count, out, err))
		status = -1;
	buf_append_string(out, "</section>\n");
	arena_free(&arena);
	return status;
}

static int print_curves(const struct page *page, struct buf *out, bool *drawn, struct err *err)
{
	*drawn = true;
	if (!has(page, EXHIBIT_CURVE))
		return 0;
	buf_append_string(out, "<section id=\"training\">\n<h2>Training</h2>\n");
	if (curves_print(page->exhibits, page->count, out, drawn, err))
		return -1;
	if (!*drawn)
		buf_append_string(
			out, "<p class=\"note\">Tables instead of curves: gnuplot was not installed when this page was made.</p>\n");
	buf_append_string(out, "</section>\n");
	return 0;
}

/* The description that gnuplot writes names only gnuplot. */
static bool is_empty_description(struct span about)
{
	static const char gnuplot[] = "Produced by GNUPLOT";

	return about.size == 0 || (about.size >= sizeof gnuplot - 1 && memcmp(about.data, gnuplot, sizeof gnuplot - 1) == 0);
}

/* A description has XML escapes already; digests in it are shortened. */
static void print_description(struct span about, struct buf *out)
{
	while (about.size) {
		const unsigned char *escape = memchr(about.data, '&', about.size);
		const size_t size = escape ? (size_t)(escape - about.data) : about.size;
		html_digests(out, span_of(about.data, size));
		about = span_of(about.data + size, about.size - size);
		const unsigned char *end = about.size ? memchr(about.data, ';', about.size) : NULL;
		const size_t escaped = end ? (size_t)(end - about.data) + 1 : about.size;
		buf_append_span(out, span_of(about.data, escaped));
		about = span_of(about.data + escaped, about.size - escaped);
	}
}

/* As an <img>: in it a browser runs no script and loads no other file. */
static void print_figure(const struct exhibit *figure, struct buf *out)
{
	const struct span svg = buf_span(&figure->content), about = svg_about(svg);

	buf_printf(out, "<figure class=\"figure\" style=\"max-width:%zupx\">\n<figcaption><b>", figure->width);
	html_text(out, figure->name);
	buf_append_string(out, "</b>");
	if (!is_empty_description(about)) {
		buf_append_byte(out, ' ');
		print_description(about, out);
	}
	buf_printf(out, "</figcaption>\n<img%s width=\"%zu\" height=\"%zu\" alt=\"", svg_has_dark_mode(svg) ? "" : " class=\"light\"",
		figure->width, figure->height);
	html_text(out, figure->name);
	buf_append_string(out, "\" src=\"");
	html_data(out, "image/svg+xml", svg);
	buf_append_string(out, "\"></figure>\n");
}

static void print_pictures(const struct page *page, struct buf *out)
{
	if (!has(page, EXHIBIT_PICTURE) && !has(page, EXHIBIT_FIGURE))
		return;
	buf_append_string(out, "<section id=\"pictures\">\n<h2>Pictures</h2>\n");
	for (size_t i = 0; i < page->count; i++)
		if (page->exhibits[i].kind == EXHIBIT_FIGURE)
			print_figure(&page->exhibits[i], out);
	for (size_t i = 0; i < page->count; i++) {
		const struct exhibit *picture = &page->exhibits[i];
		if (picture->kind != EXHIBIT_PICTURE)
			continue;
		buf_append_string(out, "<figure class=\"sheet\">\n<figcaption><b>");
		html_text(out, picture->name);
		buf_append_string(out, "</b></figcaption>\n");
		html_image(out, "image/png", buf_span(&picture->content), picture->width, picture->height, picture->name);
		buf_append_string(out, "\n</figure>\n");
	}
	buf_append_string(out, "</section>\n");
}

static void print_block(struct buf *out, const struct buf *text)
{
	buf_append_string(out, "<div class=\"pipe\"><pre>");
	for (struct span rest = buf_span(text); rest.size;) { /* html_digests would escape newlines */
		size_t size = 0;
		while (size < rest.size && rest.data[size] != '\n')
			size++;
		html_digests(out, span_of(rest.data, size));
		size += size < rest.size;
		buf_append_byte(out, '\n');
		rest = span_of(rest.data + size, rest.size - size);
	}
	buf_append_string(out, "</pre></div>\n");
}

static int print_origin(const struct exhibit *exhibit, bool open, struct buf *out, struct err *err)
{
	struct buf pipe = { 0 }, whole = { 0 };
	int status = provenance_pipe(&exhibit->provenance, &pipe, err) || provenance_print(&exhibit->provenance, &whole, err) ? -1 : 0;

	if (status == 0) {
		buf_printf(out, "<details%s><summary>", open ? " open" : "");
		html_text(out, exhibit->name);
		buf_append_string(out, ", ");
		html_string(out, exhibit->path);
		buf_append_string(out, "</summary>\n");
		print_block(out, &pipe);
		buf_append_string(out, "<details><summary>With versions, seeds, data and the models it was trained from</summary>\n");
		print_block(out, &whole);
		buf_append_string(out, "</details></details>\n");
	}
	buf_free(&pipe);
	buf_free(&whole);
	return status ? err_add(err, "%s", exhibit->path) : 0;
}

static int print_origins(const struct page *page, struct buf *out, struct err *err)
{
	bool open = true;

	if (!has_made(page))
		return 0;
	buf_append_string(out,
		"<section id=\"made\">\n<h2>Provenance</h2>\n<p class=\"note\">The commands that made each file, as stored in it. "
		"Replace FILES by the names of the files that were read or written. Files named by options are shown as digests.</p>\n");
	for (size_t i = 0; i < page->count; i++) {
		if (!is_made(&page->exhibits[i]))
			continue;
		if (print_origin(&page->exhibits[i], open, out, err))
			return -1;
		open = false;
	}
	buf_append_string(out, "</section>\n");
	return 0;
}

int page_print(const struct page *page, struct buf *out, bool *drawn, struct err *err)
{
	struct buf footer = { 0 };

	print_head(page, out);
	print_links(page, out);
	print_tables(page, out);
	if (print_scores(page, out, err) || print_curves(page, out, drawn, err))
		return -1;
	print_pictures(page, out);
	if (print_origins(page, out, err))
		return -1;
	buf_printf(&footer, "Made by cc-view report %s.", page->version);
	html_page_end(out, buf_string(&footer));
	out->failed |= footer.failed;
	buf_free(&footer);
	return out->failed ? err_memory(err) : 0;
}
