#include "tools/common/options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "numbers are stored as 64 bits, sizes among them");

enum { FIRST_CODE = 256 }; /* getopt's values for long options: beyond every letter */

static size_t table_size(const struct option_spec *table)
{
	size_t count = 0;

	while (table && table[count].name)
		count++;
	return count;
}

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
		return err_set(err, "%g is not from %g to %g", number, spec->min, spec->max);
	return 0;
}

static int set_count(const struct option_spec *spec, uint64_t *variable, const char *text, struct err *err)
{
	double number;

	if (parse_number(&number, text, spec->kind == OPTION_BYTES ? 1024 : 1000, err) || check_range(spec, number, err))
		return -1;
	if (number < 0 || number > 0x1p63 || floor(number) != number)
		return err_set(err, "'%s' is not a whole number from 0 on", text);
	/* A double has 53 bits: seeds have 64. */
	char *end;
	unsigned long long exact = strtoull(text, &end, 0);
	*variable = *end ? (uint64_t)number : (uint64_t)exact;
	return 0;
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
		return err_set(err, "'%s' is not a share from 0 to 1, or from 0%% to 100%%", text);
	return check_range(spec, *variable, err);
}

static int set_text(const struct option_spec *spec, const char **variable, const char *text, struct err *err)
{
	struct buf accepted = { 0 };

	*variable = text;
	if (!spec->choices)
		return 0;
	for (const char *const *choice = spec->choices; *choice; choice++) {
		if (strcmp(*choice, text) == 0) {
			buf_free(&accepted);
			return 0;
		}
		buf_printf(&accepted, "%s%s", accepted.size ? ", " : "", *choice);
	}
	err_set(err, "'%s' is not one of: %s", text, buf_string(&accepted));
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

static int set_option(const struct option_spec *spec, void *variables, const char *text, struct err *err)
{
	void *variable = (char *)variables + spec->offset;

	switch (spec->kind) {
	case OPTION_FLAG:
		*(bool *)variable = true;
		return 0;
	case OPTION_TEXT:
		return set_text(spec, variable, text, err);
	case OPTION_LIST:
		return add_text(variable, text, err);
	case OPTION_COUNT:
	case OPTION_BYTES:
		return set_count(spec, variable, text, err);
	case OPTION_REAL:
	case OPTION_SHARE:
		return set_real(spec, variable, text, err);
	}
	return 0;
}

/* The table in getopt_long's terms. */
struct getopt_tables {
	struct option longs[2 * OPTIONS_MOST + 1];
	char letters[4 * OPTIONS_MOST + 2];
};

static void fill_getopt(struct getopt_tables *tables, const struct options *options)
{
	size_t count = 0, letter = 0;

	tables->letters[letter++] = ':'; /* a missing argument is told apart */
	for (int table = 0; table < 2; table++) {
		for (size_t i = 0; i < table_size(options->tables[table]); i++) {
			const struct option_spec *spec = &options->tables[table][i];
			bool argument = spec->kind != OPTION_FLAG;
			tables->longs[count++] = (struct option){ spec->name,
				spec->optional ? optional_argument : argument ? required_argument : no_argument, NULL,
				FIRST_CODE + table * OPTIONS_MOST + (int)i };
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
		for (size_t i = 0; i < table_size(options->tables[table]); i++)
			if (options->tables[table][i].letter == code)
				return table * OPTIONS_MOST + (int)i;
	return -1;
}

static int wrong_option(char **argv, int code, struct err *err)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return err_set(err, "%s needs an argument", word);
	if (optopt && optopt < FIRST_CODE)
		return err_set(err, "there is no option -%c", optopt);
	return err_set(err, "there is no option %s, or it takes no argument, or it is short for several", word);
}

int options_parse(struct options *options, int argc, char **argv, int *first, struct err *err)
{
	struct getopt_tables tables;
	int code;

	fill_getopt(&tables, options);
	optind = 1;
	opterr = 0;
	while ((code = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		int index = code == '?' || code == ':' ? -1 : find_code(options, code);
		if (index < 0)
			return wrong_option(argv, code, err);
		const struct option_spec *spec = &options->tables[index / OPTIONS_MOST][index % OPTIONS_MOST];
		options->given[index / OPTIONS_MOST][index % OPTIONS_MOST] = optarg ? optarg : "";
		if (!optarg && spec->optional)
			continue;
		if (set_option(spec, options->variables[index / OPTIONS_MOST], optarg, err))
			return err_add(err, "--%s", spec->name);
	}
	*first = optind;
	return 0;
}

void options_free(struct options *options)
{
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < table_size(options->tables[table]); i++) {
			const struct option_spec *spec = &options->tables[table][i];
			struct text_list *list = (void *)((char *)options->variables[table] + spec->offset);
			if (spec->kind == OPTION_LIST) {
				free(list->items);
				*list = (struct text_list){ 0 };
			}
		}
}

/* The option's argument as it was given, or NULL. */
static const char **find_given(const struct options *options, const char *name)
{
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < table_size(options->tables[table]); i++)
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
	for (size_t i = 0; i < table_size(options->tables[0]); i++) {
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

static void left_column(const struct option_spec *spec, char *text, size_t size)
{
	char letter[8] = "    ";

	if (spec->letter)
		snprintf(letter, sizeof letter, "-%c, ", spec->letter);
	snprintf(text, size, spec->optional ? "%s--%s[=%s%s]" : "%s--%s%s%s", letter, spec->name,
		spec->argument && !spec->optional ? " " : "", spec->argument ? spec->argument : "");
}

/* Breaks lines at spaces, so that a line ends at column 80. */
static void print_wrapped(const char *text, FILE *out)
{
	enum { INDENT = 30, WIDTH = 50 };

	while (strlen(text) > WIDTH) {
		size_t cut = WIDTH;
		while (cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			break;
		fprintf(out, "%.*s\n%*s", (int)cut, text, INDENT, "");
		text += cut + 1;
	}
	fprintf(out, "%s\n", text);
}

void options_help(const struct option_spec *table, FILE *out)
{
	for (size_t i = 0; i < table_size(table); i++) {
		char left[128];
		left_column(&table[i], left, sizeof left);
		fprintf(out, "  %-27s ", left);
		if (strlen(left) > 27)
			fprintf(out, "\n%30s", "");
		print_wrapped(table[i].about, out);
	}
}

void options_man(const struct option_spec *table, FILE *out)
{
	for (size_t i = 0; i < table_size(table); i++) {
		fprintf(out, ".TP\n");
		if (table[i].letter)
			fprintf(out, ".BR \\-%c \", \" \\-\\-%s", table[i].letter, table[i].name);
		else
			fprintf(out, ".BR \\-\\-%s", table[i].name);
		if (table[i].argument)
			fprintf(out, table[i].optional ? "[=\\fI%s\\fR]" : " \" \\fI%s\\fR\"", table[i].argument);
		fprintf(out, "\n%s\n", table[i].about);
	}
}
