#include "formats/report/page.h"

#include "formats/report/curve.h"
#include "formats/report/exhibit.h"
#include "formats/report/html.h"
#include "formats/report/scoreboard.h"

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
	print_link(out, has_made(page), "made", "How it was made");
	buf_append_string(out, "</nav>\n");
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
			out, "<p class=\"note\">gnuplot was not installed where this page was made: numbers instead of curves.</p>\n");
	buf_append_string(out, "</section>\n");
	return 0;
}

static void print_pictures(const struct page *page, struct buf *out)
{
	if (!has(page, EXHIBIT_PICTURE) && !has(page, EXHIBIT_FIGURE))
		return;
	buf_append_string(out, "<section id=\"pictures\">\n<h2>Pictures</h2>\n");
	print_figures(page->exhibits, page->count, out);
	for (size_t i = 0; i < page->count; i++) {
		const struct exhibit *picture = &page->exhibits[i];
		if (picture->kind != EXHIBIT_PICTURE)
			continue;
		buf_append_string(out, "<figure class=\"sheet\">\n<figcaption><b>");
		html_text(out, picture->name);
		buf_append_string(out, "</b></figcaption>\n");
		html_image(out, "image/png", buf_span(&picture->picture), picture->width, picture->height, picture->name);
		buf_append_string(out, "\n</figure>\n");
	}
	buf_append_string(out, "</section>\n");
}

static void print_block(struct buf *out, const struct buf *text)
{
	buf_append_string(out, "<div class=\"pipe\"><pre>");
	for (struct span rest = buf_span(text); rest.size;) { /* html_text shows a newline as an escape */
		size_t size = 0;
		while (size < rest.size && rest.data[size] != '\n')
			size++;
		html_text(out, span_of(rest.data, size));
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
		buf_append_string(out, "<details><summary>with seeds, versions, data and the models that it came from</summary>\n");
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
		"<section id=\"made\">\n<h2>How it was made</h2>\n<p class=\"note\">Each file carries the programs that made it. "
		"Where one read or wrote files, put their names for FILES; files that options named stand there as digests.</p>\n");
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
	if (has(page, EXHIBIT_TABLE))
		print_tables(page->exhibits, page->count, out);
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
