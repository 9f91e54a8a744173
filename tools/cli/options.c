#include "tools/cli/options.h"

#include "text/words.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "counts are stored as 64 bits, into size_t variables as well");

static int parse_number(double *number, const char *text, double thousand, struct err *err)
{
	static const char suffixes[] = "kmg";
	char *end;

	errno = 0;
	*number = strtod(text, &end);
	if (end == text || errno || !isfinite(*number))
		return err_set(err, "'%s' is not a number", text);
	const char *suffix = *end && thousand > 0 ? strchr(suffixes, *end | 0x20) : NULL;
	if (suffix) {
		*number *= pow(thousand, (double)(suffix - suffixes + 1));
		end++;
	}
	if (*end)
		return err_set(err, "'%s' is not a number", text);
	return 0;
}

static int check_range(const struct option_spec *spec, double number, struct err *err)
{
	if ((spec->min != 0 || spec->max != 0) && (number < spec->min || number > spec->max))
		return err_set(err, "%.12g is out of range (%.12g to %.12g)", number, spec->min, spec->max);
	return 0;
}

static int set_count(const struct option_spec *spec, uint64_t *variable, const char *text, struct err *err)
{
	double number;

	if (spec->share && *text && text[strlen(text) - 1] == '%')
		return err_set(err, "'%s' is not a number; for a share use --%s %s", text, spec->share, text);
	if (parse_number(&number, text, spec->kind == OPTION_BYTES ? 1024 : 1000, err) || check_range(spec, number, err))
		return -1;
	if (number < 0 || floor(number) != number)
		return err_set(err, "'%s' is not a non-negative integer", text);
	/* A double has 53 bits and a seed 63.  A leading zero does not mean octal. */
	char *end;
	unsigned long long exact = strtoull(text, &end, strpbrk(text, "xX") ? 16 : 10);
	*variable = number > 0x1p63 ? UINT64_MAX : *end ? (uint64_t)number : (uint64_t)exact;
	return *variable > INT64_MAX ? err_set(err, "'%s' is too large (maximum %" PRId64 ")", text, INT64_MAX) : 0;
}

static int set_real(const struct option_spec *spec, double *variable, const char *text, struct err *err)
{
	size_t length = strlen(text);
	bool percent = spec->kind == OPTION_SHARE && length > 1 && text[length - 1] == '%';
	char plain[64];

	if (length >= sizeof plain)
		return err_set(err, "'%s' is not a number", text);
	memcpy(plain, text, length + 1);
	if (percent)
		plain[length - 1] = 0;
	if (parse_number(variable, plain, 0, err))
		return -1;
	if (percent)
		*variable /= 100;
	if (spec->kind == OPTION_SHARE && (*variable < 0 || *variable > 1))
		return err_set(err, "'%s' is not a share (0 to 1, or 0%% to 100%%)", text);
	return check_range(spec, *variable, err);
}

static int set_text(const struct option_spec *spec, const char **variable, const char *text, struct err *err)
{
	struct buf accepted = { 0 };
	struct nearest nearest = nearest_to(text);

	*variable = text;
	if (!spec->choices)
		return 0;
	for (const char *const *choice = spec->choices; *choice; choice++) {
		if (strcmp(*choice, text) == 0) {
			buf_free(&accepted);
			return 0;
		}
		nearest_consider(&nearest, *choice);
		buf_printf(&accepted, "%s%s", accepted.size ? ", " : "", *choice);
	}
	err_set(err, "'%s' is not one of: %s%s%s", text, buf_string(&accepted), nearest.name ? "; did you mean " : "",
		nearest.name ? nearest.name : "");
	buf_free(&accepted);
	return -1;
}

static int add_text(struct text_list *list, const char *text, struct err *err)
{
	const char **items = realloc(list->items, (list->count + 1) * sizeof *items);

	if (!items)
		return err_memory(err);
	list->items = items;
	items[list->count++] = text;
	return 0;
}

/* Sets the variable at spec->offset of `variables`; texts are borrowed.  -1: err says what is accepted. */
static int option_set(const struct option_spec *spec, void *variables, const char *text, struct err *err)
{
	void *variable = (char *)variables + spec->offset;

	switch (spec->kind) {
	case OPTION_FLAG: *(bool *)variable = true; return 0;
	case OPTION_TEXT: return set_text(spec, variable, text, err);
	case OPTION_LIST: return add_text(variable, text, err);
	case OPTION_COUNT:
	case OPTION_BYTES: return set_count(spec, variable, text, err);
	case OPTION_REAL:
	case OPTION_SHARE: return set_real(spec, variable, text, err);
	}
	return 0;
}

enum { FIRST_CODE = 256 }; /* getopt's values of long options, above every letter */

size_t options_count(const struct option_spec *table)
{
	size_t count = 0;

	while (table && table[count].name)
		count++;
	return count;
}

const char *options_dashes(const struct option_spec *spec)
{
	return isupper((unsigned char)*spec->name) ? "-" : "--";
}

/* The tables as getopt_long takes them. */
struct getopt_tables {
	struct option longs[2 * OPTIONS_MOST + 1];
	char letters[4 * OPTIONS_MOST + 2];
};

static void fill_getopt(struct getopt_tables *tables, const struct options *options)
{
	size_t count = 0, letter = 0;

	tables->letters[letter++] = ':'; /* getopt then returns ':' for a missing argument */
	for (int table = 0; table < 2; table++) {
		for (size_t i = 0; i < options_count(options->tables[table]); i++) {
			const struct option_spec *spec = &options->tables[table][i];
			bool argument = spec->kind != OPTION_FLAG;
			tables->longs[count++] = (struct option){ spec->name,
				spec->optional ? optional_argument
				: argument     ? required_argument
					       : no_argument,
				NULL, FIRST_CODE + table * OPTIONS_MOST + (int)i };
			if (!spec->letter)
				continue;
			tables->letters[letter++] = spec->letter;
			if (argument)
				tables->letters[letter++] = ':';
		}
	}
	tables->longs[count] = (struct option){ 0 };
	tables->letters[letter] = 0;
}

static int find_code(const struct options *options, int code)
{
	if (code >= FIRST_CODE)
		return code - FIRST_CODE;
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < options_count(options->tables[table]); i++)
			if (options->tables[table][i].letter == code)
				return table * OPTIONS_MOST + (int)i;
	return -1;
}

const struct option_spec *options_find(const struct options *options, const char *name)
{
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++)
			if (strcmp(spec->name, name) == 0)
				return spec;
	return NULL;
}

/* Names the option that was probably meant, and all of the tool's own. */
static int unknown_option(const struct options *options, const char *word, const char *nearest, struct err *err)
{
	struct buf names = { 0 };

	for (const struct option_spec *spec = options->tables[0]; spec && spec->name; spec++)
		if (!spec->hidden)
			buf_printf(&names, "%s%s%s", names.size ? ", " : "", options_dashes(spec), spec->name);
	if (!names.size)
		buf_append_string(&names, "only the common ones");
	if (nearest)
		err_set(err, "unknown option %s; did you mean --%s? (options: %s)", word, nearest, buf_string(&names));
	else
		err_set(err, "unknown option %s (options: %s)", word, buf_string(&names));
	buf_free(&names);
	return -1;
}

/* A long option that getopt refused: unknown, ambiguous, or a flag with an argument. */
static int wrong_long_option(const struct options *options, const char *word, struct err *err)
{
	char name[64] = "", dashed[72];
	struct buf matches = { 0 };
	struct nearest nearest;
	size_t match_count = 0;

	memcpy(name, word, strcspn(word, "=") < sizeof name ? strcspn(word, "=") : sizeof name - 1);
	snprintf(dashed, sizeof dashed, "--%s", name);
	nearest = nearest_to(name);
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++) {
			if (!spec->hidden)
				nearest_consider(&nearest, spec->name);
			if (strncmp(spec->name, name, strlen(name)) == 0)
				buf_printf(&matches, "%s--%s", match_count++ ? ", " : "", spec->name);
		}
	if (options_find(options, name) || match_count == 1)
		err_set(err, "%s takes no argument", options_find(options, name) ? dashed : buf_string(&matches));
	else if (match_count)
		err_set(err, "%s is ambiguous: %s", dashed, buf_string(&matches));
	else
		unknown_option(options, dashed, nearest.name, err);
	buf_free(&matches);
	return -1;
}

static int wrong_option(const struct options *options, char **argv, int code, struct err *err)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return err_set(err, "%s needs an argument", word);
	if (optopt && optopt < FIRST_CODE)
		return unknown_option(options, (const char[]){ '-', (char)optopt, 0 }, NULL, err);
	return wrong_long_option(options, word + 2, err);
}

/* getopt reads "-size 32" as -s with the argument "ize". */
static int wrong_argument(const struct options *options, const struct option_spec *spec, const char *word, struct err *err)
{
	err_add(err, "%s%s", options_dashes(spec), spec->name);
	if (word[0] == '-' && options_find(options, word + 1)) {
		struct err hint;
		err_set(&hint, "%s; did you mean -%s?", err->text, word);
		*err = hint;
	}
	return -1;
}

/* Compilers spell -MF with one dash; getopt expects two. */
static void double_dashes(int argc, char **argv)
{
	static char *const names[] = { "--MF", "--MT" };

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		for (size_t j = 0; j < sizeof names / sizeof *names; j++)
			if (strcmp(argv[i], names[j] + 1) == 0)
				argv[i] = names[j];
}

int options_parse(struct options *options, int argc, char **argv, int *first, struct err *err)
{
	struct getopt_tables tables;
	int code;

	fill_getopt(&tables, options);
	double_dashes(argc, argv);
	optind = 1;
	opterr = 0;
	while ((code = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		int index = code == '?' || code == ':' ? -1 : find_code(options, code);
		if (index < 0)
			return wrong_option(options, argv, code, err);
		const struct option_spec *spec = &options->tables[index / OPTIONS_MOST][index % OPTIONS_MOST];
		options->given[index / OPTIONS_MOST][index % OPTIONS_MOST] = optarg ? optarg : "";
		if (!optarg && spec->optional)
			continue;
		if (option_set(spec, options->variables[index / OPTIONS_MOST], optarg, err))
			return wrong_argument(options, spec, argv[optind - 1], err);
	}
	*first = optind;
	return 0;
}

void options_free(struct options *options)
{
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < options_count(options->tables[table]); i++) {
			const struct option_spec *spec = &options->tables[table][i];
			struct text_list *list = (void *)((char *)options->variables[table] + spec->offset);
			if (spec->kind == OPTION_LIST) {
				free(list->items);
				*list = (struct text_list){ 0 };
			}
		}
}

/* The option's entry in `given`, or NULL. */
static const char **find_given(const struct options *options, const char *name)
{
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < options_count(options->tables[table]); i++)
			if (options->given[table][i] && strcmp(options->tables[table][i].name, name) == 0)
				return (const char **)&options->given[table][i];
	return NULL;
}

bool options_given(const struct options *options, const char *name)
{
	return find_given(options, name) != NULL;
}

void options_show(struct options *options, const char *name, const char *text)
{
	const char **given = find_given(options, name);

	if (given)
		*given = text;
}

void options_give(struct options *options, const char *name, const char *text)
{
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < options_count(options->tables[table]); i++)
			if (strcmp(options->tables[table][i].name, name) == 0)
				options->given[table][i] = text;
}

static int list_one(struct value *list, const char *name, const char *text, struct arena *arena)
{
	struct buf dashed = { 0 };

	buf_printf(&dashed, "--%s", name);
	char *copy = arena_string(arena, dashed.data, dashed.size);
	buf_free(&dashed);
	if (!copy || value_push(list, value_string(copy), arena))
		return -1;
	return text ? value_push(list, value_string(text), arena) : 0;
}

int options_list(const struct options *options, struct value *list, struct arena *arena)
{
	for (size_t i = 0; i < options_count(options->tables[0]); i++) {
		const struct option_spec *spec = &options->tables[0][i];
		const struct text_list *texts = (const void *)((const char *)options->variables[0] + spec->offset);
		if (!spec->records || !options->given[0][i])
			continue;
		for (size_t j = 0; spec->kind == OPTION_LIST && j < texts->count; j++)
			if (list_one(list, spec->name, texts->items[j], arena))
				return -1;
		bool bare = spec->kind == OPTION_FLAG || (spec->optional && !*options->given[0][i]);
		if (spec->kind != OPTION_LIST && list_one(list, spec->name, bare ? NULL : options->given[0][i], arena))
			return -1;
	}
	return 0;
}
