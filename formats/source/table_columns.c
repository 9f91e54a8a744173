#include "formats/source/table_columns.h"

#include <string.h>
#include <strings.h>

enum { SHOWN_MOST = 20, NAME_MOST = 60 };

/* Length of the name without the extension of a compressor. */
static size_t length_unpacked(const char *path)
{
	static const char *const extensions[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4" };
	const size_t size = strlen(path);

	for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++) {
		size_t extension = strlen(extensions[i]);
		if (size > extension && strcasecmp(path + size - extension, extensions[i]) == 0)
			return size - extension;
	}
	return size;
}

static bool has_extension(const char *path, const char *extension)
{
	const size_t size = length_unpacked(path), wanted = strlen(extension);

	return size > wanted && strncasecmp(path + size - wanted, extension, wanted) == 0;
}

bool table_is_csv(const char *path)
{
	return has_extension(path, ".csv") || has_extension(path, ".tsv");
}

bool table_is_json(const char *path)
{
	return has_extension(path, ".jsonl") || has_extension(path, ".ndjson") || has_extension(path, ".json");
}

bool table_is(const char *path)
{
	return table_is_csv(path) || has_extension(path, ".jsonl") || has_extension(path, ".ndjson");
}

bool table_is_metadata(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	return strcmp(name, "metadata.jsonl") == 0 || strcmp(name, "metadata.csv") == 0;
}

bool table_is_tar(const char *path)
{
	return has_extension(path, ".tar") || has_extension(path, ".tgz");
}

bool table_options_given(const struct table_options *options)
{
	return options->image || options->caption || options->label || options->key || options->root || options->delimiter ||
	       options->no_quotes || options->escape;
}

char table_delimiter(const char *path)
{
	return has_extension(path, ".tsv") ? '\t' : ',';
}

/* Column names: the cells of a row, or the names in an object. */
struct names {
	const struct table *table;
	const struct value *object; /* NULL: `table` has them */
	uint64_t line;
	size_t count;
};

static struct span name_at(const struct names *names, size_t i)
{
	return names->object ? names->object->list.items[2 * i].string : table_cell(names->table, i);
}

static void list_columns(struct buf *list, const struct names *names)
{
	for (size_t i = 0; i < names->count && i < SHOWN_MOST; i++) {
		struct span name = name_at(names, i);
		buf_printf(list, "%s'%.*s'", i ? ", " : "", span_shown(name, NAME_MOST), (const char *)name.data);
	}
	if (names->count > SHOWN_MOST)
		buf_printf(list, " and %zu more", names->count - SHOWN_MOST);
}

static bool holds_delimiter(struct span name)
{
	return name.size && (memchr(name.data, '\t', name.size) || memchr(name.data, ';', name.size) || memchr(name.data, ',', name.size));
}

static int missing(const struct names *names, const char *name, const char *more, const char *option, struct err *err)
{
	struct buf list = { 0 };
	const bool other = !names->object && names->count == 1 && holds_delimiter(name_at(names, 0));

	list_columns(&list, names);
	err_set(err, "line %llu: column '%s'%s not found (%s: %s); use %s", (unsigned long long)names->line, name, more,
		names->count == 1 ? "the only column" : "columns", buf_string(&list), other ? "--delimiter CHARACTER" : option);
	buf_free(&list);
	return -1;
}

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t';
}

static struct span without_blanks(struct span text)
{
	while (text.size && is_blank(text.data[text.size - 1]))
		text.size--;
	while (text.size && is_blank(*text.data))
		text = span_of(text.data + 1, text.size - 1);
	return text;
}

static int find_cell(struct table_columns *columns, int *column, const struct table *table, const char *name, struct err *err)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct span cell = table_cell(table, i), bare = without_blanks(cell);
		if (!span_is(cell, name) && !span_is(bare, name))
			continue;
		if (*column != COLUMN_NONE)
			return err_set(err, "line %llu: two columns are called '%s'", (unsigned long long)table->line, name);
		*column = (int)i;
		columns->trim = columns->trim || !span_is(cell, name);
	}
	return *column != COLUMN_NONE;
}

/* 1: found; 0: not found; -1: error. */
static int find(struct table_columns *columns, enum table_part part, const struct names *names, const char *name, struct err *err)
{
	columns->at[part] = COLUMN_NONE;
	return name ? find_cell(columns, &columns->at[part], names->table, name, err) : 0;
}

const struct value *table_columns_value(
	const struct table_columns *columns, const struct value *object, enum table_part part, const char **name)
{
	const struct value *found = NULL;

	for (size_t i = 0; i < 2 && columns->paths[part][i]; i++) {
		const struct value *value = value_path(object, columns->paths[part][i]);
		if (!value || (found && value->kind == VALUE_NULL))
			continue;
		found = value;
		*name = columns->paths[part][i];
		if (value->kind != VALUE_NULL)
			break;
	}
	return found;
}

/* Default names of the columns.  JSON and the table of an image folder have a second one. */
static const struct {
	const char *usual, *second, *option;
} parts[TABLE_PARTS] = {
	[TABLE_IMAGE] = { "image", "file_name", "--image-column NAME" },
	[TABLE_CAPTION] = { "caption", "text", "--caption-column NAME" },
	[TABLE_LABEL] = { "label", NULL, "--label-column NAME" },
	[TABLE_KEY] = { NULL, NULL, "--key-column NAME" },
};

/* Default names are looked up in every object, because programs that write JSON lines may omit null values, even in the first object. */
static int take_json(struct table_columns *columns, enum table_part part, const struct names *names, const char *asked, struct err *err)
{
	const char *name;

	columns->paths[part][0] = asked ? asked : parts[part].usual;
	columns->paths[part][1] = asked ? NULL : parts[part].second;
	columns->at[part] = table_columns_value(columns, names->object, part, &name) ? 0 : COLUMN_NONE;
	return asked && columns->at[part] == COLUMN_NONE ? missing(names, asked, "", parts[part].option, err) : 0;
}

static int take(struct table_columns *columns, enum table_part part, const struct names *names, const char *asked, struct err *err)
{
	if (names->object)
		return take_json(columns, part, names, asked, err);
	int state = find(columns, part, names, asked ? asked : parts[part].usual, err);

	if (state == 0 && !asked && columns->metadata)
		state = find(columns, part, names, parts[part].second, err);
	if (state < 0)
		return -1;
	return asked && !state ? missing(names, asked, "", parts[part].option, err) : 0;
}

static int find_all(struct table_columns *columns, const struct names *names, const struct table_options *options, struct err *err)
{
	const bool other = names->object || columns->metadata;

	if (take(columns, TABLE_IMAGE, names, options->image, err) || take(columns, TABLE_CAPTION, names, options->caption, err) ||
		take(columns, TABLE_LABEL, names, options->label, err) || take(columns, TABLE_KEY, names, options->key, err))
		return -1;
	if (columns->at[TABLE_IMAGE] == COLUMN_NONE)
		return missing(names, "image", other ? " or 'file_name'" : "", parts[TABLE_IMAGE].option, err);
	if (columns->at[TABLE_CAPTION] == COLUMN_NONE && columns->at[TABLE_LABEL] == COLUMN_NONE)
		return missing(names, "caption", other ? ", 'text' or 'label'" : " or 'label'",
			"--caption-column NAME or --label-column NAME", err);
	return 0;
}

int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err)
{
	const struct names names = { .table = table, .line = table->line, .count = table->count };

	*columns = (struct table_columns){ .metadata = columns->metadata, .count = table->count };
	return find_all(columns, &names, options, err);
}

int table_columns_of_json(
	struct table_columns *columns, const struct value *object, uint64_t line, const struct table_options *options, struct err *err)
{
	const struct names names = { .object = object, .line = line, .count = object->list.count };

	*columns = (struct table_columns){ .metadata = columns->metadata, .count = object->list.count };
	return find_all(columns, &names, options, err);
}

struct span table_columns_cell(const struct table *table, const struct table_columns *columns, enum table_part part)
{
	const int column = columns->at[part];
	const struct span cell = column == COLUMN_NONE ? (struct span){ 0 } : table_cell(table, (size_t)column);

	return columns->trim ? without_blanks(cell) : cell;
}
