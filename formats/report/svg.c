#include "formats/report/svg.h"

#include <stdio.h>
#include <string.h>

static struct span after(struct span text, size_t count)
{
	return count < text.size ? span_of(text.data + count, text.size - count) : span_of(NULL, 0);
}

/* The offset of `what`; text.size: not found. */
static size_t find(struct span text, const char *what)
{
	const size_t length = strlen(what);

	for (size_t i = 0; i + length <= text.size; i++)
		if (memcmp(text.data + i, what, length) == 0)
			return i;
	return text.size;
}

static struct span until(struct span text, const char *end)
{
	return span_of(text.data, find(text, end));
}

/* The text after the start tag <name ...> and the attributes of the tag; tags in comments do not count.  Empty: not found. */
static struct span find_tag(struct span text, const char *name, struct span *attributes)
{
	const size_t length = strlen(name);

	for (;;) {
		text = after(text, find(text, "<"));
		if (text.size <= length + 1)
			return span_of(NULL, 0);
		if (span_begins(text, span_string("<!--"))) {
			text = after(text, find(text, "-->"));
			continue;
		}
		text = after(text, 1);
		const unsigned char end = text.data[length];
		if (memcmp(text.data, name, length) == 0 && (end == '>' || end == '/' || end <= ' ')) {
			*attributes = after(until(text, ">"), length);
			return after(text, length + attributes->size + 1);
		}
	}
}

static struct span skip_any(struct span text, const char *bytes)
{
	while (text.size && text.data[0] && strchr(bytes, text.data[0]))
		text = after(text, 1);
	return text;
}

/* "": missing, or too long to be a size. */
static void copy_attribute(struct span attributes, const char *name, char value[96])
{
	const size_t length = strlen(name);

	value[0] = 0;
	for (size_t at; (at = find(attributes, name)) < attributes.size; attributes = after(attributes, at + length)) {
		struct span rest = skip_any(after(attributes, at + length), " \t\r\n=");
		if (at == 0 || attributes.data[at - 1] > ' ' || !rest.size || (rest.data[0] != '"' && rest.data[0] != '\''))
			continue;
		rest = until(after(rest, 1), rest.data[0] == '"' ? "\"" : "'");
		if (rest.size && rest.size < 96) {
			memcpy(value, rest.data, rest.size);
			value[rest.size] = 0;
		}
		return;
	}
}

static bool is_length(double length)
{
	return length >= 1 && length < 1e5;
}

bool svg_size(struct span svg, size_t *width, size_t *height)
{
	struct span attributes = span_of(NULL, 0);
	char box[96], wide[96], high[96];
	double w = 0, h = 0;

	find_tag(svg, "svg", &attributes);
	copy_attribute(attributes, "viewBox", box);
	copy_attribute(attributes, "width", wide);
	copy_attribute(attributes, "height", high);
	if ((sscanf(box, "%*f%*[ ,]%*f%*[ ,]%lf%*[ ,]%lf", &w, &h) != 2 || !is_length(w) || !is_length(h)) &&
		(sscanf(wide, "%lf", &w) != 1 || sscanf(high, "%lf", &h) != 1 || !is_length(w) || !is_length(h)))
		return false;
	*width = (size_t)w;
	*height = (size_t)h;
	return true;
}

struct span svg_about(struct span svg)
{
	struct span attributes;

	return until(find_tag(svg, "desc", &attributes), "<");
}

struct span svg_inside(struct span svg)
{
	struct span attributes;

	return until(find_tag(svg, "svg", &attributes), "</svg>");
}

bool svg_has_dark_mode(struct span svg)
{
	return find(svg, "prefers-color-scheme") < svg.size;
}
