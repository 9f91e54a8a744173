#include "tools/common/help.h"

#include <archive.h>
#include <ctype.h>
#include <jansson.h>
#include <jpeglib.h>
#include <msgpack.h>
#include <png.h>
#include <stdio.h>

static void print_indented(const char *lines)
{
	printf("  ");
	for (const char *c = lines; *c; c++) {
		putchar(*c);
		if (*c == '\n' && c[1])
			printf("  ");
	}
}

void help_print(const struct tool_about *about, const struct option_spec *common)
{
	printf("%s: %s\n\nUsage: %s %s\n\n", about->name, about->summary, about->name, about->usage);
	options_help(about->options, stdout);
	printf("\nEvery tool:\n");
	options_help(common, stdout);
	printf("\nExample:\n");
	print_indented(about->example);
	printf("\nMore: %s --man | man -l -\n", about->name);
}

/* roff takes a dot or a quote at the start of a line for a command, and a backslash for an escape. */
static void man_text(const char *text)
{
	bool start = true;

	for (const char *c = text; *c; c++) {
		if (start && (*c == '.' || *c == '\''))
			printf("\\&");
		if (*c == '\\')
			printf("\\e");
		else if (*c == '-')
			printf("\\-");
		else
			putchar(*c);
		start = *c == '\n';
	}
	putchar('\n');
}

static void man_title(const char *name)
{
	printf(".TH \"");
	for (const char *c = name; *c; c++)
		putchar(*c == ' ' ? '-' : toupper((unsigned char)*c));
	printf("\" 1 \"\" \"%s\"\n", TOOL_VERSION);
}

void help_man(const struct tool_about *about, const struct option_spec *common)
{
	man_title(about->name);
	printf(".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.B %s\n", about->name, about->summary, about->name);
	man_text(about->usage);
	printf(".SH DESCRIPTION\n");
	man_text(*about->text ? about->text : about->summary);
	printf(".SH OPTIONS\n");
	options_man(about->options, stdout);
	printf(".SS \"Every tool\"\n");
	options_man(common, stdout);
	printf(".SH EXAMPLE\n.nf\n");
	man_text(about->example);
	printf(".fi\n.SH EXIT STATUS\n0 done, 1 failed (a sentence on standard error says where, what and why), 2 wrong usage.\n");
}

#define TEXT_OF(x) #x
#define NUMBER(x)  TEXT_OF(x)

void help_version(const struct tool_about *about)
{
	printf("%s %s (%s, libjpeg-turbo %s, libpng %s, msgpack-c %s, jansson %s)\n", about->name, TOOL_VERSION,
		archive_version_string(), NUMBER(LIBJPEG_TURBO_VERSION), PNG_LIBPNG_VER_STRING, msgpack_version(),
		JANSSON_VERSION);
}
