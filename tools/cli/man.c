/* The manual pages, as roff. */
#include "tools/cli/help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Escapes what roff would interpret: a dot or quote at the start of a line, a backslash anywhere. */
static void text(const char *lines)
{
	bool start = true;

	for (const char *c = lines; *c; c++) {
		if (start && (*c == '.' || *c == '\''))
			printf("\\&");
		if (*c == '\\')
			printf("\\e");
		else if (*c == '-')
			printf("\\-");
		else if (*c == '~' || *c == '^' || *c == '`' || *c == '\'')
			printf(*c == '~' ? "\\(ti" : *c == '^' ? "\\(ha" : *c == '`' ? "\\(ga" : "\\(aq"); /* as ASCII */
		else
			putchar(*c);
		start = *c == '\n';
	}
}

/* An empty line begins a new paragraph. */
static void paragraphs(const char *lines)
{
	while (*lines) {
		const char *end = strstr(lines, "\n\n");
		char *copy = end ? strndup(lines, (size_t)(end - lines)) : strdup(lines);
		if (!copy)
			return;
		text(copy);
		printf("\n%s", end ? ".PP\n" : "");
		free(copy);
		lines = end ? end + 2 : "";
	}
}

/* The page of "cc-shard read" is cc-shard-read. */
static void page_name(const char *name, bool title)
{
	for (const char *c = name; *c; c++)
		if (*c == ' ' || *c == '-')
			printf("\\-");
		else
			putchar(title ? toupper((unsigned char)*c) : *c);
}

static void begin(const char *name, const char *summary)
{
	printf(".TH \"");
	page_name(name, true);
	printf("\" 1 \"%s\" \"cleanclip %s\" \"CleanCLIP\"\n.SH NAME\n", TOOL_DATE, TOOL_VERSION);
	page_name(name, false);
	printf(" \\- ");
	text(summary);
	printf("\n.SH SYNOPSIS\n.B ");
	text(name);
	putchar('\n');
}

static void options(const struct option_spec *table)
{
	for (const struct option_spec *spec = table; spec && spec->name; spec++) {
		if (spec->hidden)
			continue;
		printf(".TP\n");
		if (spec->letter)
			printf("\\fB\\-%c\\fR, ", spec->letter);
		printf("\\fB");
		text(options_dashes(spec));
		text(spec->name);
		printf("\\fR%s", spec->optional ? "[=" : "");
		if (spec->argument) {
			printf(spec->optional ? "\\fI" : " \\fI");
			text(spec->argument);
			printf("\\fR%s", spec->optional ? "]" : "");
		}
		putchar('\n');
		text(spec->about);
		putchar('\n');
	}
}

/* ".BR cc\-shard\-read (1)", of a tool or, with a verb, of its verb. */
static void page_reference(const char *name, const char *verb, const char *separator)
{
	printf(".BR ");
	page_name(name, false);
	if (verb)
		printf("\\-%s", verb);
	printf(" (1)%s\n", separator);
}

static void see_also(const char *name, const struct tool_verb *verbs)
{
	const char *space = strchr(name, ' ');
	char *tool = space ? strndup(name, (size_t)(space - name)) : NULL;

	printf(".SH SEE ALSO\n");
	if (tool)
		page_reference(tool, NULL, ",");
	for (; verbs && verbs->name; verbs++)
		page_reference(name, verbs->name, ",");
	printf(".BR cleanclip (7)\n");
	free(tool);
}

static void exit_status(void)
{
	printf(".SH EXIT STATUS\n.TP\n0\nsuccess\n.TP\n1\nfailure; a message on standard error names the place and the reason\n"
	       ".TP\n2\nwrong usage\n");
}

/* The variables that are defaults of options. */
static void environment(const struct option_spec *const tables[2])
{
	printf(".SH ENVIRONMENT\n");
	for (int table = 0; table < 2; table++)
		for (const struct option_spec *spec = tables[table]; spec && spec->name; spec++)
			if (spec->environment && !spec->hidden) {
				printf(".TP\n.B %s\nDefault of \\fB\\-\\-", spec->environment);
				text(spec->name);
				printf("\\fR.\n");
			}
}

void help_man(const struct tool_about *about, const struct option_spec *common)
{
	begin(about->name, about->summary);
	text(about->usage);
	printf("\n.SH DESCRIPTION\n");
	paragraphs(*about->text ? about->text : about->summary);
	if (about->details)
		paragraphs(about->details);
	printf(".SH OPTIONS\n");
	options(about->options);
	printf(".SS \"Common options\"\n");
	options(common);
	printf(".SH EXAMPLE\n.nf\n");
	text(about->example);
	text(about->more ? about->more : "");
	printf(".fi\n");
	exit_status();
	environment((const struct option_spec *const[]){ about->options, common });
	see_also(about->name, about->verbs);
}

void help_man_verbs(const char *name, const char *summary, const struct tool_verb *verbs)
{
	begin(name, summary);
	printf("\\fIVERB\\fR [OPTION]...\n.SH DESCRIPTION\nEach verb has its own manual page and its own help (\\fB");
	text(name);
	printf(" help\\fR \\fIVERB\\fR).\n.SH VERBS\n");
	for (const struct tool_verb *verb = verbs; verb->name; verb++) {
		printf(".TP\n\\fB%s\\fR\n", verb->name);
		text(verb->about);
		putchar('\n');
	}
	exit_status();
	see_also(name, verbs);
}
