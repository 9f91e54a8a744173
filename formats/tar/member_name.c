#include "formats/tar/member_name.h"

#include "text/utf8.h"

#include <string.h>
#include <strings.h>

enum { FIRST_MARK_BYTE = 0xCC }; /* begins U+0300; text without such a byte is composed */

static bool part_is(struct span part, const char *name)
{
	return part.size == strlen(name) && strncasecmp((const char *)part.data, name, part.size) == 0;
}

static bool ends_in(struct span part, const char *end)
{
	const size_t size = strlen(end);

	return part.size > size && memcmp(part.data + part.size - size, end, size) == 0;
}

bool name_part_ignored(struct span part)
{
	static const char *const names[] = { "__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "@eaDir", "$RECYCLE.BIN",
		"System Volume Information", "Icon\r" };
	static const char *const documents[] = { "README.md", "README.rst", "README.txt", "LICENSE.md", "LICENSE.txt" };

	if (part.size == 0)
		return false;
	if (*part.data == '.' && !span_is(part, ".") && !span_is(part, ".."))
		return true;
	if (strchr("_TtEeDd@$SsIi", *part.data))
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (part_is(part, names[i]))
				return true;
	if (*part.data == 'R' || *part.data == 'L')
		for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
			if (span_is(part, documents[i]))
				return true;
	return memchr(part.data, ':', part.size) && (ends_in(part, ":Zone.Identifier") || ends_in(part, ":Zone.Identifier:$DATA"));
}

/* Without regard to case.  The name of a field may be the extension alone, without its dot. */
static bool ends_as_tar(struct span name, bool is_field)
{
	static const char *const ends[] = { ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tar.lz4" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		const size_t size = strlen(ends[i]);
		if (name.size > size && strncasecmp((const char *)name.data + name.size - size, ends[i], size) == 0)
			return true;
		if (is_field && part_is(name, ends[i] + 1))
			return true;
	}
	return false;
}

bool name_is_tar(const char *name)
{
	return ends_as_tar(span_string(name), false);
}

bool field_is_tar(struct span field)
{
	return ends_as_tar(field, true);
}

struct span name_compose(struct span name, struct buf *scratch)
{
	struct err ignored;
	size_t at = 0;

	while (at < name.size && name.data[at] < FIRST_MARK_BYTE)
		at++;
	if (at == name.size || utf8_first_error(name) < name.size)
		return name;
	buf_clear(scratch);
	if (text_compose(scratch, name, &ignored))
		scratch->failed = true;
	return span_equal(buf_span(scratch), name) ? name : buf_span(scratch);
}

bool name_same(struct span a, struct span b)
{
	struct buf one = { 0 }, other = { 0 };
	bool same = span_equal(a, b);

	if (!same)
		same = span_equal(name_compose(a, &one), name_compose(b, &other)) && !one.failed && !other.failed;
	buf_free(&one);
	buf_free(&other);
	return same;
}

/* The component at `at`, up to the next slash. */
static struct span part_at(struct span name, size_t at)
{
	const unsigned char *slash = memchr(name.data + at, '/', name.size - at);

	return span_of(name.data + at, slash ? (size_t)(slash - name.data) - at : name.size - at);
}

/* A letter and a colon. */
static bool is_drive(struct span part)
{
	return part.size == 2 && (part.data[0] | 32) >= 'a' && (part.data[0] | 32) <= 'z' && part.data[1] == ':';
}

/* On Windows "..\a", "a\..\b" and "C:\a" leave the folder. */
static bool escapes_on_windows(struct span part)
{
	if (!memchr(part.data, '\\', part.size))
		return false;
	if (part.size > 2 && is_drive(span_of(part.data, 2)) && part.data[2] == '\\')
		return true;
	for (size_t at = 0, end; at < part.size; at = end + 1) {
		for (end = at; end < part.size && part.data[end] != '\\'; end++)
			;
		if (span_is(span_of(part.data + at, end - at), ".."))
			return true;
	}
	return *part.data == '\\';
}

/* Classifies the name.  *normal: it needs no change except composition. */
static enum member_kind classify(struct span name, bool *normal)
{
	enum member_kind kind = MEMBER_FILE;

	*normal = true;
	for (size_t at = 0; at < name.size;) {
		const struct span part = part_at(name, at);
		if (part.size == 0 || span_is(part, "."))
			*normal = false;
		else if (span_is(part, "..") || escapes_on_windows(part) || (at == 0 && part.size < name.size && is_drive(part)))
			return MEMBER_ESCAPES;
		else if (name_part_ignored(part))
			kind = MEMBER_IGNORED;
		at += part.size + 1;
	}
	return kind;
}

static void append_parts(struct buf *out, struct span name)
{
	const bool folder = name.data[name.size - 1] == '/';

	for (size_t at = 0; at < name.size;) {
		const struct span part = part_at(name, at);
		if (part.size && !span_is(part, ".")) {
			if (out->size)
				buf_append_byte(out, '/');
			buf_append_span(out, part);
		}
		at += part.size + 1;
	}
	if (folder && out->size)
		buf_append_byte(out, '/');
}

/* Could a component with these first two bytes be one of the ignored names? */
static bool begins_as_ignored(unsigned char first, unsigned char second)
{
	second |= 32;
	switch (first) {
	case '_': return second == ('_' | 32);
	case '@':
	case 'd':
	case 'D':
	case 'r':
	case 'R': return second == 'e';
	case '$': return second == 'r';
	case 't':
	case 'T':
	case 'e':
	case 'E': return second == 'h';
	case 's':
	case 'S': return second == 'y';
	case 'i':
	case 'I': return second == 'c';
	case 'l':
	case 'L': return second == 'i';
	default: return false;
	}
}

/* Fast path: one pass over the bytes recognises nearly every name as normal. */
static bool is_plain(struct span name)
{
	bool begins = true;

	for (size_t i = 0; i < name.size; i++) {
		const unsigned char byte = name.data[i];
		if (byte >= FIRST_MARK_BYTE || byte == '\\' || byte == ':')
			return false;
		if (begins && (byte == '.' || byte == '/' || begins_as_ignored(byte, i + 1 < name.size ? name.data[i + 1] : 0)))
			return false;
		begins = byte == '/';
	}
	return true;
}

enum member_kind member_name(struct span name, struct span *normal, struct buf *scratch)
{
	*normal = name;
	if (is_plain(name))
		return MEMBER_FILE;
	bool is_normal;
	const enum member_kind kind = classify(name, &is_normal);

	if (kind != MEMBER_FILE)
		return kind;
	*normal = name_compose(name, scratch);
	if (is_normal || scratch->failed)
		return kind;
	struct buf parts = { 0 };
	append_parts(&parts, *normal);
	buf_clear(scratch);
	buf_append_span(scratch, buf_span(&parts));
	scratch->failed = scratch->failed || parts.failed;
	buf_free(&parts);
	*normal = buf_span(scratch);
	return kind;
}

void name_of_path(struct buf *key, struct span path, size_t extension_size)
{
	struct buf composed = { 0 };
	size_t base = key->size;

	path = name_compose(span_of(path.data, path.size - extension_size), &composed);
	for (size_t at = 0; at < path.size;) {
		const struct span part = part_at(path, at);
		at += part.size + 1;
		if (part.size == 0 || span_is(part, ".") || span_is(part, ".."))
			continue;
		if (key->size)
			buf_append_byte(key, '/');
		base = key->size;
		buf_append_span(key, part);
		if (*part.data == '.' && !key->failed)
			key->data[base] = '_';
		else if (name_part_ignored(part))
			buf_append_byte(key, '_');
	}
	for (size_t i = base; i < key->size; i++)
		if (key->data[i] == '.')
			key->data[i] = '_';
	key->failed = key->failed || composed.failed;
	buf_free(&composed);
}
