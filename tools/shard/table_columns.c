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
	return options->image || options->caption || options->label || options->key || options->root || options->delimiter || options->no_quotes;
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
	err_set(err, "line %llu: no column '%s'%s; there %s %s (%s)", (unsigned long long)table->line, name, more,
		table->count == 1 ? "is" : "are", buf_string(&list), other ? "--delimiter names another character" : option);
	buf_free(&list);
	return -1;
}

/* 1: it is there, 0: it is not. */
static int find(int *column, const struct table *table, const char *name, struct err *err)
{
	*column = COLUMN_NONE;
	for (size_t i = 0; i < table->count; i++) {
		if (!span_is(table_cell(table, i), name))
			continue;
		if (*column != COLUMN_NONE)
			return err_set(err, "line %llu: two columns are called '%s'", (unsigned long long)table->line, name);
		*column = (int)i;
	}
	return *column != COLUMN_NONE;
}

/* asked, or the usual one where it is there.  NULL: nobody asked, and there need not be any. */
static int take(int *column, const struct table *table, const char *asked, const char *usual_name, const char *option, struct err *err)
{
	const char *name = asked ? asked : usual_name;

	*column = COLUMN_NONE;
	int state = name ? find(column, table, name, err) : 0;
	if (state < 0)
		return -1;
	return asked && !state ? missing(table, asked, "", option, err) : 0;
}

int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err)
{
	columns->count = table->count;
	if (take(&columns->image, table, options->image ? options->image : "image", NULL, "--image-column names another", err) ||
		take(&columns->caption, table, options->caption, "caption", "--caption-column names another", err) ||
		take(&columns->label, table, options->label, "label", "--label-column names another", err) ||
		take(&columns->key, table, options->key, NULL, "--key-column names another", err))
		return -1;
	if (columns->caption == COLUMN_NONE && columns->label == COLUMN_NONE)
		return missing(table, "caption", " and none 'label'", "--caption-column or --label-column names another", err);
	return 0;
}

struct span table_columns_cell(const struct table *table, int column)
{
	return column == COLUMN_NONE ? (struct span){ 0 } : table_cell(table, (size_t)column);
}
