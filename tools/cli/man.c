/* The manual pages, as roff. */
#include "tools/cli/help.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* roff takes a dot or a quote at the start of a line for a command, and a backslash for an escape. */
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
			printf(*c == '~' ? "\\(ti" : *c == '^' ? "\\(ha" : *c == '`' ? "\\(ga" : "\\(aq"); /* as they are typed */
		else
			putchar(*c);
		start = *c == '\n';
	}
}

/* An empty line is a new paragraph. */
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

/* "cc-shard read" is the page cc-shard-read. */
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
	printf("\" 1 \"\" \"cleanclip %s\" \"CleanCLIP\"\n.SH NAME\n", TOOL_VERSION);
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

static void see_also(const char *name)
{
	const char *space = strchr(name, ' ');

	printf(".SH SEE ALSO\n");
	if (space) {
		printf(".BR ");
		char *tool = strndup(name, (size_t)(space - name));
		page_name(tool ? tool : "", false);
		free(tool);
		printf(" (1),\n");
	}
	printf(".BR cleanclip (7)\n");
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
	printf(".SS \"Every tool\"\n");
	options(common);
	printf(".SH EXAMPLE\n.nf\n");
	text(about->example);
	text(about->more ? about->more : "");
	printf(".fi\n.SH EXIT STATUS\n0 done, 1 failed (a sentence on standard error says where, what and why), 2 wrong usage.\n");
	printf(".SH ENVIRONMENT\n.TP\n.B CC_JOBS\nthreads, where \\-j is not given\n"
	       ".TP\n.B NO_COLOR\nchanges nothing: no tool ever colours what it says\n");
	see_also(about->name);
}

void help_man_verbs(const char *name, const char *summary, const struct tool_verb *verbs)
{
	begin(name, summary);
	printf("\\fIVERB\\fR [OPTION]...\n.SH DESCRIPTION\nEach verb has its own page and its own \\fB\\-h\\fR.\n");
	for (const struct tool_verb *verb = verbs; verb->name; verb++) {
		printf(".TP\n.BR ");
		page_name(name, false);
		printf("\\-%s \" (1)\"\n", verb->name);
		text(verb->about);
		putchar('\n');
	}
	see_also(name);
}
