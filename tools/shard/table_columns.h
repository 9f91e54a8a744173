/* Which columns of a table are what, told by its first row; and how tables are to be read. */
#ifndef SHARD_TABLE_COLUMNS_H
#define SHARD_TABLE_COLUMNS_H

#include "core/err.h"
#include "formats/table.h"

/* The columns' names are NULL where nobody asked: image, caption and label then, of which the last two may be missing (not both),
 * and no key. */
struct table_options {
	const char *image, *caption, *label, *key;
	const char *root;  /* the folder where paths begin; NULL: the table's */
	char delimiter;    /* 0: as the table's name tells */
	char escape;       /* 0: none */
	bool no_quotes;
	bool class_names;  /* a label may be a name: somebody knows the names' numbers */
};

/* Was any of them asked for? */
bool table_options_given(const struct table_options *options);

enum { COLUMN_NONE = -1 };

struct table_columns {
	int image, caption, label, key; /* COLUMN_NONE: there is none */
	size_t count;                   /* of all the table's */
	bool trim;                      /* its names have blanks after them: so have its cells, which lose them */
};

/* Is it a table, by its name: .csv or .tsv, and what compressors put behind that? */
bool table_is(const char *path);

/* Is it a tar, by its name: .tar, .tgz, and what compressors put behind the former? */
bool table_is_not(const char *path);

/* A tab for .tsv, a comma for .csv. */
char table_delimiter(const char *path);

/* The row at hand names the columns.  Errors: one that was asked for or is needed is not there, or there twice. */
int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err);

/* Of the row at hand; empty: there is no such column, or no such cell. */
struct span table_columns_cell(const struct table *table, const struct table_columns *columns, int column);

#endif
