#include "tools/shard/table_columns.h"

#include <string.h>
#include <strings.h>

enum { SHOWN_MOST = 20, NAME_MOST = 60 };

/* The name without the ending that a compressor gave it. */
static size_t length_unpacked(const char *path)
{
	static const char *const endings[] = { ".gz", ".zst", ".xz", ".bz2", ".lz4" };
	const size_t size = strlen(path);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t ending = strlen(endings[i]);
		if (size > ending && strcasecmp(path + size - ending, endings[i]) == 0)
			return size - ending;
	}
	return size;
}

static bool ends_in(const char *path, const char *ending)
{
	const size_t size = length_unpacked(path), wanted = strlen(ending);

	return size > wanted && strncasecmp(path + size - wanted, ending, wanted) == 0;
}

bool table_is(const char *path)
{
	return ends_in(path, ".csv") || ends_in(path, ".tsv");
}

bool table_is_not(const char *path)
{
	return ends_in(path, ".tar") || ends_in(path, ".tgz");
}

bool table_options_given(const struct table_options *options)
{
	return options->image || options->caption || options->label || options->key || options->root || options->delimiter || options->no_quotes || options->escape;
}

char table_delimiter(const char *path)
{
	return ends_in(path, ".tsv") ? '\t' : ',';
}

static void list_columns(struct buf *list, const struct table *table)
{
	for (size_t i = 0; i < table->count && i < SHOWN_MOST; i++) {
		struct span name = table_cell(table, i);
		buf_printf(list, "%s'%.*s'", i ? ", " : "", span_shown(name, NAME_MOST), (const char *)name.data);
	}
	if (table->count > SHOWN_MOST)
		buf_printf(list, " and %zu more", table->count - SHOWN_MOST);
}

static bool holds_delimiter(struct span name)
{
	return name.size && (memchr(name.data, '\t', name.size) || memchr(name.data, ';', name.size) || memchr(name.data, ',', name.size));
}

static int missing(const struct table *table, const char *name, const char *more, const char *option, struct err *err)
{
	struct buf list = { 0 };
	const bool other = table->count == 1 && holds_delimiter(table_cell(table, 0));

	list_columns(&list, table);
	err_set(err, "line %llu: column '%s'%s not found (%s: %s); use %s", (unsigned long long)table->line, name, more,
		table->count == 1 ? "the only column" : "columns", buf_string(&list), other ? "--delimiter CHARACTER" : option);
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

/* 1: it is there, 0: it is not. */
static int find(struct table_columns *columns, int *column, const struct table *table, const char *name, struct err *err)
{
	*column = COLUMN_NONE;
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

/* asked, or the usual one where it is there.  NULL: nobody asked, and there need not be any. */
static int take(struct table_columns *columns, int *column, const struct table *table, const char *asked, const char *usual_name, const char *option, struct err *err)
{
	const char *name = asked ? asked : usual_name;

	*column = COLUMN_NONE;
	int state = name ? find(columns, column, table, name, err) : 0;
	if (state < 0)
		return -1;
	return asked && !state ? missing(table, asked, "", option, err) : 0;
}

int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err)
{
	*columns = (struct table_columns){ .count = table->count };
	if (take(columns, &columns->image, table, options->image ? options->image : "image", NULL, "--image-column NAME", err) ||
		take(columns, &columns->caption, table, options->caption, "caption", "--caption-column NAME", err) ||
		take(columns, &columns->label, table, options->label, "label", "--label-column NAME", err) ||
		take(columns, &columns->key, table, options->key, NULL, "--key-column NAME", err))
		return -1;
	if (columns->caption == COLUMN_NONE && columns->label == COLUMN_NONE)
		return missing(table, "caption", " or 'label'", "--caption-column NAME or --label-column NAME", err);
	return 0;
}

struct span table_columns_cell(const struct table *table, const struct table_columns *columns, int column)
{
	const struct span cell = column == COLUMN_NONE ? (struct span){ 0 } : table_cell(table, (size_t)column);

	return columns->trim ? without_blanks(cell) : cell;
}
