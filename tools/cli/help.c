#include "formats/report/canvas.h"
#include "tools/cli/help.h"

#include "nn/gemm.h"

#include <archive.h>
#include <jansson.h>
#include <jpeglib.h>
#include <msgpack.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <webp/decode.h>
#include <xxhash.h>
#include <nettle/version.h>
#include <zlib.h>

enum { WIDTH = 80, COLUMN = 30 }; /* of a line; of the options' descriptions */

static void print_indented(const char *lines, FILE *out)
{
	fprintf(out, "  ");
	for (const char *c = lines; *c; c++) {
		putc(*c, out);
		if (*c == '\n' && c[1])
			fprintf(out, "  ");
	}
}

/* Breaks lines at spaces.  column: start of the first line; indent: of the others. */
static void print_wrapped(const char *text, size_t column, size_t indent, FILE *out)
{
	while (strlen(text) > WIDTH - column) {
		size_t cut = WIDTH - column;
		while (cut > 0 && text[cut] != ' ')
			cut--;
		if (cut == 0)
			break;
		fprintf(out, "%.*s\n%*s", (int)cut, text, (int)indent, "");
		text += cut + 1;
		column = indent;
	}
	fprintf(out, "%s\n", text);
}

static void left_column(const struct option_spec *spec, char *text, size_t size)
{
	char letter[8] = "    ";

	if (spec->letter)
		snprintf(letter, sizeof letter, "-%c, ", spec->letter);
	snprintf(text, size, spec->optional ? "%s%s%s[=%s%s]" : "%s%s%s%s%s", letter, options_dashes(spec), spec->name,
		spec->argument && !spec->optional ? " " : "", spec->argument ? spec->argument : "");
}

static void print_options(const struct option_spec *table)
{
	for (const struct option_spec *spec = table; spec && spec->name; spec++) {
		char left[128];
		if (spec->hidden)
			continue;
		left_column(spec, left, sizeof left);
		if (strlen(left) > COLUMN - 3)
			printf("  %s\n%*s", left, COLUMN, "");
		else
			printf("  %-*s ", COLUMN - 3, left);
		print_wrapped(spec->about, COLUMN, COLUMN, stdout);
	}
}

/* One paragraph of names: the manual page describes them. */
static void print_common(const struct option_spec *table)
{
	static const char intro[] = "Common options: ";
	struct buf line = { 0 };

	for (const struct option_spec *spec = table; spec->name; spec++) {
		if (spec->letter)
			buf_printf(&line, "-%c", spec->letter);
		else
			buf_printf(&line, "%s%s", options_dashes(spec), spec->name);
		buf_printf(
			&line, "%s%s%s", spec->argument ? "\xc2\xa0" : "", spec->argument ? spec->argument : "", spec[1].name ? ", " : "");
	}
	char *text = span_copy_string(buf_span(&line));
	buf_free(&line);
	if (!text)
		return;
	printf("\n%s", intro);
	print_wrapped(text, sizeof intro - 1, sizeof intro - 1, stdout);
	free(text);
}

void help_usage(const struct tool_about *about, FILE *out)
{
	const size_t column = (size_t)fprintf(out, "Usage: %s ", about->name);

	print_wrapped(about->usage, column, sizeof "Usage: " + 3, out);
	fprintf(out, "\nExample:\n");
	print_indented(about->example, out);
}

void help_print(const struct tool_about *about, const struct option_spec *common)
{
	printf("%s: %s\n\n", about->name, about->summary);
	const size_t column = (size_t)printf("Usage: %s ", about->name);
	print_wrapped(about->usage, column, sizeof "Usage: " + 3, stdout);
	putchar('\n');
	if (about->verbs)
		printf("Verbs, each with its own help (%s help VERB):\n", about->name);
	for (const struct tool_verb *verb = about->verbs; verb && verb->name; verb++)
		printf("  %-*s %s\n", COLUMN - 3, verb->name, verb->about);
	if (about->verbs)
		printf("\nOptions:\n");
	print_options(about->options);
	print_common(common);
	printf("\nExample:\n");
	print_indented(about->example, stdout);
	printf("\nManual page: %s --man | man -l -\n", about->name);
}

void help_verbs(const char *name, const char *summary, const struct tool_verb *verbs, FILE *out)
{
	fprintf(out, "%s: %s\n\nUsage: %s VERB [OPTION]...\n\n", name, summary, name);
	for (; verbs->name; verbs++)
		fprintf(out, "  %-11s %s\n", verbs->name, verbs->about);
	fprintf(out, "\nHelp for a verb: %s help VERB\n", name);
}

/* Weak: NULL in programs that multiply no matrices, which are linked without BLIS. */
#pragma weak gemm_version
#pragma weak pango_version_text

#define TEXT_OF(x) #x
#define NUMBER(x)  TEXT_OF(x)

void help_version(const char *name)
{
	const int webp = WebPGetDecoderVersion();

	printf("%s %s (%s, libjpeg-turbo %s, libpng %s, libwebp %d.%d.%d, msgpack-c %s, jansson %s, xxHash %d.%d.%d, utf8proc %s, zlib %s, nettle %d.%d",
		name, TOOL_VERSION, archive_version_string(), NUMBER(LIBJPEG_TURBO_VERSION), PNG_LIBPNG_VER_STRING, webp >> 16,
		webp >> 8 & 255, webp & 255, msgpack_version(), JANSSON_VERSION, XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE,
		utf8proc_version(), zlibVersion(), nettle_version_major(), nettle_version_minor());
	if (gemm_version)
		printf(", BLIS %s", gemm_version());
	if (pango_version_text) /* cc-view */
		printf(pango_version_text() ? ", Pango %s" : ", without Pango", pango_version_text());
	printf(")\n");
}
