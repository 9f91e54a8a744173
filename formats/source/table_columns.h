/* Options for reading tables, and which column of a table is the image, the caption, the label and the key. */
#ifndef SOURCE_TABLE_COLUMNS_H
#define SOURCE_TABLE_COLUMNS_H

#include "core/err.h"
#include "core/value.h"
#include "formats/text/table.h"

struct table_options {
	/* Names of columns.  NULL: "image", "caption" and "label", of which caption or label may be missing, and no key column. */
	const char *image, *caption, *label, *key;
	const char *root;  /* folder that image paths are relative to; NULL: the table's */
	char delimiter;    /* 0: by the table's name */
	char escape;       /* 0: none */
	bool no_quotes;
	bool lines;        /* a JSON list of captions becomes text with one caption per line */
	bool class_names;  /* a label may be a class name */
};

/* Is any option set that only tables have? */
bool table_options_given(const struct table_options *options);

enum { COLUMN_NONE = -1 };
enum table_part { TABLE_IMAGE, TABLE_CAPTION, TABLE_LABEL, TABLE_KEY, TABLE_PARTS };

struct table_columns {
	bool metadata;                  /* the table of an image folder: its default names are also file_name and text */
	int at[TABLE_PARTS];            /* column number, or COLUMN_NONE */
	/* JSON: the name from the options (borrowed), or the default names; NULL: no more. */
	const char *paths[TABLE_PARTS][2];
	size_t count;                   /* number of columns in the table */
	bool trim;        /* column names are padded with blanks, so blanks around cells are removed too */
};

/* By the name of the file, also with the extension of a compressor: .csv, .tsv, .jsonl or .ndjson. */
bool table_is(const char *path);
bool table_is_csv(const char *path);  /* .csv, .tsv */
bool table_is_json(const char *path); /* .jsonl, .ndjson, .json */

/* metadata.jsonl or metadata.csv, as in Hugging Face's imagefolder format. */
bool table_is_metadata(const char *path);

/* Is it a tar by its name: .tar, .tar.gz, .tgz? */
bool table_is_tar(const char *path);

/* A tab for .tsv, a comma for .csv. */
char table_delimiter(const char *path);

/* Finds the columns by the names in the current row.  Errors: a required column is missing or named twice. */
int table_columns_find(struct table_columns *columns, const struct table *table, const struct table_options *options, struct err *err);

/* The same for JSON.  The first object must have the columns that options name, which may be paths into it ("a.b").  Default names that
 * it lacks may appear in later objects. */
int table_columns_of_json(
	struct table_columns *columns, const struct value *object, uint64_t line, const struct table_options *options, struct err *err);

/* The object's value under the first of the part's names that has a value other than null, or is null; *name: that name.  NULL: none. */
const struct value *table_columns_value(
	const struct table_columns *columns, const struct value *object, enum table_part part, const char **name);

/* A cell of the current row; empty if there is no such column or cell. */
struct span table_columns_cell(const struct table *table, const struct table_columns *columns, enum table_part part);

#endif
