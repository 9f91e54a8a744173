#include "formats/tar/sample_name.h"

#include "formats/tar/member_name.h"

#include <string.h>

static size_t base_of(struct span name)
{
	size_t at = name.size;

	while (at && name.data[at - 1] != '/')
		at--;
	return at;
}

static bool is_meta(struct span name)
{
	const unsigned char *slash = name.size ? memchr(name.data, '/', name.size) : NULL;
	size_t size = slash ? (size_t)(slash - name.data) : name.size;

	return size >= 4 && memcmp(name.data, "__", 2) == 0 && memcmp(name.data + size - 2, "__", 2) == 0;
}

bool sample_name_split(struct span name, struct span *key, struct span *field)
{
	size_t base = base_of(name);
	const unsigned char *dot = base < name.size ? memchr(name.data + base, '.', name.size - base) : NULL;

	if (!dot || dot == name.data + base || is_meta(name))
		return false;
	*key = span_of(name.data, (size_t)(dot - name.data));
	*field = span_of(dot + 1, name.size - key->size - 1);
	return field->size > 0;
}

bool name_ends_as_image(struct span name, size_t *extension_size)
{
	const size_t base = base_of(name);
	size_t at = name.size;

	while (at > base && name.data[at - 1] != '.')
		at--;
	*extension_size = at > base + 1 && at < name.size ? name.size - at + 1 : 0;
	return *extension_size && name_is_image(span_of(name.data + at, name.size - at));
}

static bool continues(struct span name, struct span stem)
{
	return stem.size && name.size > stem.size + 1 && name.data[stem.size] == '.' && memcmp(name.data, stem.data, stem.size) == 0;
}

void sample_name_by_image(struct span name, struct buf *stem, struct buf *out)
{
	const size_t base = base_of(name), start = out->size;
	size_t extension_size, end;

	if (name_ends_as_image(name, &extension_size)) {
		buf_clear(stem);
		buf_append(stem, name.data, name.size - extension_size);
		end = name.size - extension_size;
	} else if (continues(name, buf_span(stem))) {
		end = stem->size;
	} else {
		end = extension_size ? name.size - extension_size : base; /* "cat.0." has no extension: its key ends at its first dot */
	}
	buf_append_span(out, name);
	for (size_t i = base; i < end && !out->failed; i++)
		if (out->data[start + i] == '.')
			out->data[start + i] = '_';
}

/* "left.jpg": an image with a name of its own. */
static bool is_further_image(struct span field)
{
	size_t at = field.size;

	while (at && field.data[at - 1] != '.')
		at--;
	return at && name_is_image(span_of(field.data + at, field.size - at)); /* ".jpg": of "a..jpg" */
}

static int check_images(const struct record *record, struct err *err)
{
	const struct field *images[2] = { NULL };
	size_t count = 0;

	for (size_t i = 0; i < record->count; i++) {
		if (name_is_image(record->fields[i].name))
			return 0;
		if (is_further_image(record->fields[i].name) && count++ < 2)
			images[count - 1] = &record->fields[i];
	}
	if (count < 2)
		return 0;
	const struct span one = images[0]->name, other = images[1]->name;
	return err_set(err,
		"%zu images (%.*s, %.*s%s), and none is called jpg or png alone; use --per-image to make a record of each, "
		"or --rename %.*s=jpg or --fields to choose one",
		count, span_shown(one, 64), (const char *)one.data, span_shown(other, 64), (const char *)other.data,
		count > 2 ? ", ..." : "", span_shown(one, 64), (const char *)one.data);
}

/* metadata.jsonl or metadata.csv of a folder of images. */
static bool is_table(const struct record *record)
{
	const size_t base = base_of(record->key);
	const bool named = span_is(span_of(record->key.data + base, record->key.size - base), "metadata");

	return named && record->count == 1 && (name_is(record->fields->name, "jsonl") || name_is(record->fields->name, "csv"));
}

/* x.tar without other fields. */
static bool is_tar(const struct record *record)
{
	size_t tars = 0;

	for (size_t i = 0; i < record->count; i++)
		tars += field_is_tar(record->fields[i].name);
	return tars && tars == record->count;
}

int sample_check_fields(const struct record *record, struct err *err)
{
	if (is_table(record))
		return err_set(err, "a table of images, not a sample; unpack the tar and read the folder");
	if (is_tar(record))
		return err_set(err, "a tar inside a tar, not a sample; unpack the outer one and name the inner ones");
	return check_images(record, err);
}

/* Would the member be ignored, or be read back under another name? */
static const char *member_problem(struct span key, struct span field)
{
	struct buf scratch = { 0 }, name = { 0 };
	struct span normal;

	buf_append_span(&name, key);
	buf_append_byte(&name, '.');
	buf_append_span(&name, field);
	const enum member_kind kind = member_name(buf_span(&name), &normal, &scratch);
	const bool same = span_equal(normal, buf_span(&name)), failed = name.failed || scratch.failed;
	buf_free(&scratch);
	buf_free(&name);
	if (failed)
		return "out of memory";
	if (kind == MEMBER_ESCAPES)
		return "the key contains the part .., which leads outside the folder";
	if (kind == MEMBER_IGNORED)
		return "the key has a part that readers ignore (a hidden name, or one like __MACOSX)";
	return same ? NULL : "the key is not in normal form (as in a/b: no leading slash, no part `.`, Unicode in NFC)";
}

const char *sample_name_problem(struct span key, struct span field)
{
	size_t base = base_of(key);

	if (base == key.size)
		return "the key ends in a slash";
	if (memchr(key.data + base, '.', key.size - base))
		return "the key has a dot in its last part, so a member of a tar would be read back under another key";
	if (is_meta(key) && base)
		return "the first part of the key has the form __NAME__, which readers of shards skip";
	if (memchr(key.data, 0, key.size) || memchr(field.data, 0, field.size))
		return "a name contains a NUL byte";
	if (!field.size)
		return "a field without a name";
	if (span_is(field, "__key__"))
		return "a field cannot be named __key__";
	if (memchr(field.data, '/', field.size))
		return "a slash in a field's name";
	return member_problem(key, field);
}
