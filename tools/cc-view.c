/* cc-view: prints a stream, or how a file was made. */
#include "tools/cli/help.h"
#include "tools/cli/print.h"
#include "formats/stream/file_kind.h"
#include "formats/dataset/jsonl.h"
#include "formats/report/provenance.h"
#include "tools/view/verbs.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct view_options {
	bool jsonl, full, provenance, json;
};

#define AT(member) offsetof(struct view_options, member)
static const struct option_spec options[] = {
	{ "jsonl", OPTION_FLAG, AT(jsonl), NULL, "one JSON object per line: header, records, epoch marks, tail (the default)" },
	{ "full", OPTION_FLAG, AT(full), NULL,
		"exact: binary values and text that is not UTF-8 are printed as {\"base64\": \"..\"} instead of their size", 'f' },
	{ "provenance", OPTION_FLAG, AT(provenance), NULL, "print the programs that made each FILE: a stream, shard, checkpoint or score",
		'p' },
	{ "json", OPTION_FLAG, AT(json), NULL, "with --provenance: one JSON object per file" },
	{ 0 },
};

static const struct tool_verb verbs[] = {
	{ "sheet", "contact sheet, as PNG or HTML", view_sheet },
	{ "tsne", "map of embeddings by t-SNE, as SVG", view_tsne },
	{ "report", "HTML page of scores, training curves, pictures and provenance", view_report },
	{ NULL, NULL, NULL },
};

static const struct tool_about about = {
	.name = "cc-view",
	.summary = "print a record stream, or how a file was made",
	.usage = "[--full] [FILE]   or: cc-view --provenance FILE...   or: cc-view sheet|tsne|report -h",
	.text = "Prints a record stream as JSON lines. Binary values are printed as their size and type, long texts are truncated,\n"
		"and JSON fields are printed as JSON; --full is exact instead. Terminal control characters are escaped, so any\n"
		"stream is safe to print.\n"
		"\n"
		"cc-view sheet makes a contact sheet, cc-view tsne a map of embeddings, and cc-view report a page of scores, training curves,\n"
		"pictures and provenance.",
	.example = "cc-shard read train.tar | cc-view | head -3\n"
		   "cc-shard read train.tar | cc-view | jq -r 'select(.cls == 3) | .txt'\n"
		   "cc-view --provenance train-0000.tar\n",
	.options = options,
	.arguments_max = SIZE_MAX,
	.files = SIZE_MAX,
	.verbs = verbs,
};

enum { FLUSH_AT = 64 << 10 };

/* Prints the text if there are at least `enough` bytes. */
static int flush(struct tool *tool, struct buf *text, size_t enough)
{
	if (text->failed)
		return err_memory(&tool->err);
	if (text->size < enough)
		return 0;
	int result = tool_print(tool, buf_span(text));
	buf_clear(text);
	return result;
}

static int show_record(struct tool *tool, struct jsonl *jsonl, const struct record *record, struct buf *text)
{
	struct err err;

	if (jsonl_record(jsonl, record, text, &err))
		return tool_bad(tool, record->key, err.text);
	return 0;
}

static int show_stream(struct tool *tool, struct jsonl *jsonl, struct buf *text)
{
	const size_t enough = isatty(STDOUT_FILENO) ? 1 : FLUSH_AT;
	struct record record = { 0 };
	int state = 0, result = 0;

	if (tool->in.has_header)
		result = jsonl_value(jsonl, &tool->in.header, text, &tool->err);
	while (result == 0 && (state = tool_next(tool, &record)) > 0) {
		result = state == STREAM_EPOCH ? jsonl_epoch(jsonl, tool->in.epoch, text, &tool->err)
					       : show_record(tool, jsonl, &record, text);
		if (result == 0)
			result = flush(tool, text, enough);
	}
	record_free(&record);
	if (result == 0 && state == 0 && tool->in.tail.present)
		result = jsonl_tail(jsonl, &tool->in.tail, text, &tool->err);
	return result || state < 0 ? -1 : 0;
}

/* For a file that is not a stream: the error names the command that prints it. */
static int explain(struct tool *tool)
{
	const char *path = tool->argument_count ? tool->arguments[0] : "-";
	const int fd = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	const enum file_kind kind = file_kind(fd);
	if (kind != FILE_STREAM)
		file_kind_refuse(kind, fd, path, "cc-view", &tool->err);
	close(fd);
	if (kind != FILE_STREAM)
		return -1;
	const bool named = strncmp(tool->err.text, path, strlen(path)) == 0;
	return named ? -1 : err_add(&tool->err, "%s", path);
}

static int view_lines(struct tool *tool, const struct view_options *opt)
{
	struct jsonl jsonl = { .full = opt->full, .limits = tool->limits };
	struct buf text = { 0 };

	if (tool->argument_count > 1)
		return tool_usage(tool, "too many files: '%s'; concatenate streams with `cat`", tool->arguments[1]);
	if (tool_read(tool))
		return explain(tool);
	tool->progress.shown = tool->progress.shown && !isatty(STDOUT_FILENO);
	int result = show_stream(tool, &jsonl, &text);
	struct err first = tool->err; /* records before the error are printed, too */
	int rest = flush(tool, &text, 1);
	tool->err = result ? first : tool->err;
	buf_free(&text);
	jsonl_free(&jsonl);
	return result ? explain(tool) : rest;
}

static int show_provenance(struct tool *tool, const char *path, bool json, struct buf *text)
{
	struct provenance provenance;
	int result = -1;

	if (provenance_read(&provenance, path, &tool->limits, &tool->err) == 0) {
		if (tool->argument_count > 1 && !json)
			buf_printf(text, "%s:\n", path);
		result =
			json ? provenance_print_json(&provenance, path, text, &tool->err) : provenance_print(&provenance, text, &tool->err);
	}
	provenance_free(&provenance);
	return result;
}

/* Files without provenance are reported, and the others are printed. */
static int show_provenances(struct tool *tool, bool json, struct buf *text)
{
	size_t failed = 0;

	for (size_t i = 0; i < tool->argument_count; i++) {
		const bool shown = show_provenance(tool, tool->arguments[i], json, text) == 0;
		if (flush(tool, text, 1))
			return -1;
		if (!shown)
			tool_warn(tool, "%s", tool->err.text);
		failed += !shown;
	}
	return failed ? err_set(&tool->err, "%zu of %zu files: no provenance could be read", failed, tool->argument_count) : 0;
}

static int view_provenance(struct tool *tool, bool json)
{
	struct buf text = { 0 };
	int result;

	if (tool->argument_count == 0 && isatty(STDIN_FILENO))
		return tool_usage(tool, "--provenance needs a file: standard input is a terminal");
	if (tool->argument_count > 1)
		result = show_provenances(tool, json, &text);
	else
		result = show_provenance(tool, tool->argument_count ? tool->arguments[0] : "-", json, &text) || flush(tool, &text, 1);
	buf_free(&text);
	return result;
}

int main(int argc, char **argv)
{
	struct view_options opt = { 0 };
	struct tool tool;

	const int code = tool_verb_main("cc-view", verbs, argc, argv);
	if (code >= 0)
		return code;
	if (argc == 3 && strcmp(argv[1], "--complete") == 0)
		complete_verbs(verbs, argv[2]);
	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	if (opt.provenance ? view_provenance(&tool, opt.json) : view_lines(&tool, &opt))
		return tool_fail(&tool);
	return tool_finish(&tool);
}
