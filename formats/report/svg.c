#include "formats/report/svg.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DEEPEST = 64 };

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

/* "<!-- ... -->", up to its '>'. */
static size_t comment_length(struct span text)
{
	size_t i = 4;

	if (text.size < 7 || memcmp(text.data, "<!--", 4) != 0)
		return 0;
	while (i + 3 < text.size && memcmp(text.data + i, "-->", 3) != 0)
		i++;
	return i + 2;
}

/* The text begins with '<'.  Takes it up to its '>'. */
static struct tag take_tag(struct span *text)
{
	const size_t comment = comment_length(*text), length = comment ? comment : length_until(*text, '>');
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

/* "rgb(1, 2, 3)", "#123456", and not black. */
static bool is_colour(const char *text)
{
	unsigned red, green, blue;
	int end = 0;

	if (sscanf(text, " rgb( %3u , %3u , %3u )%n", &red, &green, &blue, &end) != 3 || end == 0)
		end = 0;
	if (end == 0 && strlen(text) == 7 && strspn(text + 1, "0123456789abcdefABCDEF") == 6)
		sscanf(text, "#%2x%2x%2x%n", &red, &green, &blue, &end);
	return end && text[end] == 0 && (red || green || blue);
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
			strcmp(colour, "none") == 0 || is_colour(colour) ? colour : "currentColor");
}

/* Ours alone: cN. */
static void print_class(struct buf *out, struct span value)
{
	char name[8] = "";
	unsigned series;
	int end = 0;

	if (value.size < sizeof name && value.size)
		memcpy(name, value.data, value.size);
	if (sscanf(name, "c%3u%n", &series, &end) == 1 && name[end] == 0)
		buf_printf(out, " class=\"c%u\"", series);
}

static void print_tag(struct buf *out, const struct tag *tag)
{
	static const char *const geometry[] = { "d", "points", "transform", "text-anchor", "stroke-width", "fill-opacity", "x", "y",
		"width", "height", "cx", "cy", "r", "stroke-linecap", "stroke-opacity", "stroke-dasharray", NULL };
	struct span inside = tag->inside, name, value;

	buf_printf(out, "<%s%.*s", tag->closing ? "/" : "", (int)tag->name.size, (const char *)tag->name.data);
	while (take_attribute(&inside, &name, &value))
		if (span_is(name, "stroke") || span_is(name, "fill"))
			print_paint(out, name, value);
		else if (span_is(name, "class"))
			print_class(out, value);
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

/* A number in front of what is no number. */
static size_t length_of(struct span value)
{
	double length = 0;
	char text[32] = "";

	if (value.size < sizeof text && value.size)
		memcpy(text, value.data, value.size);
	return sscanf(text, "%lf", &length) == 1 && length >= 1 && length < 1e5 ? (size_t)length : 0;
}

/* "0 0 440 300": the last two. */
static void take_box(struct span value, size_t *width, size_t *height)
{
	double box[4];
	char text[96] = "";

	if (value.size < sizeof text && value.size)
		memcpy(text, value.data, value.size);
	if (sscanf(text, "%lf%*[ ,]%lf%*[ ,]%lf%*[ ,]%lf", box, box + 1, box + 2, box + 3) == 4 && box[2] >= 1 && box[2] < 1e5 &&
		box[3] >= 1 && box[3] < 1e5) {
		*width = (size_t)box[2];
		*height = (size_t)box[3];
	}
}

bool svg_size(struct span svg, size_t *width, size_t *height)
{
	*width = *height = 0;
	while (svg.size) {
		svg = skip(svg, length_until(svg, '<'));
		if (!svg.size)
			return false;
		const struct tag tag = take_tag(&svg);
		struct span inside = tag.inside, name, value;
		if (!span_is(tag.name, "svg"))
			continue;
		while (take_attribute(&inside, &name, &value))
			if (span_is(name, "viewBox"))
				take_box(value, width, height);
			else if (span_is(name, "width") && !*width)
				*width = length_of(value);
			else if (span_is(name, "height") && !*height)
				*height = length_of(value);
		return *width && *height;
	}
	return false;
}

struct span svg_about(struct span svg)
{
	while (svg.size) {
		svg = skip(svg, length_until(svg, '<'));
		if (!svg.size)
			break;
		const struct tag tag = take_tag(&svg);
		if (span_is(tag.name, "desc") && !tag.closing)
			return span_of(svg.data, length_until(svg, '<'));
	}
	return span_of(NULL, 0);
}

/* Elements that are open. */
struct nest {
	struct span names[DEEPEST];
	size_t depth;
};

/* May this tag stand here?  What is closed must be open, and the innermost. */
static bool nest_take(struct nest *nest, const struct tag *tag)
{
	if (tag->empty)
		return true;
	if (!tag->closing && nest->depth < DEEPEST) {
		nest->names[nest->depth++] = tag->name;
		return true;
	}
	if (tag->closing && nest->depth && span_equal(nest->names[nest->depth - 1], tag->name)) {
		nest->depth--;
		return true;
	}
	return false;
}

static bool nest_is_text(const struct nest *nest)
{
	const struct span name = nest->depth ? nest->names[nest->depth - 1] : span_of(NULL, 0);

	return span_is(name, "text") || span_is(name, "tspan");
}

static void nest_close(struct nest *nest, struct buf *out)
{
	while (nest->depth) {
		const struct span name = nest->names[--nest->depth];
		buf_printf(out, "</%.*s>", (int)name.size, (const char *)name.data);
	}
}

void svg_clean(struct buf *out, struct span svg, size_t width, size_t height, const char *label)
{
	static const char *const kept[] = { "g", "path", "polygon", "polyline", "rect", "circle", "text", "tspan", NULL };
	struct nest nest = { 0 };

	buf_printf(out, "<svg viewBox=\"0 0 %zu %zu\" role=\"img\" aria-label=\"%s\">", width, height, label);
	while (svg.size) {
		if (nest_is_text(&nest))
			buf_append_span(out, skip_spaces(span_of(svg.data, length_until(svg, '<'))));
		svg = skip(svg, length_until(svg, '<'));
		if (!svg.size)
			break;
		const struct tag tag = take_tag(&svg);
		if (is_frame(&tag) || is_hollow(&tag, &svg))
			continue;
		if (is_one_of(tag.name, kept)) {
			if (nest_take(&nest, &tag))
				print_tag(out, &tag);
		} else if (!tag.closing && !tag.empty)
			svg = skip_element(svg, tag.name);
	}
	nest_close(&nest, out);
	buf_append_string(out, "</svg>\n");
}
