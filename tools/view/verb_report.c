#include "tools/cli/print.h"
#include "formats/report/page.h"
#include "tools/cli/dependencies.h"
#include "tools/view/verbs.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct report_options {
	const char *title, *note;
};

static const struct option_spec options[] = {
	{ "title", OPTION_TEXT, offsetof(struct report_options, title), "TEXT", "heading of the page (default: Report)", 't' },
	{ "note", OPTION_TEXT, offsetof(struct report_options, note), "TEXT", "paragraph below the heading", 'n' },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-view report",
	.summary = "one HTML page of scores, training curves, pictures and provenance",
	.usage = "-o FILE.html [--title TEXT] [--note TEXT] [NAME=]FILE...",
	.text = "The contents of a FILE decide what it becomes:\n"
		"\n"
		"a score of cc-score: a row of the score table\n\n"
		"JSON lines of cc-train: curves of loss and learning rate, drawn by gnuplot, or a table if gnuplot is not installed\n\n"
		"a PNG, such as a contact sheet: a picture\n\n"
		"an SVG, such as a map of cc-view tsne or a plot of gnuplot: an image, in which no script runs\n\n"
		"tab-separated text whose first line names the columns: a table\n\n"
		"a checkpoint, stream or shard, or the output of `cc-view --provenance --json`: the commands that made it, as a pipe to copy\n"
		"\n"
		"NAME replaces the file's name up to its first dot. Scores with the same name and model are one row. Scores with the same "
		"name and several models (seeds) are a row with their mean, and a row for each. Scores with different data, settings or "
		"classes are not comparable and go into separate tables.\n\n"
		"The page needs no other file and no network. The same files give the same page.",
	.example = "cc-view report -o report.html out/21/*.json out/21/*.jsonl sheet.png out/21/*.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
	.files = SIZE_MAX,
};

bool output_ends_with(const struct tool *tool, const char *suffix)
{
	const char *path = tool->output_path ? tool->output_path : "", *dot = strrchr(path, '.');

	return dot && strncasecmp(dot, suffix, strlen(suffix)) == 0;
}

int check_extension(struct tool *tool, const char *const *extensions)
{
	static const char *const others[] = { ".svg", ".png", ".html", ".htm", ".pdf", ".eps", ".ps", ".jpg", ".jpeg", ".gif", ".webp",
		".ppm", ".md", ".json", ".csv", ".tsv", ".txt" };
	const char *path = tool->output_path ? tool->output_path : "", *dot = strrchr(path, '.');
	bool other = false;

	for (size_t i = 0; dot && i < sizeof others / sizeof *others; i++)
		other |= strcasecmp(dot, others[i]) == 0;
	for (size_t i = 0; other && extensions[i]; i++)
		if (strncasecmp(dot, extensions[i], 4) == 0) /* .htm is .html */
			return 0;
	if (!other)
		return 0;
	return tool_usage(tool, "-o %s: the name must end in %s%s%s", path, extensions[0], extensions[1] ? " or " : "",
		extensions[1] ? extensions[1] : "");
}

static int write_page(struct tool *tool, const struct page *page)
{
	struct buf html = { 0 };
	bool drawn;
	int status = page_print(page, &html, &drawn, &tool->err) || tool_print(tool, buf_span(&html)) ? -1 : 0;

	if (status == 0 && !drawn)
		tool_say(tool, "gnuplot is not installed; the page has tables instead of curves");
	buf_free(&html);
	return status;
}

static int report(struct tool *tool, const struct report_options *opt, struct exhibit *exhibits)
{
	struct page page = { .title = opt->title, .note = opt->note, .exhibits = exhibits, .version = TOOL_VERSION };

	for (; page.count < tool->argument_count; page.count++) {
		struct span name;
		const char *path = named_file(tool->arguments[page.count], &name);
		if (exhibit_read(&exhibits[page.count], name, path, &tool->limits, &tool->err))
			return -1;
	}
	return write_page(tool, &page);
}

int view_report(int argc, char **argv)
{
	static const char *const extensions[] = { ".html", NULL };
	struct report_options opt = { .title = "Report" };
	struct exhibit *exhibits = NULL;
	struct tool tool;
	int status = tool_start(&tool, &about, &opt, argc, argv);

	if (status == 0 && !tool.output_path && isatty(STDOUT_FILENO))
		status = tool_usage(&tool, "standard output is a terminal; use -o FILE.html");
	if (status == 0)
		status = check_extension(&tool, extensions);
	if (status == 0) {
		exhibits = calloc(tool.argument_count, sizeof *exhibits);
		status = exhibits ? report(&tool, &opt, exhibits) : err_memory(&tool.err);
	}
	for (size_t i = 0; exhibits && i < tool.argument_count; i++)
		exhibit_free(&exhibits[i]);
	free(exhibits);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
