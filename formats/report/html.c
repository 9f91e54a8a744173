#include "formats/report/html.h"

#include "formats/text/base64.h"
#include "formats/text/json_printable.h"

#include <stdio.h>
#include <string.h>

static const char *const style[] = {
#define STYLE(line) line,
#include "formats/report/style.def"
#undef STYLE
};

/* Adds buttons that copy a pipe, and lets Escape close enlarged images.  Without scripts the page lacks only these. */
static const char script[] =
	"document.querySelectorAll('.pipe').forEach(function(p){var b=document.createElement('button');b.type='button';b.textContent='copy';"
	"b.onclick=function(){var s=getSelection(),r=document.createRange();r.selectNodeContents(p.querySelector('pre'));s.removeAllRanges();"
	"s.addRange(r);b.textContent=document.execCommand('copy')?'copied':'press Ctrl-C';setTimeout(function(){b.textContent='copy'},1500)};"
	"p.appendChild(b)});"
	"addEventListener('keydown',function(e){if(e.key=='Escape')document.querySelectorAll('.zoom input').forEach(function(i){i.checked=false})});";

static const char *entity(unsigned char byte)
{
	switch (byte) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void html_text(struct buf *out, struct span text)
{
	struct buf safe = { 0 };

	append_printable(&safe, text);
	for (size_t i = 0; i < safe.size; i++) {
		const char *name = entity(safe.data[i]);
		if (name)
			buf_append_string(out, name);
		else
			buf_append_byte(out, safe.data[i]);
	}
	out->failed |= safe.failed;
	buf_free(&safe);
}

void html_string(struct buf *out, const char *text)
{
	html_text(out, span_string(text));
}

enum { DIGEST_DIGITS = 32, DIGITS_SHOWN = 8 };

static bool is_word(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/* The number of word characters at the beginning. */
static size_t word_length(struct span text)
{
	size_t length = 0;

	while (length < text.size && is_word(text.data[length]))
		length++;
	return length;
}

static bool is_digest(struct span word)
{
	for (size_t i = 0; i < word.size; i++)
		if (!strchr("0123456789abcdef", word.data[i]))
			return false;
	return word.size == DIGEST_DIGITS;
}

void html_digests(struct buf *out, struct span text)
{
	size_t done = 0; /* bytes that were printed */

	for (size_t at = 0; at < text.size;) {
		const struct span word = span_of(text.data + at, word_length(span_of(text.data + at, text.size - at)));
		if (is_digest(word)) {
			html_text(out, span_of(text.data + done, at - done));
			buf_printf(out, "<code title=\"%.*s\">%.*s&#8230;</code>", DIGEST_DIGITS, (const char *)word.data, DIGITS_SHOWN,
				(const char *)word.data);
			done = at + word.size;
		}
		at += word.size ? word.size : 1;
	}
	html_text(out, span_of(text.data + done, text.size - done));
}

void html_count(struct buf *out, unsigned long long count)
{
	char digits[32];
	const int length = snprintf(digits, sizeof digits, "%llu", count);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			buf_append_byte(out, ',');
		buf_append_byte(out, (unsigned char)digits[i]);
	}
}

void html_data(struct buf *out, const char *type, struct span content)
{
	buf_printf(out, "data:%s;base64,", type);
	base64_encode(out, content);
}

void html_image(struct buf *out, const char *type, struct span content, size_t width, size_t height, struct span name)
{
	buf_append_string(out, "<label class=\"zoom\"><input type=\"checkbox\" aria-label=\"enlarge\"><span><img alt=\"");
	html_text(out, name);
	buf_printf(out, "\" width=\"%zu\" height=\"%zu\" src=\"", width, height);
	html_data(out, type, content);
	buf_append_string(out, "\"></span></label>");
}

void html_page_begin(struct buf *out, const char *title)
{
	buf_append_string(out,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
		"script-src 'unsafe-inline'\">\n<title>");
	html_string(out, title);
	buf_append_string(out, "</title>\n<style>\n");
	for (size_t i = 0; i < sizeof style / sizeof *style; i++) {
		buf_append_string(out, style[i]);
		buf_append_byte(out, '\n');
	}
	buf_append_string(out, "</style>\n</head>\n<body>\n<h1>");
	html_string(out, title);
	buf_append_string(out, "</h1>\n");
}

void html_page_end(struct buf *out, const char *footer)
{
	buf_append_string(out, "<footer>");
	html_string(out, footer);
	buf_append_string(out, "</footer>\n<script>");
	buf_append_string(out, script);
	buf_append_string(out, "</script>\n</body>\n</html>\n");
}

static void open_tag(struct buf *out, const char *tag, const char *class)
{
	buf_printf(out, class ? "<%s class=\"%s\"" : "<%s", tag, class);
}

static void close_cell(struct html_table *table)
{
	if (table->open)
		buf_append_string(table->out, table->open);
	table->open = NULL;
}

void html_table_begin(struct html_table *table, struct buf *out, const char *class, bool cards)
{
	*table = (struct html_table){ .out = out, .cards = cards };
	buf_printf(out, "<div class=\"scroll\"><table class=\"%s%s%s\">\n<thead><tr>", class ? class : "", cards ? " " : "",
		cards ? "cards" : "");
}

void html_table_head(struct html_table *table, const char *class, struct span label)
{
	close_cell(table);
	open_tag(table->out, "th", class);
	buf_append_string(table->out, " scope=\"col\">");
	html_text(table->out, label);
	for (size_t i = 0; i < label.size; i++)
		if (label.data[i])
			buf_append_byte(&table->labels, label.data[i]);
	buf_append_byte(&table->labels, 0);
	table->open = "</th>";
}

/* The label of a column; empty: it has none. */
static struct span find_label(const struct html_table *table, size_t column)
{
	struct span labels = buf_span(&table->labels);

	for (; labels.size; column--) {
		const size_t size = (size_t)((const unsigned char *)memchr(labels.data, 0, labels.size) - labels.data);
		if (column == 0)
			return span_of(labels.data, size);
		labels = span_of(labels.data + size + 1, labels.size - size - 1);
	}
	return labels;
}

void html_table_row(struct html_table *table, const char *class)
{
	close_cell(table);
	buf_append_string(table->out, table->in_body ? "</tr>\n" : "</tr></thead>\n<tbody>\n");
	open_tag(table->out, "tr", class);
	buf_append_byte(table->out, '>');
	table->in_body = true;
	table->column = 0;
}

void html_table_cell(struct html_table *table, const char *class)
{
	close_cell(table);
	open_tag(table->out, "td", class);
	if (table->cards && !table->labels.failed) {
		buf_append_string(table->out, " data-label=\"");
		html_text(table->out, find_label(table, table->column));
		buf_append_byte(table->out, '"');
	}
	buf_append_byte(table->out, '>');
	table->column++;
	table->open = "</td>";
}

void html_table_row_head(struct html_table *table)
{
	close_cell(table);
	buf_append_string(table->out, "<th scope=\"row\">");
	table->column++;
	table->open = "</th>";
}

void html_table_end(struct html_table *table)
{
	close_cell(table);
	buf_append_string(table->out, table->in_body ? "</tr>\n</tbody></table></div>\n" : "</tr></thead>\n</table></div>\n");
	table->out->failed |= table->labels.failed;
	buf_free(&table->labels);
}
