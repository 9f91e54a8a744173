/* One table per tool declares its options.  It drives the parser, the help, the manual page, shell completion, and the arguments that a
 * stream's header records. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
	OPTION_FLAG,  /* bool; no argument */
	OPTION_TEXT,  /* const char * */
	OPTION_LIST,  /* struct text_list; the option may be repeated */
	OPTION_COUNT, /* uint64_t; k, M, G mean powers of 1000 */
	OPTION_BYTES, /* uint64_t; K, M, G mean powers of 1024 */
	OPTION_REAL,  /* double */
	OPTION_SHARE, /* double 0..1; "2%" is .02 */
};

struct completion;

struct text_list {
	const char **items;
	size_t count;
};

struct option_spec {
	const char *name; /* without dashes; NULL ends a table */
	enum option_kind kind;
	size_t offset;        /* of the variable in the tool's own struct, which holds the default */
	const char *argument; /* as shown in the help: "FILE"; NULL for flags */
	const char *about;    /* noun phrase or imperative, with unit, range and default */
	char letter;          /* 0: none */
	bool records;         /* it changes the records, so that prog lists it */
	double min, max;      /* range of a number; both 0: any */
	const char *const *choices; /* accepted texts, ended by NULL; NULL: any */
	bool optional;        /* the argument may be omitted (--name or --name=ARGUMENT); then the variable keeps its default */
	bool input;           /* the text names an input file */
	const char *share;    /* of a count: the option to suggest for a percentage */
	bool hidden;          /* of another verb: not shown, not completed, and refused with a message that names the verb */
	bool output;          /* the text names an output file */
	const char *const *words; /* without choices: words that shell completion offers, ended by NULL */
	void (*complete)(const struct completion *completion); /* instead of words: prints the candidates (help.h) */
	const char *environment; /* environment variable that sets the default, or NULL */
};

enum { OPTIONS_MOST = 64 };

struct options {
	const struct option_spec *tables[2]; /* the tool's own options, and the common ones */
	void *variables[2];
	const char *given[2][OPTIONS_MOST]; /* the argument on the command line (of a list, the last), "" for a flag; NULL: not given */
};

/* Removes the options from argv; the arguments begin at argv[*first].  -1: err names the wrong option and those that exist. */
int options_parse(struct options *options, int argc, char **argv, int *first, struct err *err);
void options_free(struct options *options); /* the lists */

/* Whether the option was on the command line. */
bool options_given(const struct options *options, const char *name);

/* Makes options_list print `text` (borrowed) instead of the argument: a file's digest instead of its path. */
void options_show(struct options *options, const char *name, const char *text);

/* Records the option as if it had been on the command line.  Its variable is not changed. */
void options_give(struct options *options, const char *name, const char *text);

/* Appends "--name", "argument" of the given options that change the records, in the table's order. */
int options_list(const struct options *options, struct value *list, struct arena *arena);

size_t options_count(const struct option_spec *table);

/* The option of that name, without dashes; NULL: not found. */
const struct option_spec *options_find(const struct options *options, const char *name);

/* "--"; or "-" for -MF and -MT, which are spelled as in compilers. */
const char *options_dashes(const struct option_spec *spec);

#endif
