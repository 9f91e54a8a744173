#include "text/html.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 32, REPLACEMENT = 0xFFFD, LAST_CODEPOINT = 0x10FFFF };

struct entity {
	const char *name; /* with its semicolon, unless it is optional */
	const char *value;
};

static const struct entity entities[] = {
#define ENTITY(name, value) { name, value },
#include "text/entities.def"
#undef ENTITY
};

static int compare_name(const void *key, const void *entry)
{
	const struct span *name = key;

	return span_compare(*name, span_string(((const struct entity *)entry)->name));
}

static const struct entity *find_entity(struct span name)
{
	return bsearch(&name, entities, sizeof entities / sizeof *entities, sizeof *entities, compare_name);
}

/* windows-1252 at 0x80..0x9F; 0: undefined. */
static const uint16_t windows_1252[32] = {
	0x20AC,
	0,
	0x201A,
	0x0192,
	0x201E,
	0x2026,
	0x2020,
	0x2021,
	0x02C6,
	0x2030,
	0x0160,
	0x2039,
	0x0152,
	0,
	0x017D,
	0,
	0,
	0x2018,
	0x2019,
	0x201C,
	0x201D,
	0x2022,
	0x2013,
	0x2014,
	0x02DC,
	0x2122,
	0x0161,
	0x203A,
	0x0153,
	0,
	0x017E,
	0x0178,
};

int32_t html_windows_1252(int32_t control)
{
	return windows_1252[control - 0x80] ? windows_1252[control - 0x80] : control;
}

bool html_name(struct buf *out, struct span name)
{
	const struct entity *entity = find_entity(name);

	if (entity)
		buf_append_string(out, entity->value);
	return entity;
}

/* Code points that HTML drops: controls and non-characters. */
static bool is_dropped(int32_t code)
{
	return (code < 0x20 && code != '\t' && code != '\n' && code != '\f' && code != '\r') || code == 0x7F ||
	       (code >= 0xFDD0 && code <= 0xFDEF) || (code & 0xFFFE) == 0xFFFE;
}

static void append_code(struct buf *out, int32_t code)
{
	if (code == 0 || (code >= 0xD800 && code <= 0xDFFF) || code > LAST_CODEPOINT)
		code = REPLACEMENT;
	else if (code >= 0x80 && code <= 0x9F)
		code = html_windows_1252(code);
	else if (is_dropped(code))
		return;
	utf8_append(out, code);
}

static int digit_of(unsigned char c, int base)
{
	int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;

	return digit < base ? digit : -1;
}

/* text begins after "&#".  Returns the number of bytes consumed; 0: not a reference. */
static size_t take_number(struct buf *out, struct span text)
{
	bool hex = text.size && (text.data[0] | 0x20) == 'x';
	size_t begin = hex, i = begin;
	int32_t code = 0;

	for (int digit; i < text.size && (digit = digit_of(text.data[i], hex ? 16 : 10)) >= 0; i++)
		code = code > LAST_CODEPOINT ? code : code * (hex ? 16 : 10) + digit;
	if (i == begin)
		return 0;
	append_code(out, code);
	return i + (i < text.size && text.data[i] == ';');
}

/* The bytes that may be a name: up to 32 characters and a semicolon. */
static size_t name_size(struct span text)
{
	struct span rest = text;
	size_t size = 0;

	for (int i = 0; i < LONGEST_NAME && rest.size && !memchr("\t\n\f <&#;", rest.data[0], 8); i++) {
		utf8_take(&rest);
		size = text.size - rest.size;
	}
	return size + (size && rest.size && rest.data[0] == ';');
}

/* text begins after "&".  Returns the number of bytes consumed; 0: not a reference. */
static size_t take_name(struct buf *out, struct span text)
{
	for (size_t size = name_size(text); size > 1; size--) {
		const struct entity *entity = find_entity(span_of(text.data, size));
		if (entity) {
			buf_append_string(out, entity->value);
			return size;
		}
	}
	return 0;
}

bool html_next_ampersand(struct buf *out, struct span *text)
{
	const unsigned char *ampersand = text->size ? memchr(text->data, '&', text->size) : NULL;
	const size_t plain = ampersand ? (size_t)(ampersand - text->data) : text->size;

	buf_append(out, text->data, plain);
	*text = span_of(text->data + plain, text->size - plain);
	return ampersand;
}

void html_unescape(struct buf *out, struct span text)
{
	while (html_next_ampersand(out, &text)) {
		bool number = text.size > 1 && text.data[1] == '#';
		struct span inside = span_of(text.data + 1 + number, text.size - 1 - number);
		size_t taken = number ? take_number(out, inside) : take_name(out, inside);
		if (taken)
			taken += number;
		else
			buf_append_byte(out, '&');
		text = span_of(text.data + 1 + taken, text.size - 1 - taken);
	}
}
