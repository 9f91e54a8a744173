#include "tools/cli/option_file.h"
#include "formats/stream/facts.h"
#include "tools/shard/read.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static int open_sources(struct run *run)
{
	struct tool *tool = &run->tool;
	struct reader *reader = &run->reader;

	reader->limits = tool->limits;
	reader->seed = tool->seed;
	reader->naming = run->index.naming = &run->naming;
	run->choice.naming = &run->naming;
	reader->sources.tables = &run->tables;
	reader->lenient = run->opt.lenient;
	reader->sources.subset = run->opt.subset || run->opt.lenient;
	reader->sources.allow_pipe = run->opt.allow_pipe;
	reader->sources.by_image = run->opt.per_image || run->opt.folders;
	reader->subset = run->opt.subset || run->opt.lenient || run->opt.split || run->opt.take != UINT64_MAX;
	for (size_t i = 0; i < tool->argument_count; i++) {
		if (strcmp(tool->arguments[i], "-") == 0 && isatty(STDIN_FILENO))
			return tool_usage(tool, "standard input is a terminal; a tar is expected on it");
		if (sources_add(&reader->sources, tool->arguments[i], &tool->err))
			return -1;
	}
	sources_take_tables(&reader->sources);
	if (run->opt.key_prefix && naming_disambiguate(&reader->sources, &tool->err))
		return -1;
	if (sources_weight_words(&tool->words, &reader->sources, &tool->arena))
		return err_memory(&tool->err);
	if (sources_apply_weights(&reader->sources, &tool->err) || note_sources(tool, &reader->sources))
		return -1;
	if (reader->sources.count >= run->choice.parts && run->choice.parts > 1) {
		sources_split(&reader->sources, run->choice.part, run->choice.parts);
		run->choice.part = 0;
		run->choice.parts = 1;
	}
	if (!choice_reads_all(&run->choice)) {
		reader->wanted = run->index.wanted = choice_wants;
		reader->context = run->index.context = &run->choice;
	}
	run->later_progs = (struct later_progs){ .progs = value_array(), .arena = &tool->arena };
	reader->later_progs = &run->later_progs;
	run->index.sources = &reader->sources;
	run->index.limits = tool->limits;
	run->index.scattered = reader->scattered = run->opt.regroup;
	return survey(&run->survey, reader, &run->labels.templates, &tool->arena, &tool->err);
}

static int refuse_source(struct run *run, const char *what, const char *instead)
{
	const char *path = run->survey.not_seekable;

	return err_set(&run->tool.err, "%s: %s: %s", strcmp(path, "-") == 0 ? "standard input" : path, what, instead);
}

/* Scans the names of all samples if the classes, the count or the index need it. */
static int scan_names(struct run *run)
{
	enum { CHEAP = 1 << 30 };
	const struct survey *known = &run->survey;
	bool classes = run->opt.folders && !run->opt.classes && !known->cifar;
	bool count = !known->counted && !choice_needs_record(&run->choice) && (run->opt.count || known->bytes <= CHEAP) &&
		     known->rereadable_cheaply;

	if (run->exact && !known->seekable)
		return refuse_source(run, "a full --shuffle needs a seekable file", "use --shuffle=N, or unpack it first");
	if (run->opt.regroup && !known->seekable)
		return refuse_source(run, "--regroup needs a seekable file", "unpack it first");
	for (size_t i = 0; run->opt.regroup && i < run->reader.sources.count; i++)
		if (run->reader.sources.items[i].kind != SOURCE_TAR)
			return err_set(&run->tool.err, "%s: --regroup applies to tars only", run->reader.sources.items[i].path);
	if (run->opt.epochs > 1 && !known->rereadable)
		return refuse_source(run, "can be read only once", "--epochs needs regular files");
	if (classes && !known->rereadable)
		return refuse_source(run, "the names of its folders are unknown until it has been read", "list them with --classes FILE");
	if (!run->indexed && !classes && !count)
		return 0;
	if (run->indexed)
		run->reader.names = &run->index.names;
	int state = survey_names(
		&run->survey, &run->reader, classes ? &run->labels.classes : NULL, run->indexed ? &run->index : NULL, &run->tool.err);
	run->reader.names = NULL;
	if (state == 0 && run->opt.regroup)
		state = index_regroup(&run->index, &run->tool.err);
	if (state == 0 && run->indexed && run->choice.parts > 1) {
		index_split(&run->index, run->choice.part, run->choice.parts);
		run->choice.part = 0;
		run->choice.parts = 1;
	}
	if (state == 0 && run->indexed)
		run->survey.records = index_samples(&run->index);
	return state;
}

static int find_classes(struct run *run)
{
	struct classes *classes = &run->labels.classes;
	const struct value *known = value_get(&run->survey.header, "classes");

	if (classes->names.count == 0 && known && classes_from_value(classes, known, &run->tool.err))
		return -1;
	for (int i = 0; classes->names.count < CIFAR_CLASSES && run->survey.cifar && i < CIFAR_CLASSES; i++)
		if (classes_add(classes, span_string(cifar_class_names[i]), &run->tool.err))
			return -1;
	if (run->opt.class_names && classes->names.count == 0)
		return err_set(&run->tool.err, "--class-names: the classes are unknown; give --folders or --classes FILE");
	if (run->opt.class_names && classes_show(classes, &run->class_names, &run->tool.err))
		return err_add(&run->tool.err, "--class-names: %s", run->opt.class_names);
	if (run->labels.templates.count && classes->names.count == 0)
		return err_set(&run->tool.err, "--templates: the names of the classes are unknown; give --folders or --classes FILE");
	if (run->opt.folders && run->survey.cifar) /* the rows contain the label */
		run->labels.folders = false;
	return 0;
}

/* Two sources have captions of different templates: the header records neither. */
static void warn_mixed_templates(struct run *run, const struct templates *ours, const struct templates *theirs)
{
	struct buf first = { 0 }, second = { 0 };
	const struct survey *survey = &run->survey;

	templates_describe(&first, ours, theirs);
	templates_describe(&second, theirs, ours);
	tool_warn(&run->tool, "captions made with different templates are mixed, so the header records none: %s has %s, %s has %s",
		survey->style.path, buf_string(&first), survey->other.path, buf_string(&second));
	value_remove(&run->tool.in.header, "templates");
	buf_free(&first);
	buf_free(&second);
}

/* Records the templates in the header if all captions were made with them. */
static int record_templates(struct run *run)
{
	struct tool *tool = &run->tool;
	struct templates first = { 0 }, second = { 0 };
	const struct survey_style *style = &run->survey.style, *other = &run->survey.other;
	int status = 0;

	if (templates_from_value(&first, &style->templates, &tool->err) < 0)
		status = err_add(&tool->err, "%s: header", style->path);
	else if (templates_from_value(&second, &other->templates, &tool->err) < 0)
		status = err_add(&tool->err, "%s: header", other->path);
	else if (other->path)
		warn_mixed_templates(run, &first, &second);
	else
		tool_compare_templates(tool, "the captions were made with", &first, "--templates has", &run->labels.templates,
			"existing captions do not change");
	if (status == 0 && first.count && !other->path)
		value_set(&tool->in.header, "templates", style->templates, &tool->arena);
	templates_free(&first);
	templates_free(&second);
	return status;
}

/* Decides whether every line of txt is a caption, and records it in the header, which shards store. */
static int set_caption_lines(struct run *run, struct value *header)
{
	const char *asked = run->opt.captions;
	const bool lines = span_is(value_string_or(value_get(header, "captions"), ""), "lines");

	run->tables.lines = run->labels.captions.lines = asked ? strcmp(asked, "lines") == 0 : lines || run->survey.lists;
	if (run->labels.captions.lines == lines)
		return 0;
	const struct value how = lines ? value_string("text") : value_string("lines");
	return value_set(header, "captions", how, &run->tool.arena);
}

/* Records which part of the whole this is, and the entry of prog for the whole. */
static int record_split(struct run *run)
{
	struct tool *tool = &run->tool;
	struct value *header = &tool->in.header;
	const struct value *prog = value_get(header, "prog");
	struct choice choice;

	if (!run->opt.split)
		return fact_split_ends(header, &tool->arena) ? err_memory(&tool->err) : 0;
	if (choice_split(&choice, run->opt.split, &tool->err))
		return -1;
	options_show(&tool->options, "split", NULL);
	const struct split split = { .part = choice.part,
		.of = choice.parts,
		.limited = options_given(&tool->options, "skip") || options_given(&tool->options, "take"),
		.entry = prog && prog->kind == VALUE_ARRAY ? prog->list.count : 0,
		.whole = tool_prog(tool) };
	options_give(&tool->options, "split", run->opt.split);
	return fact_set_split(header, &split, &tool->arena) ? err_memory(&tool->err) : 0;
}

static int write_header(struct run *run)
{
	struct tool *tool = &run->tool;
	struct value *header = &tool->in.header;
	uint64_t records = run->survey.records;

	*header = run->survey.header;
	if (!value_get(header, "cc"))
		value_set(header, "cc", value_integer(1), &tool->arena);
	if (run->survey.counted && choice_count(&run->choice, &records))
		value_set(header, "records", value_integer((int64_t)records), &tool->arena);
	else
		records = 0;
	set_caption_lines(run, header);
	if (run->opt.epochs > 1)
		value_set(header, "epochs", value_integer((int64_t)run->opt.epochs), &tool->arena);
	if (run->labels.classes.names.count)
		value_set(header, "classes", classes_value(&run->labels.classes, &tool->arena), &tool->arena);
	if (record_templates(run) || record_split(run))
		return -1;
	progress_start(&tool->progress, "cc-shard read", records * run->opt.epochs, tool->quiet);
	return tool->arena.failed ? err_memory(&tool->err) : tool_write(tool);
}

int read_plan(struct run *run)
{
	if (open_sources(run) || scan_names(run) || find_classes(run))
		return -1;
	if (!run->indexed && interleave_init(&run->interleave, &run->reader, run->survey.counted, &run->tool.err))
		return -1;
	if (run->opt.shuffle && shuffle_buffer_init(&run->buffer, (size_t)run->opt.shuffle, &run->tool.err))
		return -1;
	return write_header(run);
}
