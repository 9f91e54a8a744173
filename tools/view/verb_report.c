#include "tools/cli/print.h"
#include "formats/report/page.h"
#include "tools/view/verbs.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

struct report_options {
	const char *title, *note;
};

static const struct option_spec options[] = {
	{ "title", OPTION_TEXT, offsetof(struct report_options, title), "TEXT", "the page's heading", 't' },
	{ "note", OPTION_TEXT, offsetof(struct report_options, note), "TEXT", "what a reader should know first, below it", 'n' },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-view report",
	.summary = "one self-contained HTML page of scores, curves, pictures and origins",
	.usage = "-o FILE.html [--title TEXT] [--note TEXT] [NAME=]FILE...",
	.text = "What each FILE is, its bytes tell: a score of cc-score (a row of the table), JSON lines of cc-train (curves of loss and learning rate, "
		"drawn by gnuplot; numbers where that is missing), a PNG such as a contact sheet, an SVG such as a map of cc-view tsne or a plot of "
		"gnuplot (shown as an image, in which no script runs), a table whose columns are separated by tabs and named by its first line, or a "
		"checkpoint, stream or shard, whose programs are shown as a pipe to copy (or what `cc-view --provenance --json` said of it). NAME stands for the file's name up to its first dot; scores of one name and one model are one row, "
		"of several models (seeds) a mean with its runs. Scores that did not ask the same are not put into one table.\n\n"
		"The page needs nothing else, no network, and is the same for the same files.",
	.example = "cc-view report -o report.html out/21/*.json out/21/*.jsonl sheet.png out/21/*.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
	.files = SIZE_MAX,
};

static int write_page(struct tool *tool, const struct page *page)
{
	struct buf html = { 0 };
	bool drawn;
	int status = page_print(page, &html, &drawn, &tool->err) || tool_print(tool, buf_span(&html)) ? -1 : 0;

	if (status == 0 && !drawn)
		tool_say(tool, "gnuplot is not installed: the page has numbers instead of curves");
	buf_free(&html);
	return status;
}

static int report(struct tool *tool, const struct report_options *opt, struct exhibit *exhibits)
{
	struct page page = { .title = opt->title, .note = opt->note, .exhibits = exhibits, .version = TOOL_VERSION };

	for (; page.count < tool->argument_count; page.count++)
		if (exhibit_read(&exhibits[page.count], tool->arguments[page.count], &tool->limits, &tool->err))
			return -1;
	return write_page(tool, &page);
}

int view_report(int argc, char **argv)
{
	struct report_options opt = { .title = "Report" };
	struct exhibit *exhibits = NULL;
	struct tool tool;
	int status = tool_start(&tool, &about, &opt, argc, argv);

	if (status == 0 && !tool.output_path && isatty(STDOUT_FILENO))
		status = tool_usage(&tool, "standard output is a terminal: give -o FILE.html");
	if (status == 0)
		status = check_ending(&tool, ".html");
	if (status == 0) {
		exhibits = calloc(tool.argument_count, sizeof *exhibits);
		status = exhibits ? report(&tool, &opt, exhibits) : err_memory(&tool.err);
	}
	for (size_t i = 0; exhibits && i < tool.argument_count; i++)
		exhibit_free(&exhibits[i]);
	free(exhibits);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
