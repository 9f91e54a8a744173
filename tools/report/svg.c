#include "tools/report/svg.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tag {
	struct span name, inside; /* what comes behind the name */
	bool closing, empty;      /* </name>, <name/> */
};

static bool is_space(unsigned char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static struct span skip(struct span text, size_t count)
{
	return count < text.size ? span_of(text.data + count, text.size - count) : span_of(NULL, 0);
}

static struct span skip_spaces(struct span text)
{
	while (text.size && is_space(text.data[0]))
		text = skip(text, 1);
	return text;
}

static size_t length_until(struct span text, unsigned char byte)
{
	const unsigned char *end = text.size ? memchr(text.data, byte, text.size) : NULL;

	return end ? (size_t)(end - text.data) : text.size;
}

/* The text begins with '<'.  Takes it up to its '>'. */
static struct tag take_tag(struct span *text)
{
	const size_t length = length_until(*text, '>');
	struct span inside = skip(span_of(text->data, length), 1);
	struct tag tag = { 0 };

	*text = skip(*text, length + 1);
	tag.closing = inside.size && inside.data[0] == '/';
	if (tag.closing)
		inside = skip(inside, 1);
	tag.empty = inside.size && inside.data[inside.size - 1] == '/';
	inside.size -= tag.empty;
	while (tag.name.size < inside.size && !is_space(inside.data[tag.name.size]))
		tag.name = span_of(inside.data, tag.name.size + 1);
	tag.inside = skip(inside, tag.name.size);
	return tag;
}

/* false: there is no other. */
static bool take_attribute(struct span *inside, struct span *name, struct span *value)
{
	*inside = skip_spaces(*inside);
	const size_t length = length_until(*inside, '=');
	struct span rest = skip_spaces(skip(*inside, length + 1));

	if (rest.size < 2 || (rest.data[0] != '\'' && rest.data[0] != '"'))
		return false;
	*name = span_of(inside->data, length);
	while (name->size && is_space(name->data[name->size - 1]))
		name->size--;
	*value = skip(rest, 1);
	value->size = length_until(*value, rest.data[0]);
	*inside = skip(rest, value->size + 2);
	return true;
}

static bool is_one_of(struct span text, const char *const *list)
{
	while (*list && !span_is(text, *list))
		list++;
	return *list;
}

/* stroke or fill. */
static void print_paint(struct buf *out, struct span name, struct span value)
{
	char colour[32] = "";
	int series;

	if (value.size < sizeof colour && value.size)
		memcpy(colour, value.data, value.size);
	if (sscanf(colour, "rgb( 1, %d, 0)", &series) == 1)
		buf_printf(out, " class=\"c%d\"", series);
	else
		buf_printf(out, " %.*s=\"%s\"", (int)name.size, (const char *)name.data,
			strcmp(colour, "none") == 0 ? "none" : "currentColor");
}

static void print_tag(struct buf *out, const struct tag *tag)
{
	static const char *const geometry[] = { "d", "points", "transform", "text-anchor", "stroke-width", "fill-opacity", "x", "y",
		"width", "height", "cx", "cy", "r", NULL };
	struct span inside = tag->inside, name, value;

	buf_printf(out, "<%s%.*s", tag->closing ? "/" : "", (int)tag->name.size, (const char *)tag->name.data);
	while (take_attribute(&inside, &name, &value))
		if (span_is(name, "stroke") || span_is(name, "fill"))
			print_paint(out, name, value);
		else if (is_one_of(name, geometry) && !memchr(value.data, '"', value.size))
			buf_printf(out, " %.*s=\"%.*s\"", (int)name.size, (const char *)name.data, (int)value.size,
				(const char *)value.data);
	buf_append_string(out, tag->empty ? "/>" : ">");
}

/* Behind the end of the element that just began. */
static struct span skip_element(struct span text, struct span name)
{
	while (text.size) {
		text = skip(text, length_until(text, '<'));
		if (!text.size)
			break;
		struct tag tag = take_tag(&text);
		if (tag.closing && span_equal(tag.name, name))
			break;
	}
	return text;
}

/* <g ...> </g> */
static bool is_hollow(const struct tag *tag, struct span *rest)
{
	struct span next = skip_spaces(*rest);

	if (!span_is(tag->name, "g") || tag->closing || next.size < 4 || memcmp(next.data, "</g>", 4) != 0)
		return false;
	*rest = skip(next, 4);
	return true;
}

static bool is_frame(const struct tag *tag)
{
	return span_is(tag->name, "svg") || tag->name.size == 0 || tag->name.data[0] == '?' || tag->name.data[0] == '!';
}

void svg_clean(struct buf *out, struct span svg, size_t width, size_t height, const char *label)
{
	static const char *const kept[] = { "g", "path", "polygon", "polyline", "rect", "circle", "text", "tspan", NULL };

	buf_printf(out, "<svg viewBox=\"0 0 %zu %zu\" role=\"img\" aria-label=\"%s\">", width, height, label);
	while (svg.size) {
		const struct span content = skip_spaces(span_of(svg.data, length_until(svg, '<')));
		buf_append_span(out, content);
		svg = skip(svg, length_until(svg, '<'));
		if (!svg.size)
			break;
		const struct tag tag = take_tag(&svg);
		if (is_frame(&tag) || is_hollow(&tag, &svg))
			continue;
		if (is_one_of(tag.name, kept))
			print_tag(out, &tag);
		else if (!tag.closing && !tag.empty)
			svg = skip_element(svg, tag.name);
	}
	buf_append_string(out, "</svg>\n");
}
