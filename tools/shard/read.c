/* cc-shard read: records from files. */
#include "formats/record_digest.h"
#include "tools/common/input.h"
#include "tools/shard/choice.h"
#include "tools/shard/labels.h"
#include "tools/shard/shuffle_buffer.h"
#include "tools/shard/survey.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct read_options {
	uint64_t shuffle, epochs, skip, take;
	const char *split, *where, *fields, *classes, *templates;
	bool folders, lenient, subset, count;
};

static const struct option_spec read_options[] = {
	{ "shuffle", OPTION_COUNT, offsetof(struct read_options, shuffle), "N",
		"in a random order, anew in each epoch: exact, by an index; with N by a buffer of N records, from any source",
		.records = true, .min = 1, .max = 1e8, .optional = true },
	{ "epochs", OPTION_COUNT, offsetof(struct read_options, epochs), "N", "go through the sources N times", .records = true,
		.min = 1, .max = 1e9 },
	{ "split", OPTION_TEXT, offsetof(struct read_options, split), "I/N",
		"the I-th of N parts, from 0: every N-th source, or where there are fewer than N, every N-th sample", .records = true },
	{ "skip", OPTION_COUNT, offsetof(struct read_options, skip), "N", "leave out the first N of each epoch", .records = true },
	{ "take", OPTION_COUNT, offsetof(struct read_options, take), "N", "at most N in each epoch", .records = true },
	{ "where", OPTION_TEXT, offsetof(struct read_options, where), "FIELD~WORD",
		"only records with the whole word in that text: 'txt~banana'; 'key~train' looks at the key", .records = true },
	{ "fields", OPTION_TEXT, offsetof(struct read_options, fields), "NAME,...", "only these fields", .records = true },
	{ "folders", OPTION_FLAG, offsetof(struct read_options, folders), NULL,
		"a sample's class is the folder it lies in: cls, and the header's classes", .records = true },
	{ "classes", OPTION_TEXT, offsetof(struct read_options, classes), "FILE", "class names, one a line, in the order of their numbers",
		.records = true },
	{ "templates", OPTION_TEXT, offsetof(struct read_options, templates), "FILE",
		"captions for records that have none: sentences with {} for the class, one a line; 'default': CLIP's 80", .records = true },
	{ "lenient", OPTION_FLAG, offsetof(struct read_options, lenient), NULL,
		"go on behind a tar that is cut off: it is named and counted as bad", .records = true },
	{ "subset", OPTION_FLAG, offsetof(struct read_options, subset), NULL, "do not ask for whole sets of shards" },
	{ "count", OPTION_FLAG, offsetof(struct read_options, count), NULL,
		"tell the number of records in the header even of more than 1 GiB of foreign tars, which are gone through for it" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard read",
	.summary = "records from shards, tars, image folders and CIFAR-10 batches",
	.usage = "[OPTION]... SOURCE...",
	.text = "A SOURCE is a tar (ustar, pax, GNU; plain, gzip, zstd, xz), a folder, a CIFAR-10 batch or a folder or tar of these, or - for a "
		"tar on standard input. Ranges are written with braces: 'train-{0000..0127}.tar'.\n.PP\n"
		"A sample is all neighbouring members with one key, the path up to the first dot of its last part; a field is named by what "
		"follows that dot. txt becomes a string, cls an integer, npy a tensor; all else stays bytes.\n.PP\n"
		"Shards written by cc-shard write are checked against what they say of themselves, and their set must be whole: a shard that "
		"is neither named nor there is an error; one that is there and was not named is not.\n.PP\n"
		"--where is asked before --skip and --take count; both count in each epoch anew, in the order of that epoch. The union of all "
		"parts of --split holds every record once.\n.PP\n"
		"The header tells the number of records where shards tell it themselves, or where counting the members' names takes no "
		"noticeable time (files of 1 GiB together). An exact --shuffle keeps 32 bytes a sample in memory, and of folders the names.",
	.example = "cc-shard read --folders photos.tar | cc-view --jsonl\n"
		   "cc-shard read --epochs 10 --shuffle --seed 1 'train-{0000..0127}.tar' | cc-augment --size 224 > small.msgpack\n",
	.options = read_options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
};

struct run {
	struct tool tool;
	struct read_options opt;
	struct reader reader;
	struct survey survey;
	struct index index;
	struct choice choice;
	struct labels labels;
	struct shuffle_buffer buffer;
	struct buf classes_text, templates_text;
	bool exact;   /* by the index */
	bool changed; /* the record at hand is not as it was read */
	struct digest digest;
	uint64_t epoch;
};

static int read_label_options(struct run *run)
{
	struct tool *tool = &run->tool;

	if (run->opt.classes && (tool_option_file(tool, "classes", run->opt.classes, &run->classes_text) ||
					classes_parse(&run->labels.classes, buf_span(&run->classes_text), &tool->err)))
		return err_add(&tool->err, "%s", run->opt.classes);
	run->labels.folders = run->opt.folders;
	run->labels.seed = tool->seed;
	if (!run->opt.templates)
		return 0;
	if (strcmp(run->opt.templates, "default") == 0) {
		templates_default(&run->labels.templates);
		return 0;
	}
	if (tool_option_file(tool, "templates", run->opt.templates, &run->templates_text))
		return -1;
	return templates_parse(&run->labels.templates, buf_span(&run->templates_text), &tool->err)
		? err_add(&tool->err, "%s", run->opt.templates)
		: 0;
}

static int read_choice_options(struct run *run)
{
	struct tool *tool = &run->tool;
	const char *wrong = choice_split(&run->choice, run->opt.split, &tool->err) ? "split"
		: where_parse(&run->choice.where, run->opt.where, &tool->err)      ? "where"
		: choice_fields(&run->choice, run->opt.fields, &tool->err)         ? "fields"
										   : NULL;

	run->choice.skip = run->opt.skip;
	run->choice.take = run->opt.take;
	run->choice.labels = run->opt.folders || run->opt.templates;
	run->exact = options_given(&tool->options, "shuffle") && !run->opt.shuffle;
	if (wrong) {
		tool->exit_code = TOOL_USAGE;
		return err_add(&tool->err, "--%s", wrong);
	}
	if (run->exact && run->opt.lenient)
		return tool_usage(tool, "--lenient goes with --shuffle=N: an exact --shuffle needs whole tars");
	return 0;
}

static int open_sources(struct run *run)
{
	struct tool *tool = &run->tool;
	struct reader *reader = &run->reader;

	reader->limits = tool->limits;
	reader->lenient = run->opt.lenient;
	reader->subset = run->opt.subset || run->opt.lenient || run->opt.split || run->opt.take != UINT64_MAX;
	for (size_t i = 0; i < tool->argument_count; i++) {
		if (strcmp(tool->arguments[i], "-") == 0 && isatty(STDIN_FILENO))
			return tool_usage(tool, "a tar is expected on standard input, and that is a terminal");
		if (sources_add(&reader->sources, tool->arguments[i], &tool->err))
			return -1;
	}
	if (reader->sources.count >= run->choice.parts && run->choice.parts > 1) {
		sources_split(&reader->sources, run->choice.part, run->choice.parts);
		run->choice.part = 0;
		run->choice.parts = 1;
	}
	if (!choice_reads_all(&run->choice)) {
		reader->wanted = run->index.wanted = choice_wants;
		reader->context = run->index.context = &run->choice;
	}
	run->index.sources = &reader->sources;
	run->index.limits = tool->limits;
	return survey(&run->survey, reader, &tool->arena, &tool->err);
}

static int cannot(struct run *run, const char *what, const char *instead)
{
	const char *path = run->survey.not_seekable;

	return err_set(&run->tool.err, "%s: %s: %s", strcmp(path, "-") == 0 ? "standard input" : path, what, instead);
}

/* Goes through the names where something must be known of all of them. */
static int learn_names(struct run *run)
{
	enum { CHEAP = 1 << 30 };
	const struct survey *known = &run->survey;
	bool classes = run->opt.folders && !run->opt.classes && !known->cifar;
	bool count = !known->counted && !run->opt.where && (run->opt.count || known->bytes <= CHEAP) && known->again;

	if (run->exact && !known->seekable)
		return cannot(run, "samples cannot be read in any order from it", "--shuffle=N takes a buffer of N, or unpack it first");
	if (run->opt.epochs > 1 && !known->again)
		return cannot(run, "it can be read only once", "--epochs needs files");
	if (classes && !known->again)
		return cannot(run, "its folders' names are not known before it was read", "--classes FILE lists them");
	if (!run->exact && !classes && !count)
		return 0;
	if (run->exact)
		run->reader.names = &run->index.names;
	int state = survey_names(&run->survey, &run->reader, classes ? &run->labels.classes : NULL, run->exact ? &run->index : NULL,
		&run->tool.err);
	run->reader.names = NULL;
	if (state == 0 && run->exact && run->choice.parts > 1) {
		index_split(&run->index, run->choice.part, run->choice.parts);
		run->survey.records = run->index.count;
		run->choice.part = 0;
		run->choice.parts = 1;
	}
	return state;
}

static int learn_classes(struct run *run)
{
	struct classes *classes = &run->labels.classes;
	const struct value *known = value_get(&run->survey.header, "classes");

	if (classes->names.count == 0 && known && classes_from_value(classes, known, &run->tool.err))
		return -1;
	for (int i = 0; classes->names.count < CIFAR_CLASSES && run->survey.cifar && i < CIFAR_CLASSES; i++)
		if (classes_add(classes, span_string(cifar_class_names[i]), &run->tool.err))
			return -1;
	if (run->labels.templates.count && classes->names.count == 0)
		return err_set(&run->tool.err, "--templates: the names of the classes are not known: --folders, or --classes FILE");
	if (run->opt.folders && run->survey.cifar) /* the rows say it */
		run->labels.folders = false;
	return 0;
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
	if (run->opt.epochs > 1)
		value_set(header, "epochs", value_integer((int64_t)run->opt.epochs), &tool->arena);
	if (run->labels.classes.names.count)
		value_set(header, "classes", classes_value(&run->labels.classes, &tool->arena), &tool->arena);
	progress_start(&tool->progress, "cc-shard read", records * run->opt.epochs, tool->quiet);
	return tool->arena.failed ? err_memory(&tool->err) : tool_write(tool);
}

/* The next sample in the order that was asked for. */
static int next_sample(struct run *run, struct record *record, bool skip)
{
	struct err *err = &run->tool.err;

	if (!run->exact)
		return reader_next(&run->reader, record, skip, err);
	if (skip)
		return index_skip(&run->index) ? READER_RECORD : READER_END;
	int state = index_read(&run->index, record, err);
	return state == SAMPLE_WHOLE ? READER_RECORD : state == SAMPLE_BAD ? READER_BAD : state;
}

static int refuse(struct run *run, const struct record *record, int state)
{
	struct tool *tool = &run->tool;
	struct buf place = { 0 };
	char reason[ERR_TEXT];

	memcpy(reason, tool->err.text, sizeof reason);
	if (state == READER_CUT) {
		tool_say(tool, "%s", reason);
		return tool_bad(tool, span_string("--lenient"), "a source that is cut off");
	}
	tool->in.records++;
	if (!run->exact)
		reader_place(&run->reader, &place);
	buf_printf(&place, "%s", run->exact ? run->reader.sources.items[run->index.source].path : "");
	buf_append_string(&place, ": ");
	buf_append_span(&place, record->key);
	int result = place.failed ? err_memory(&tool->err) : tool_bad(tool, buf_span(&place), reason);
	buf_free(&place);
	return result;
}

static int emit(struct run *run, const struct record *record)
{
	struct tool *tool = &run->tool;
	struct digest digest;

	if (run->epoch == 0) {
		if (record_digest(record, &digest, &tool->err))
			return -1;
		run->digest = digest_sum(run->digest, digest);
	}
	return stream_write(&tool->out, record, &tool->err);
}

static int pass_on(struct run *run, struct record *record)
{
	struct tool *tool = &run->tool;
	int added = labels_add(&run->labels, record, &tool->err);

	if (added < 0)
		return refuse(run, record, READER_BAD);
	if (!choice_takes(&run->choice, record))
		return 0;
	tool->in.records++;
	progress_tick(&tool->progress, tool->in.records, tool->bad, "");
	return run->buffer.size && !shuffle_buffer_swap(&run->buffer, record) ? 0 : emit(run, record);
}

static int run_epoch(struct run *run, struct record *record)
{
	struct tool *tool = &run->tool;
	enum choice_next next;
	int state = READER_RECORD;

	choice_epoch(&run->choice);
	while ((next = choice_next(&run->choice)) != CHOICE_STOP) {
		state = next_sample(run, record, next == CHOICE_SKIP);
		if (state == READER_END)
			break;
		if (state < 0 || (state != READER_RECORD && refuse(run, record, state)) ||
			(state == READER_RECORD && next == CHOICE_READ && pass_on(run, record)))
			return -1;
	}
	while (shuffle_buffer_take(&run->buffer, record))
		if (emit(run, record))
			return -1;
	return tool->err.text[0] && state < 0 ? -1 : 0;
}

static int begin_epoch(struct run *run)
{
	struct tool *tool = &run->tool;

	if (run->exact)
		index_order(&run->index, tool->seed, run->epoch);
	else if (run->epoch && reader_rewind(&run->reader, &tool->err))
		return -1;
	shuffle_buffer_epoch(&run->buffer, tool->seed, run->epoch);
	return stream_write_epoch(&tool->out, run->epoch, &tool->err);
}

static int run_all(struct run *run)
{
	struct record record = { 0 };
	int state = 0;

	for (; run->epoch < run->opt.epochs && state == 0; run->epoch++)
		state = begin_epoch(run) || run_epoch(run, &record) ? -1 : 0;
	record_free(&record);
	run->tool.in.tail = (struct stream_tail){ .has_digest = true, .digest = run->digest, .progs = run->survey.progs };
	return state;
}

static void free_run(struct run *run)
{
	index_free(&run->index);
	reader_free(&run->reader);
	labels_free(&run->labels);
	shuffle_buffer_free(&run->buffer);
	buf_free(&run->classes_text);
	buf_free(&run->templates_text);
}

int shard_read(int argc, char **argv)
{
	static struct run run = { .opt = { .epochs = 1, .take = UINT64_MAX } };
	struct tool *tool = &run.tool;
	int code;

	if (tool_start(tool, &about, &run.opt, argc, argv) || read_label_options(&run) || read_choice_options(&run) ||
		open_sources(&run) || learn_names(&run) || learn_classes(&run) ||
		(run.opt.shuffle && shuffle_buffer_init(&run.buffer, (size_t)run.opt.shuffle, &tool->err)) || write_header(&run) ||
		run_all(&run))
		code = tool_fail(tool);
	else
		code = tool_finish(tool);
	free_run(&run);
	return code;
}
