/* Which columns of a table are what: its first row says it; and how tables are to be read. */
#ifndef SOURCE_TABLE_COLUMNS_H
#define SOURCE_TABLE_COLUMNS_H

#include "core/err.h"
#include "core/value.h"
#include "formats/text/table.h"

/* The columns' names are NULL where nobody asked: image, caption and label then, of which the last two may be missing (not both),
 * and no key. */
struct table_options {
	const char *image, *caption, *label, *key;
	const char *root;  /* the folder where paths begin; NULL: the table's */
	char delimiter;    /* 0: as the table's name tells */
	char escape;       /* 0: none */
	bool no_quotes;
	bool lines;        /* a JSON list of captions becomes a text of one caption a line */
	bool class_names;  /* a label may be a name: somebody knows the names' numbers */
};

/* Was any of them asked for? */
bool table_options_given(const struct table_options *options);

enum { COLUMN_NONE = -1 };
enum table_part { TABLE_IMAGE, TABLE_CAPTION, TABLE_LABEL, TABLE_KEY, TABLE_PARTS };

struct table_columns {
	bool metadata;                  /* of a folder of images: its usual names are file_name and text */
	int at[TABLE_PARTS];            /* COLUMN_NONE: there is none */
	/* Of JSON: the name that was asked for, borrowed from the options, or the usual ones; NULL: no more. */
	const char *paths[TABLE_PARTS][2];
	size_t count;                   /* of all the table's */
	bool trim;        /* its names have blanks after them: so have its cells, which lose them */
};

/* Is it a table, by its name: .csv, .tsv, .jsonl or .ndjson, and what compressors put after that? */
bool table_is(const char *path);
bool table_is_csv(const char *path);  /* .csv, .tsv */
bool table_is_json(const char *path); /* .jsonl, .ndjson, .json */

/* metadata.jsonl, metadata.csv: as Hugging Face's image folders have them. */
bool table_is_metadata(const char *path);

/* Is it a tar, by its name: .tar, .tgz, and what compressors put behind the former? */
bool table_is_not(const char *path);

/* A tab for .tsv, a comma for .csv. */
char table_delimiter(const char *path);

/* The row at hand names the columns.  Errors: a column that was asked for or is needed is missing, or there twice. */
int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err);

/* The same of JSON: the first object has what is asked for, by names that may be paths into it ("a.b").  Usual names that it lacks may
 * come in later objects. */
int table_columns_of_json(
	struct table_columns *columns, const struct value *object, uint64_t line, const struct table_options *options, struct err *err);

/* The object's value by the first of the part's names that is there, best one that is not null; *name: that name.  NULL: none is there. */
const struct value *table_columns_value(
	const struct table_columns *columns, const struct value *object, enum table_part part, const char **name);

/* Of the row at hand; empty: there is no such column, or no such cell. */
struct span table_columns_cell(const struct table *table, const struct table_columns *columns, enum table_part part);

#endif
