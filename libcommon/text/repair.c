#include "text/normalise.h"
#include "text/html.h"
#include "text/mojibake.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LONGEST_REFERENCE = 24, ESCAPE = 0x1B, IDEOGRAPHIC_SPACE = 0x3000, LONGEST_SEGMENT = 1000000 };

/* A line is repaired until nothing changes, but for at most this many characters of work or this many passes. */
enum { ENOUGH = 1 << 17, PASSES = 64, DEEPEST = 64 };

static bool is_alphanumeric(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Appends the text like Python's str.upper(), for the characters that HTML's names have. */
static void append_upper(struct buf *out, struct span text)
{
	static const struct {
		int32_t from;
		const char *to;
	} several[] = { { 0xDF, "SS" }, { 0x149, "\u02BCN" }, { 0xFB00, "FF" }, { 0xFB01, "FI" }, { 0xFB02, "FL" }, { 0xFB03, "FFI" },
		{ 0xFB04, "FFL" } };

	while (text.size) {
		int32_t codepoint = utf8_take(&text);
		size_t i = 0;
		while (i < sizeof several / sizeof *several && several[i].from != codepoint)
			i++;
		if (i < sizeof several / sizeof *several)
			buf_append_string(out, several[i].to);
		else
			utf8_append(out, utf8proc_toupper(codepoint));
	}
}

/* Replaces a name in capitals if HTML defines it in lower case only, and no prefix of it. */
static bool name_in_capitals(struct buf *out, struct span reference)
{
	struct buf plain = { 0 }, small = { 0 }, meant = { 0 };
	bool known;

	html_unescape(&plain, reference);
	known = span_equal(buf_span(&plain), reference);
	for (size_t i = 1; i < reference.size; i++) {
		unsigned char c = reference.data[i];
		known &= !(c >= 'a' && c <= 'z');
		buf_append_byte(&small, c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c);
	}
	known = known && html_name(&meant, buf_span(&small));
	if (known)
		append_upper(out, buf_span(&meant));
	buf_free(&plain);
	buf_free(&small);
	buf_free(&meant);
	return known;
}

/* reference: from '&' to ';'.  false: not replaced. */
static bool unescape_one(struct buf *out, struct span reference)
{
	const size_t before = out->size;

	if (reference.data[1] != '#')
		return html_name(out, span_of(reference.data + 1, reference.size - 1)) || name_in_capitals(out, reference);
	html_unescape(out, reference);
	if (out->failed || out->size == before || !memchr(out->data + before, ';', out->size - before))
		return true;
	out->size = before;
	return false;
}

/* The size of the reference that seems to begin here; 0: none. */
static size_t reference_size(struct span text)
{
	size_t begin = text.size > 1 && text.data[1] == '#' ? 2 : 1, i = begin;

	while (i < text.size && is_alphanumeric(text.data[i]))
		i++;
	return i > begin && i - begin <= LONGEST_REFERENCE && i < text.size && text.data[i] == ';' ? i + 1 : 0;
}

static void unescape_html(struct buf *out, struct span text)
{
	while (html_next_ampersand(out, &text)) {
		size_t size = reference_size(text);
		if (size == 0 || !unescape_one(out, span_of(text.data, size))) {
			size = size ? size : 1;
			buf_append(out, text.data, size);
		}
		text = span_of(text.data + size, text.size - size);
	}
}

static const char *ligature(int32_t codepoint)
{
	static const struct {
		int32_t from;
		const char *to;
	} ligatures[] = { { 0x132, "IJ" }, { 0x133, "ij" }, { 0x149, "\u02BCn" }, { 0x1C4, "D\u017D" }, { 0x1C5, "D\u017E" },
		{ 0x1C6, "d\u017E" }, { 0x1C7, "LJ" }, { 0x1C8, "Lj" }, { 0x1C9, "lj" }, { 0x1CA, "NJ" }, { 0x1CB, "Nj" }, { 0x1CC, "nj" },
		{ 0x1F1, "DZ" }, { 0x1F2, "Dz" }, { 0x1F3, "dz" }, { 0xFB00, "ff" }, { 0xFB01, "fi" }, { 0xFB02, "fl" }, { 0xFB03, "ffi" },
		{ 0xFB04, "ffl" }, { 0xFB05, "\u017Ft" }, { 0xFB06, "st" } };

	for (size_t i = 0; i < sizeof ligatures / sizeof *ligatures; i++)
		if (ligatures[i].from == codepoint)
			return ligatures[i].to;
	return NULL;
}

/* Appends the normal-width form of a full-width or half-width character. */
static void append_width(struct buf *out, int32_t codepoint)
{
	utf8proc_int32_t plain[8];
	int last_class = 0;
	utf8proc_ssize_t count =
		utf8proc_decompose_char(codepoint, plain, 8, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE, &last_class);

	if (count > 0 && count <= 8)
		count = utf8proc_normalize_utf32(plain, count, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	if (count <= 0 || count > 8)
		utf8_append(out, codepoint);
	for (utf8proc_ssize_t i = 0; count <= 8 && i < count; i++)
		utf8_append(out, plain[i]);
}

static void append_plain(struct buf *out, int32_t codepoint)
{
	const char *letters = ligature(codepoint);

	if (codepoint >= 0x80 && codepoint <= 0x9F)
		codepoint = html_windows_1252(codepoint);
	if (letters)
		buf_append_string(out, letters);
	else if (codepoint == IDEOGRAPHIC_SPACE)
		buf_append_byte(out, ' ');
	else if (codepoint >= 0xFF01 && codepoint < 0xFFF0)
		append_width(out, codepoint);
	else
		utf8_append(out, codepoint);
}

/* Runs after the other replacements, which turn controls and ligatures into quotes. */
static void uncurl_quotes(struct buf *out, struct span text)
{
	while (text.size) {
		int32_t codepoint = utf8_take(&text);
		if (codepoint == 0x2BC || (codepoint >= 0x2018 && codepoint <= 0x201B))
			codepoint = '\'';
		else if (codepoint >= 0x201C && codepoint <= 0x201F)
			codepoint = '"';
		utf8_append(out, codepoint);
	}
}

/* The size of an escape sequence (ESC [, digits and semicolons, a letter); 0: none.  Digits of all scripts count. */
static size_t terminal_escape(struct span text)
{
	struct span rest = text;

	if (text.size < 3 || text.data[0] != ESCAPE || text.data[1] != '[')
		return 0;
	rest = span_of(text.data + 2, text.size - 2);
	while (rest.size) {
		const int32_t codepoint = utf8_take(&rest);
		if ((codepoint | 0x20) >= 'a' && (codepoint | 0x20) <= 'z')
			return text.size - rest.size;
		if (codepoint != ';' && utf8proc_category(codepoint) != UTF8PROC_CATEGORY_ND)
			break;
	}
	return 0;
}

bool text_is_control(int32_t codepoint)
{
	return (codepoint < 0x20 && codepoint != '\t' && codepoint != '\n' && codepoint != '\f' && codepoint != '\r') ||
	       codepoint == 0x7F || (codepoint >= 0x206A && codepoint <= 0x206F) || codepoint == 0xFEFF ||
	       (codepoint >= 0xFFF9 && codepoint <= 0xFFFC);
}

static void remove_controls(struct buf *out, struct span text)
{
	while (text.size) {
		size_t escape = terminal_escape(text);
		text = span_of(text.data + escape, text.size - escape);
		if (escape)
			continue;
		int32_t codepoint = utf8_take(&text);
		if (codepoint == '\r' && text.size && text.data[0] == '\n')
			continue;
		if (codepoint == '\r' || codepoint == 0x2028 || codepoint == 0x2029 || codepoint == 0x85)
			codepoint = '\n';
		if (!text_is_control(codepoint))
			utf8_append(out, codepoint);
	}
}

static void exchange(struct buf *a, struct buf *b)
{
	const struct buf other = *a;

	*a = *b;
	*b = other;
	buf_clear(b);
}

/* One pass over the line in `text`, which is replaced.  current, next: scratch. */
static int repair_once(struct buf *text, struct buf *current, struct buf *next, bool html, struct mojibake_budget *budget, struct err *err)
{
	bool failed;

	buf_clear(current);
	buf_clear(next);
	if (html)
		unescape_html(current, buf_span(text));
	else
		buf_append_span(current, buf_span(text));
	mojibake_repair(next, buf_span(current), budget);
	failed = current->failed || next->failed;
	exchange(current, next);
	for (struct span rest = buf_span(current); rest.size;)
		append_plain(next, utf8_take(&rest));
	failed |= next->failed;
	exchange(current, next);
	uncurl_quotes(next, buf_span(current));
	failed |= next->failed;
	exchange(current, next);
	remove_controls(next, buf_span(current));
	failed |= next->failed;
	buf_clear(text);
	return failed ? err_memory(err) : text_compose(text, buf_span(next), err);
}

static int repair_line(struct buf *out, struct span line, bool html, struct err *err)
{
	struct buf text = { 0 }, before = { 0 }, current = { 0 }, next = { 0 };
	struct mojibake_budget budget = { .work = ENOUGH + PASSES * line.size, .depth = DEEPEST };
	int status = 0;

	buf_append_span(&text, line);
	for (size_t spent = 0; status == 0 && spent <= ENOUGH + PASSES * line.size; spent += text.size) {
		buf_clear(&before);
		buf_append_span(&before, buf_span(&text));
		status = repair_once(&text, &current, &next, html, &budget, err);
		if (span_equal(buf_span(&before), buf_span(&text)))
			break;
	}
	buf_append_span(out, buf_span(&text));
	if (status == 0 && (text.failed || before.failed || out->failed))
		status = err_memory(err);
	buf_free(&text);
	buf_free(&before);
	buf_free(&current);
	buf_free(&next);
	return status;
}

/* Whether repair cannot change the text, which is true of most captions. */
static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x20 || text.data[i] >= 0x7F || text.data[i] == '&')
			return false;
	return true;
}

/* A very long line is repaired in segments: the first one. */
static struct span first_characters(struct span line)
{
	struct span rest = line;

	if (line.size <= LONGEST_SEGMENT)
		return line;
	for (size_t i = 0; i < LONGEST_SEGMENT && rest.size; i++)
		utf8_take(&rest);
	return span_of(line.data, line.size - rest.size);
}

int text_repair(struct buf *out, struct span text, struct err *err)
{
	bool html = true;

	if (is_plain(text)) {
		buf_append_span(out, text);
		return out->failed ? err_memory(err) : 0;
	}
	while (text.size) {
		const unsigned char *newline = memchr(text.data, '\n', text.size);
		struct span line = first_characters(span_of(text.data, newline ? (size_t)(newline - text.data) + 1 : text.size));
		html = html && !memchr(line.data, '<', line.size);
		if (repair_line(out, line, html, err))
			return -1;
		text = span_of(text.data + line.size, text.size - line.size);
	}
	return 0;
}
