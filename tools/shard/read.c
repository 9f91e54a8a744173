/* cc-shard read: records from files. */
#include "tools/cli/option_file.h"
#include "formats/dataset/record_filter.h"
#include "tools/shard/read.h"
#include "tools/shard/verbs.h"

#include <stddef.h>
#include <string.h>

static const char *const caption_choices[] = { "lines", "text", NULL };

static const struct option_spec read_options[] = {
	{ "shuffle", OPTION_COUNT, offsetof(struct read_options, shuffle), "N",
		"in a random order, anew in each epoch: exact, by an index; with N by a buffer of N records, from any source",
		.records = true, .min = 1, .max = 1e8, .optional = true },
	{ "epochs", OPTION_COUNT, offsetof(struct read_options, epochs), "N", "go through the sources N times", .records = true, .min = 1,
		.max = 1e9 },
	{ "split", OPTION_TEXT, offsetof(struct read_options, split), "I/N",
		"the I-th of N parts, from 0: every N-th source, or where there are fewer than N, every N-th sample", .records = true },
	{ "skip", OPTION_COUNT, offsetof(struct read_options, skip), "N", "leave out the first N of each epoch", .records = true },
	{ "take", OPTION_COUNT, offsetof(struct read_options, take), "N", "at most N in each epoch", .records = true },
	{ "where", OPTION_TEXT, offsetof(struct read_options, where), "FIELD~WORD",
		"only records with the whole word in that text: 'txt~banana'; 'key~train' looks at the key", .records = true },
	{ "keys", OPTION_TEXT, offsetof(struct read_options, keys), "FILE", "only records whose keys stand in FILE, one a line",
		.records = true, .input = true },
	{ "fields", OPTION_TEXT, offsetof(struct read_options, fields), "NAME,...", "only these fields", .records = true },
	{ "folders", OPTION_FLAG, offsetof(struct read_options, folders), NULL,
		"a sample's class is the folder it lies in: cls, and the header's classes; every image is a record (--per-image)",
		.records = true },
	{ "classes", OPTION_TEXT, offsetof(struct read_options, classes), "FILE", "class names, one a line, in the order of their numbers",
		.records = true, .input = true },
	{ "class-names", OPTION_TEXT, offsetof(struct read_options, class_names), "FILE",
		"how classes are called in captions and in the header: a line for each, 'FOLDER NAME', as in 'n01440764 tench'",
		.records = true, .input = true },
	{ "templates", OPTION_TEXT, offsetof(struct read_options, templates), "FILE",
		"captions for records that have none: sentences with {} for the class, one a line; 'default': CLIP's 80", .records = true,
		.input = true },
	{ "captions", OPTION_TEXT, offsetof(struct read_options, captions), "HOW",
		"lines: each line of txt is a caption of its own; text: txt is one (default: as the shards' header says, else text)",
		.records = true, .choices = caption_choices },
	{ "caption-json", OPTION_TEXT, offsetof(struct read_options, caption_json), "PATH",
		"for records without a caption: where it is inside the field json, as in caption or a.b.0", .records = true },
	{ "rename", OPTION_TEXT, offsetof(struct read_options, rename), "OLD=NEW,...",
		"other names for fields, before anything else looks at them: 'caption.txt=txt,jpeg=jpg'", .records = true },
	{ "key-prefix", OPTION_TEXT, offsetof(struct read_options, key_prefix), "TEXT",
		"what keys begin with, to tell sets with equal keys apart; {} is the source's name, with its folder where two have one name: '{}/'",
		.records = true },
	{ "image-column", OPTION_TEXT, offsetof(struct read_options, image_column), "NAME",
		"of a table: the column with the images' paths (default image)", .records = true },
	{ "caption-column", OPTION_TEXT, offsetof(struct read_options, caption_column), "NAME",
		"the one that becomes txt (default caption, where there is one)", .records = true },
	{ "label-column", OPTION_TEXT, offsetof(struct read_options, label_column), "NAME",
		"the one that becomes cls: integers, or names that --classes knows (default label, where there is one)", .records = true },
	{ "key-column", OPTION_TEXT, offsetof(struct read_options, key_column), "NAME",
		"the one with the keys (default: the path without its ending)", .records = true },
	{ "image-root", OPTION_TEXT, offsetof(struct read_options, image_root), "FOLDER",
		"where the paths in a table begin (default: the table's folder)" },
	{ "delimiter", OPTION_TEXT, offsetof(struct read_options, delimiter), "CHARACTER",
		"between the cells of a table; or 'tab' (default: a tab for .tsv, else a comma)", .records = true },
	{ "escape", OPTION_TEXT, offsetof(struct read_options, escape), "CHARACTER",
		"of a table: the character after this one is text, as in \"2\\\" seam\": '\\' (default none)", .records = true },
	{ "no-quotes", OPTION_FLAG, offsetof(struct read_options, no_quotes), NULL, "of a table: a quote is a character like any other",
		.records = true },
	{ "regroup", OPTION_FLAG, offsetof(struct read_options, regroup), NULL,
		"put members of a sample that lie apart in a tar together, by an index: the tars must be plain files", .records = true },
	{ "lenient", OPTION_FLAG, offsetof(struct read_options, lenient), NULL,
		"go on behind a tar that is cut off: it is named and counted as bad", .records = true },
	{ "subset", OPTION_FLAG, offsetof(struct read_options, subset), NULL, "do not ask for whole sets of shards" },
	SOURCES_PER_IMAGE(struct read_options, per_image),
	SOURCES_ALLOW_PIPE(struct read_options, allow_pipe),
	{ "count", OPTION_FLAG, offsetof(struct read_options, count), NULL,
		"tell the number of records in the header even of more than 1 GiB of foreign tars, which are gone through for it" },
	{ "jsonl", OPTION_FLAG, offsetof(struct read_options, jsonl), NULL,
		"SOURCEs are the lines of `cc-view --full`: a stream with its header, marks and tail, and no other option changes it",
		.records = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard read",
	.summary = "records from shards, tars, image folders, tables and CIFAR-10 batches",
	.usage = "[OPTION]... SOURCE...",
	.text = "A SOURCE is a tar (ustar, pax, GNU; plain, gzip, zstd, xz) or a folder of tars, a folder of files, a list of tars (a wids index of "
		"version 1, or sizes.json), a table (CSV, TSV, JSON lines), a CIFAR-10 batch or a folder or tar of these, - for a tar on standard input, pipe:COMMAND for one that a command writes (it must succeed), or @FILE for the sources "
		"that a file names: one a line, as they would stand here, # before comments (@- is a list on standard input). Ranges are "
		"written with braces: 'train-{0000..0127}.tar'. A file that is called just so comes first. pipe:COMMAND runs COMMAND only as an "
		"argument of its own: a line of @FILE needs --allow-pipe, and in an index, a folder or a table it is the name of a file.\n\n"
		"*WEIGHT behind a source says how often its records come in an epoch: 'a.tar*2' twice, 'b.tar*0.5' about half of them, chosen by "
		"key and --seed and the same in every epoch (in quotes, for the star is the shell's too). In a second pass keys end in @2, so that repeats are shuffled and augmented on "
		"their own. What has a weight and what has none is mixed evenly, record by record, so that all end together; where the header cannot "
		"tell their numbers, at the rate of their weights. An exact --shuffle mixes by chance. A pipe:COMMAND has no weight: its "
		"stars are the shell's.\n\n"
		"A sample is all neighbouring members with one key, the path up to the first dot of its last part; a field is named by what "
		"follows that dot. txt becomes a string, cls an integer, npy a tensor; all else stays bytes.\n\n"
		"Shards written by cc-shard write are checked against what they say of themselves, and their set must be whole: a shard that "
		"is neither named nor there is an error; one that is there and was not named is not. In a folder that img2dataset wrote, a shard "
		"without its _stats.json was not finished, and a _stats.json without its shard is one that was lost: both are errors, unless --subset.\n\n"
		"Classes are numbers: in --classes two may have one name, as `missile` and `sunglasses` in ImageNet's own list, and only a label "
		"that is such a name cannot be used. --class-names FILE leaves the numbers as they are and gives classes other names, for "
		"folders like ImageNet's: one class a line, the folder, a tab or blanks, the name (a folder with blanks in it needs the tab); of "
		"several names with commas between them, as in ImageNet's LOC_synset_mapping.txt, the first counts. A class that is not in it is "
		"an error. Underscores in names become spaces in captions.\n\n"
		"Where all captions are made from --templates, or could have been, the header names the templates: the default of cc-poison and, by "
		"way of the model, of `cc-embed --prompts`. Where sources name different ones it names none.\n\n"
		"--where and --keys are asked before --skip and --take count; both count in each epoch anew, in the order of that epoch. The union of all "
		"parts of --split holds every record once.\n\n"
		"The header tells the number of records where shards tell it themselves, where a list does, or sizes.json or img2dataset's _stats.json "
		"beside the tars (what they say is checked: a tar with another number is an error), or where counting the members' names takes no "
		"noticeable time (files of 1 GiB together). An exact --shuffle keeps 32 bytes a sample in memory, and of folders the names.\n\n"
		"--jsonl is the way back from `cc-view --jsonl --full`, so that jq or anything else that knows JSON can stand in a pipe: one object "
		"a line, {\"base64\": \"..\"} for what is binary. Lines without a header are records of your own making, which is told on standard error; behind a header the tail "
		"must come, or the stream was cut off: let a filter keep what has no __key__.",
	.details =
		"Names have one normal form wherever they come from: no leading ./ or /, no //, Unicode composed (NFC). A folder and a tar of it are the "
		"same records with the same digest. Skipped are hidden files and folders (the name begins with a dot), __MACOSX, Thumbs.db, desktop.ini, "
		"*:Zone.Identifier, README.md and LICENSE.txt. A name with a part .. is a bad record, and so is a link that leads nowhere.\n\n"
		"In a folder every image is a record: cat.0.jpg and cat.1.jpg give cat_0 and cat_1, with cat.0.txt and cat.0.json where they exist. "
		"0001.seg.png remains a field of 0001 if that has a plain field, such as 0001.jpg or 0001.txt. In a tar, a sample with several images "
		"(left.jpg, right.jpg) of which none is called jpg or png alone is a bad record: --rename left.jpg=jpg says which one is its image, --fields "
		"selects fields, --per-image or --folders make a record of each.\n\n"
		"A folder that holds neither images nor tars stands for the tars of the folder below it that has some. Folders of files by "
		"img2dataset are read as its tars are.\n\n"
		"A caption (txt) is UTF-8, in shards and folders too: a record whose caption is not is bad (--max-bad), and the message names the "
		"byte and the encoding that it looks like. --rename txt=NAME does not change that; --fields without txt reads the record.\n\n"
		"A table (.csv or .tsv, also compressed) names its columns in its first line. Where an option for tables is given and no source has "
		"such a name, anything that is not a folder and not named like a tar is a table: - (standard input), a pipe:COMMAND, a text file; paths "
		"in the first two begin in the current folder. image is the path of a file, relative to the table's folder; caption becomes txt, label "
		"cls; an empty or blank cell is not a field, other columns are not read. The key is the path without "
		"its extension; a leading / and parts like .. are left out, dots in the last part become _, and further rows with the same image "
		"get ~2, ~3 and so on. Paths may lead anywhere, but only regular files are opened. A row whose image is missing or that has "
		"too many or too few cells is a bad record (--max-bad); a quote that is never closed is an error that names its line and column.\n\n"
		"JSON lines (.jsonl, .ndjson) and an array of objects (.json) are tables as well: columns are names, or paths as in meta.url; file_name "
		"and text are other usual names, and each object is asked for all of them: what is null may be omitted. A line that cannot be used is a bad record. A folder with metadata.jsonl or metadata.csv, or with such "
		"folders in it, is read by that table (Hugging Face's imagefolder); an image that no row names is a bad record.\n\n"
		"A table is UTF-8, with or without a byte order mark. A first line sep=; (Excel writes it) names the delimiter. Quotes are doubled inside "
		"quotes; --escape '\\' reads \\\" as one too. Lines end with LF or CR LF, and a CR alone is text, unless the first line ends with one. "
		"Where a column's name has blanks around it, so may its cells, and they are removed. dir\\a.jpg is read as dir/a.jpg; an absolute path of "
		"Windows and a URL are bad records.\n\n"
		"An image may have several captions: a list of strings in txt. --captions lines makes it of the lines of txt; the header keeps that, and shards "
		"store a caption a line. cc-embed embeds each, cc-train draws one for each epoch. --caption-json is asked where a record has no caption; a "
		"string or a list of strings is expected there. An empty or blank caption is none. A cls of \" 1\" or 1.0 is 1, and 1.5 makes a bad record.",
	.example =
		"cc-shard read --folders photos.tar | cc-view --jsonl\n"
		"cc-shard read train.csv | cc-shard write 'pairs-%04d.tar'\n"
		"cc-shard read --image-column filepath --caption-column title --delimiter tab \\\n    --image-root . cc3m.csv | cc-view --jsonl\n"
		"cc-shard read --shuffle 'crawl-{0000..0031}.tar*0.5' 'labelled.tar*2' \\\n    @more.txt | cc-shard keys\n"
		"cc-shard read --epochs 10 --shuffle 'train-{0000..0127}.tar' | cc-augment --size 32 |\n    cc-train clip --init tiny.json --vocab vocab.txt -o model.safetensors\n"
		"cc-shard read train.tar | cc-view --full | jq -c 'select(.cls != 3)' |\n    cc-shard read --jsonl -\n",
	.options = read_options,
	.arguments_min = 1,
	.arguments_max = SIZE_MAX,
};

static int read_label_options(struct run *run)
{
	struct tool *tool = &run->tool;
	const char *classes = run->opt.classes, *names = run->opt.class_names;

	if (classes && (tool_option_list(tool, "classes", classes, "a list of classes", &run->classes_text) ||
			       (classes_parse(&run->labels.classes, buf_span(&run->classes_text), &tool->err) &&
				       err_add(&tool->err, "%s", classes))))
		return -1;
	if (names && (tool_option_list(tool, "class-names", names, "a list of folders and names", &run->class_names_text) ||
			     (class_names_parse(&run->class_names, buf_span(&run->class_names_text), &tool->err) &&
				     err_add(&tool->err, "%s", names))))
		return -1;
	run->labels.folders = run->opt.folders;
	run->labels.by_name = run->opt.classes;
	run->labels.seed = tool->seed;
	run->labels.captions.json = run->opt.caption_json;
	run->labels.captions.limits = tool->limits;
	return run->opt.templates ? tool_option_templates(tool, run->opt.templates, &run->templates_text, &run->labels.templates) : 0;
}

static int read_delimiter(struct run *run)
{
	const char *text = run->opt.delimiter;

	if (!text)
		return 0;
	run->tables.delimiter = strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0 ? '\t' : text[0];
	if (run->tables.delimiter != '\t' && (strlen(text) != 1 || strchr("\"\r\n", text[0]) || (unsigned char)text[0] >= 0x80))
		return tool_usage(&run->tool, "--delimiter: '%s': one character is expected, such as ';', or 'tab'", text);
	return 0;
}

static int read_escape(struct run *run)
{
	const char *text = run->opt.escape;

	if (!text)
		return 0;
	run->tables.escape = text[0];
	if (strlen(text) != 1 || strchr("\"\r\n", text[0]) || (unsigned char)text[0] >= 0x80 || text[0] == run->tables.delimiter)
		return tool_usage(&run->tool, "--escape: '%s': one character is expected, such as '\\', and not the delimiter", text);
	return 0;
}

static int read_source_options(struct run *run)
{
	const struct read_options *opt = &run->opt;
	struct err *err = &run->tool.err;

	run->tables = (struct table_options){ .image = opt->image_column,
		.caption = opt->caption_column,
		.label = opt->label_column,
		.key = opt->key_column,
		.root = opt->image_root,
		.no_quotes = opt->no_quotes,
		.class_names = opt->classes };
	run->naming.longest = run->tool.limits.string;
	const char *wrong = naming_parse(&run->naming, opt->rename, err)        ? "rename"
			    : naming_prefix(&run->naming, opt->key_prefix, err) ? "key-prefix"
										: NULL;
	if (wrong) {
		run->tool.exit_code = TOOL_USAGE;
		return err_add(err, "--%s", wrong);
	}
	return read_delimiter(run) || read_escape(run) ? -1 : 0;
}

static int read_keys(struct run *run)
{
	struct tool *tool = &run->tool;
	struct buf text = { 0 };
	int status = run->opt.keys ? tool_option_list(tool, "keys", run->opt.keys, "a list of keys", &text) : 0;

	if (status == 0 && run->opt.keys && key_list_take(&run->choice.keys, buf_span(&text), &tool->err))
		status = err_add(&tool->err, "--keys: %s", run->opt.keys);
	buf_free(&text);
	return status;
}

static int read_choice_options(struct run *run)
{
	struct tool *tool = &run->tool;
	const char *wrong = choice_split(&run->choice, run->opt.split, &tool->err)        ? "split"
			    : where_parse(&run->choice.where, run->opt.where, &tool->err) ? "where"
			    : choice_fields(&run->choice, run->opt.fields, &tool->err)    ? "fields"
											  : NULL;

	run->choice.skip = run->opt.skip;
	run->choice.take = run->opt.take;
	run->choice.labels = run->opt.folders || run->opt.templates || run->opt.caption_json;
	run->choice.json = run->opt.caption_json;
	run->exact = options_given(&tool->options, "shuffle") && !run->opt.shuffle;
	run->indexed = run->exact || run->opt.regroup;
	if (wrong) {
		tool->exit_code = TOOL_USAGE;
		return err_add(&tool->err, "--%s", wrong);
	}
	if (read_keys(run))
		return -1;
	if (run->indexed && run->opt.lenient)
		return tool_usage(tool, "--lenient goes with --shuffle=N: an exact --shuffle and --regroup need whole tars");
	return 0;
}

/* The stream is as it is: what chooses samples goes with files of samples. */
static int check_jsonl_options(struct tool *tool)
{
	for (size_t i = 0; read_options[i].name; i++)
		if (strcmp(read_options[i].name, "jsonl") != 0 && options_given(&tool->options, read_options[i].name))
			return tool_usage(tool,
				"--%s goes with shards and folders, not with --jsonl: let jq choose, or write shards and read these",
				read_options[i].name);
	return 0;
}

static int read_shards(struct run *run)
{
	return read_source_options(run) || read_label_options(run) || read_choice_options(run) || read_plan(run) || read_run(run) ? -1 : 0;
}

static void free_run(struct run *run)
{
	index_free(&run->index);
	lanes_free(&run->lanes);
	reader_free(&run->reader);
	labels_free(&run->labels);
	naming_free(&run->naming);
	shuffle_buffer_free(&run->buffer);
	class_names_free(&run->class_names);
	buf_free(&run->classes_text);
	buf_free(&run->class_names_text);
	buf_free(&run->templates_text);
	map_free(&run->choice.keys);
}

int shard_read(int argc, char **argv)
{
	static struct run run = { .opt = { .epochs = 1, .take = UINT64_MAX } };
	struct tool *tool = &run.tool;
	int code;

	if (tool_start(tool, &about, &run.opt, argc, argv) ||
		(run.opt.jsonl ? check_jsonl_options(tool) || read_jsonl(tool) : read_shards(&run)))
		code = tool_fail(tool);
	else
		code = tool_finish(tool);
	free_run(&run);
	return code;
}
