#include "formats/dataset/naming.h"

#include "formats/tar/field_file.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

#include <stdlib.h>
#include <string.h>

static int add_pair(struct naming *naming, struct span from, struct span to, struct err *err)
{
	const char *problem = sample_name_problem(span_string("key"), to);

	if (problem)
		return err_set(err, "'%.*s': %s", (int)to.size, (const char *)to.data, problem);
	for (size_t i = 0; i < naming->count; i++)
		if (name_equal(naming->pairs[i].from, from))
			return err_set(err, "'%.*s' is named twice", (int)from.size, (const char *)from.data);
	if (naming->count == NAMING_MOST)
		return err_set(err, "too many names; at most %d are supported", NAMING_MOST);
	naming->pairs[naming->count++] = (struct naming_pair){ .from = from, .to = to };
	return 0;
}

int naming_parse(struct naming *naming, const char *text, struct err *err)
{
	while (text && *text) {
		const size_t size = strcspn(text, ","), from = strcspn(text, "=,");
		if (from == 0 || from + 1 >= size)
			return err_set(err, "'%.*s': expected OLD=NEW, as in caption.txt=txt,jpeg=jpg", (int)size, text);
		if (add_pair(naming, span_of(text, from), span_of(text + from + 1, size - from - 1), err))
			return -1;
		text += size + (text[size] == ',');
	}
	return 0;
}

/* Appends the last name_parts parts of the path (0: one), the last of them up to its first dot. */
static void append_source_name(struct buf *out, const struct source *source)
{
	const char *path = source->path;
	size_t end = strlen(path), begin;

	if (source_command(path)) {
		buf_printf(out, "pipe%zu", source->number);
		return;
	}
	if (strcmp(path, "-") == 0) {
		buf_append_string(out, "stdin");
		return;
	}
	while (end && path[end - 1] == '/')
		end--;
	begin = end;
	for (unsigned parts = source->name_parts ? source->name_parts : 1; begin && parts; parts--) {
		while (begin && path[begin - 1] == '/')
			begin--;
		while (begin && path[begin - 1] != '/')
			begin--;
	}
	struct buf scratch = { 0 };
	struct span name;
	member_name(span_of(path + begin, end - begin), &name, &scratch);
	size_t base = name.size;
	while (base && name.data[base - 1] != '/')
		base--;
	const unsigned char *dot = name.size > base + 1 ? memchr(name.data + base + 1, '.', name.size - base - 1) : NULL;
	buf_append(out, name.data, dot ? (size_t)(dot - name.data) : name.size);
	buf_free(&scratch);
}

struct named {
	struct buf name;
	struct source *source;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *one = a, *other = b;

	return span_compare(buf_span(&one->name), buf_span(&other->name));
}

/* Adds a part to the names of different files that share a name.  False: there are none. */
static bool lengthen(struct named *named, size_t count)
{
	bool any = false;

	for (size_t i = 0, end; i < count; i = end) {
		bool differ = false;
		for (end = i; end < count && compare_named(&named[i], &named[end]) == 0; end++)
			differ = differ || strcmp(named[i].source->path, named[end].source->path) != 0;
		for (size_t k = i; differ && k < end; k++)
			named[k].source->name_parts = named[k].source->name_parts ? named[k].source->name_parts + 1 : 2;
		any = any || differ;
	}
	return any;
}

int naming_disambiguate(struct sources *sources, struct err *err)
{
	enum { PARTS_MOST = 32 };
	struct named *named = calloc(sources->count + 1, sizeof *named);
	bool failed = !named, again = true;

	for (int parts = 1; again && !failed && parts < PARTS_MOST; parts++) {
		for (size_t i = 0; i < sources->count; i++) {
			struct source *source = parts == 1 ? &sources->items[i] : named[i].source;
			buf_clear(&named[i].name);
			append_source_name(&named[i].name, source);
			named[i].source = source;
			failed = failed || named[i].name.failed;
		}
		qsort(named, sources->count, sizeof *named, compare_named);
		again = lengthen(named, sources->count);
	}
	for (size_t i = 0; named && i < sources->count; i++)
		buf_free(&named[i].name);
	free(named);
	return failed ? err_memory(err) : 0;
}

static void append_prefix(struct buf *out, const char *prefix, const struct source *source)
{
	const char *braces;

	for (; (braces = strstr(prefix, "{}")); prefix = braces + 2) {
		buf_append(out, prefix, (size_t)(braces - prefix));
		append_source_name(out, source);
	}
	buf_append_string(out, prefix);
}

int naming_prefix(struct naming *naming, const char *prefix, struct err *err)
{
	struct buf key = { 0 };

	naming->prefix = prefix;
	if (!prefix)
		return 0;
	struct buf composed = { 0 };
	append_prefix(&key, prefix, &(struct source){ .path = "x" });
	buf_append_byte(&key, 'k');
	const char *problem = sample_name_problem(name_compose(buf_span(&key), &composed), span_string("txt"));
	buf_free(&key);
	buf_free(&composed);
	return problem ? err_set(err, "'%s': %s", prefix, problem) : 0;
}

bool naming_changes(const struct naming *naming, const struct source *source)
{
	return naming->count || naming->prefix || source->pass;
}

static struct naming_pair *find(struct naming *naming, struct span field)
{
	for (size_t i = 0; i < naming->count; i++)
		if (name_equal(naming->pairs[i].from, field))
			return &naming->pairs[i];
	return NULL;
}

struct span naming_field(struct naming *naming, struct span field)
{
	struct naming_pair *pair = find(naming, field);

	if (!pair)
		return field;
	pair->used = true;
	return pair->to;
}

static int change_key(struct naming *naming, const struct source *source, struct record *record, struct err *err)
{
	struct buf *key = &naming->scratch;

	buf_clear(key);
	append_prefix(key, naming->prefix ? naming->prefix : "", source);
	buf_append_span(key, record->key);
	if (source->pass)
		buf_printf(key, "@%u", source->pass + 1);
	struct buf composed = { 0 };
	const struct span name = name_compose(buf_span(key), &composed);
	char *copy = key->failed || composed.failed ? NULL : arena_string(&record->arena, name.data, name.size);
	buf_free(&composed);
	if (!copy)
		return err_memory(err);
	record->key = span_of(copy, name.size);
	record->raw = (struct span){ 0 };
	return NAMING_CHANGED;
}

/* Converts the field to the bytes of a file, and back to a field of the new name. */
static int convert(struct naming *naming, struct field *field, struct record *record, struct err *err)
{
	struct span head, body;

	if (field->kind != FIELD_BYTES && field->kind != FIELD_STRING) {
		if (field_to_file(field, &naming->scratch, &head, &body, err))
			return -1;
		unsigned char *copy = arena_alloc(&record->arena, head.size + body.size + 1);
		if (!copy)
			return err_memory(err);
		if (head.size)
			memcpy(copy, head.data, head.size);
		if (body.size)
			memcpy(copy + head.size, body.data, body.size);
		field->bytes = span_of(copy, head.size + body.size);
	}
	field->raw = (struct span){ 0 };
	field_from_file(field);
	return 0;
}

static int check_fields(const struct naming *naming, const struct record *record, struct err *err)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *field = &record->fields[i];
		if (field->kind == FIELD_STRING && field->bytes.size > naming->longest) {
			err_set(err, "%.*s: text of more than %zu bytes", (int)field->name.size, (const char *)field->name.data,
				naming->longest);
			return NAMING_BAD;
		}
		if (field_check_caption(field, err))
			return NAMING_BAD;
		for (size_t j = 0; j < i; j++)
			if (name_equal(record->fields[j].name, field->name)) {
				err_set(err, "--rename: the record has two fields %.*s", (int)field->name.size,
					(const char *)field->name.data);
				return NAMING_BAD;
			}
	}
	return NAMING_CHANGED;
}

static int change_fields(struct naming *naming, struct record *record, struct err *err)
{
	bool changed = false;

	for (size_t i = 0; naming->count && i < record->count; i++) {
		struct field *field = &record->fields[i];
		if (!find(naming, field->name))
			continue;
		changed = true;
		field->name = naming_field(naming, field->name);
		if (convert(naming, field, record, err))
			return -1;
	}
	if (!changed)
		return NAMING_SAME;
	record->raw = (struct span){ 0 };
	return check_fields(naming, record, err);
}

int naming_apply(struct naming *naming, const struct source *source, struct record *record, bool only_key, struct err *err)
{
	int key = naming->prefix || source->pass ? change_key(naming, source, record, err) : NAMING_SAME;
	int fields = key < 0 || only_key ? key : change_fields(naming, record, err);

	return fields == NAMING_SAME ? key : fields;
}

struct span naming_unused(const struct naming *naming)
{
	for (size_t i = 0; i < naming->count; i++)
		if (!naming->pairs[i].used)
			return naming->pairs[i].from;
	return (struct span){ 0 };
}

void naming_free(struct naming *naming)
{
	buf_free(&naming->scratch);
}
