/* One table of options: it parses, makes the help, the man page and the shell's completion, and says what goes into a
 * stream's header. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
	OPTION_FLAG,  /* bool; no argument */
	OPTION_TEXT,  /* const char * */
	OPTION_LIST,  /* struct text_list: may be given several times */
	OPTION_COUNT, /* uint64_t, with k, M, G for thousands */
	OPTION_BYTES, /* uint64_t, with K, M, G for 1024s */
	OPTION_REAL,  /* double */
	OPTION_SHARE, /* double 0..1; "2%" is .02 */
};

struct text_list {
	const char **items;
	size_t count;
};

struct option_spec {
	const char *name; /* without dashes; NULL ends a table */
	enum option_kind kind;
	size_t offset;        /* of the variable in the tool's own struct, which holds the default */
	const char *argument; /* as the help shows it: "FILE"; NULL for flags */
	const char *about;    /* one sentence */
	char letter;          /* 0: none */
	bool records;         /* it changes the records, so that it belongs into the header's prog */
	double min, max;      /* of a number; both 0: any */
	const char *const *choices; /* of a text: what is accepted, NULL at the end; NULL: anything */
	bool optional;        /* the argument may be left out, and follows a '=' otherwise; the variable then keeps its default */
	bool input;           /* of a text: it names a file that is read */
	const char *share;    /* of a number: the option that takes a share, where one may have been meant */
	bool hidden;          /* another verb's: neither shown nor completed, and who uses it is told whose it is */
	bool output;          /* one that is written */
	const char *const *words; /* of a text: what the shell's completion offers where there are no choices; NULL at the end */
};

enum { OPTIONS_MOST = 64 };

struct options {
	const struct option_spec *tables[2]; /* the tool's own, and the common ones */
	void *variables[2];
	const char *given[2][OPTIONS_MOST]; /* the argument as it was given (a list: the last), "" for a flag; or NULL */
};

/* Takes the options out of argv.  What is left is argv[*first] and on.  -1: err names what is wrong and what is right. */
int options_parse(struct options *options, int argc, char **argv, int *first, struct err *err);
void options_free(struct options *options); /* the lists */

/* Was it on the command line? */
bool options_given(const struct options *options, const char *name);

/* options_list shows `text` (borrowed) instead of the argument as it was given: a file's digest for its path. */
void options_show(struct options *options, const char *name, const char *text);

/* As if it had been given so: what another option stands for.  Its variable is the caller's business. */
void options_give(struct options *options, const char *name, const char *text);

/* Appends "--name", "argument" of those that change the records, in the table's order. */
int options_list(const struct options *options, struct value *list, struct arena *arena);

size_t options_count(const struct option_spec *table);

/* The option of that name, without dashes; NULL: there is none. */
const struct option_spec *options_find(const struct options *options, const char *name);

/* "--", or "-" of the two that are called as the compilers call them (-MF, -MT). */
const char *options_dashes(const struct option_spec *spec);

#endif
