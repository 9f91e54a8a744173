/* cc-shard read: reads records from files. */
#include "tools/cli/option_file.h"
#include "formats/dataset/record_filter.h"
#include "tools/shard/read.h"
#include "tools/shard/verbs.h"

#include <stddef.h>
#include <string.h>

static const char *const caption_choices[] = { "lines", "text", NULL };

static const struct option_spec read_options[] = {
	{ "shuffle", OPTION_COUNT, offsetof(struct read_options, shuffle), "N",
		"random order, different in every epoch: a full shuffle by an index, or with N through a buffer of N records (works with any source)",
		.records = true, .min = 1, .max = 1e8, .optional = true },
	{ "epochs", OPTION_COUNT, offsetof(struct read_options, epochs), "N", "read the sources N times (default 1)", .records = true,
		.min = 1, .max = 1e9 },
	{ "split", OPTION_TEXT, offsetof(struct read_options, split), "I/N",
		"part I of N, counted from 0: every N-th source, or every N-th sample if there are fewer than N sources", .records = true },
	{ "skip", OPTION_COUNT, offsetof(struct read_options, skip), "N", "skip the first N records of each epoch", .records = true },
	{ "take", OPTION_COUNT, offsetof(struct read_options, take), "N", "read at most N records in each epoch", .records = true },
	{ "where", OPTION_TEXT, offsetof(struct read_options, where), "FIELD~WORD",
		"only records whose FIELD contains the whole word: 'txt~banana'; 'key~train' searches the key", .records = true },
	{ "keys", OPTION_TEXT, offsetof(struct read_options, keys), "FILE", "only records whose keys are listed in FILE, one per line",
		.records = true, .input = true },
	{ "fields", OPTION_TEXT, offsetof(struct read_options, fields), "NAME,...", "only these fields", .records = true },
	{ "folders", OPTION_FLAG, offsetof(struct read_options, folders), NULL,
		"use the folder of a sample as its class: sets cls and the header's classes; implies --per-image", .records = true },
	{ "classes", OPTION_TEXT, offsetof(struct read_options, classes), "FILE", "class names in the order of their numbers, one per line",
		.records = true, .input = true },
	{ "class-names", OPTION_TEXT, offsetof(struct read_options, class_names), "FILE",
		"names of the classes for captions and header, one 'FOLDER NAME' per line, such as 'n01440764 tench'", .records = true,
		.input = true },
	{ "templates", OPTION_TEXT, offsetof(struct read_options, templates), "FILE",
		"make captions for records without one: sentences with {} for the class, one per line; 'default': CLIP's 80",
		.records = true, .input = true },
	{ "captions", OPTION_TEXT, offsetof(struct read_options, captions), "HOW",
		"lines: every line of txt is a caption; text: txt is one caption (default: as the shards' header says, else text)",
		.records = true, .choices = caption_choices },
	{ "caption-json", OPTION_TEXT, offsetof(struct read_options, caption_json), "PATH",
		"take missing captions from this path in the field json, such as caption or a.b.0", .records = true },
	{ "rename", OPTION_TEXT, offsetof(struct read_options, rename), "OLD=NEW,...",
		"rename fields before any other option applies: 'caption.txt=txt,jpeg=jpg'", .records = true },
	{ "key-prefix", OPTION_TEXT, offsetof(struct read_options, key_prefix), "TEXT",
		"prepend TEXT to every key, to combine sets with equal keys; {} is the source's name (with its folder if names repeat): '{}/'",
		.records = true },
	{ "image-column", OPTION_TEXT, offsetof(struct read_options, image_column), "NAME",
		"table column with the paths of the images (default image)", .records = true },
	{ "caption-column", OPTION_TEXT, offsetof(struct read_options, caption_column), "NAME",
		"table column that becomes txt (default caption, if it exists)", .records = true },
	{ "label-column", OPTION_TEXT, offsetof(struct read_options, label_column), "NAME",
		"table column that becomes cls: integers, or names listed in --classes (default label, if it exists)", .records = true },
	{ "key-column", OPTION_TEXT, offsetof(struct read_options, key_column), "NAME",
		"table column with the keys (default: the image's path without its extension)", .records = true },
	{ "image-root", OPTION_TEXT, offsetof(struct read_options, image_root), "FOLDER",
		"folder that a table's paths are relative to (default: the table's folder)" },
	{ "delimiter", OPTION_TEXT, offsetof(struct read_options, delimiter), "CHARACTER",
		"separator of a table's cells, or 'tab' (default: tab for .tsv, else comma)", .records = true },
	{ "escape", OPTION_TEXT, offsetof(struct read_options, escape), "CHARACTER",
		"escape character of a table, such as '\\' in \"2\\\" seam\" (default none)", .records = true },
	{ "no-quotes", OPTION_FLAG, offsetof(struct read_options, no_quotes), NULL, "treat quotes in a table as ordinary characters",
		.records = true },
	{ "regroup", OPTION_FLAG, offsetof(struct read_options, regroup), NULL,
		"join members of a sample that are not adjacent in a tar, using an index; the tars must be regular files",
		.records = true },
	{ "lenient", OPTION_FLAG, offsetof(struct read_options, lenient), NULL,
		"continue after a truncated tar; it is reported and counted as bad", .records = true },
	{ "subset", OPTION_FLAG, offsetof(struct read_options, subset), NULL, "do not require complete sets of shards" },
	SOURCES_PER_IMAGE(struct read_options, per_image),
	SOURCES_ALLOW_PIPE(struct read_options, allow_pipe),
	{ "count", OPTION_FLAG, offsetof(struct read_options, count), NULL,
		"always put the number of records into the header, even if more than 1 GiB of foreign tars must be scanned for it" },
	{ "jsonl", OPTION_FLAG, offsetof(struct read_options, jsonl), NULL,
		"read the output of `cc-view --full`: JSON lines with the stream's header, marks and tail; allows no other option of read",
		.records = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard read",
	.summary = "read records from shards, tars, image folders, tables and CIFAR-10 batches",
	.usage = "[OPTION]... SOURCE...",
	.text = "A SOURCE is one of: a tar (ustar, pax or GNU; plain, gzip, zstd or xz) or a folder of tars; a folder of files; a list of tars (a wids "
		"index of version 1, or sizes.json); a table (CSV, TSV or JSON lines); a CIFAR-10 batch, or a folder or tar of them; - for a tar on "
		"standard input; pipe:COMMAND for a tar that a command writes; @FILE for a file with one source per line and comments after # (@- "
		"reads the list from standard input). Braces denote ranges: 'train-{0000..0127}.tar', unless a file with that very name exists. "
		"A pipe:COMMAND must succeed. It runs only if it is an argument of its own: in an @FILE it needs --allow-pipe, and in an index, a "
		"folder or a table it is a file name.\n\n"
		"SOURCE*WEIGHT sets how often the source's records occur per epoch: 'a.tar*2' twice, 'b.tar*0.5' about half of them, chosen by key and "
		"--seed, the same in every epoch. (Quote it, because the shell expands *.) In a second pass keys end in @2, so that repeated records "
		"are shuffled and augmented independently. If any source has a weight, all sources are interleaved evenly, record by record, so that "
		"they end together; if their numbers of records are unknown, the weights are the mixing rates. A full --shuffle mixes at random. "
		"A pipe:COMMAND cannot have a weight; stars in it belong to the shell.\n\n"
		"A sample consists of all adjacent members with the same key: the path up to the first dot of its last part. The rest of the name, after "
		"that dot, is the field. txt becomes a string, cls an integer, npy a tensor; every other field stays bytes.\n\n"
		"Shards written by cc-shard write are checked against their own digests, and their set must be complete: a shard that is neither "
		"given nor present is an error; one that is present but not given is not. In a folder written by img2dataset, a shard without its "
		"_stats.json is unfinished, and a _stats.json without its shard means that the shard was lost. Both are errors unless --subset is given.\n\n"
		"Classes are numbers. Two classes in --classes may have the same name, like `missile` and `sunglasses` in ImageNet's own list; only a "
		"label given by such a name is an error. --class-names FILE keeps the numbers and renames the classes, for folders like ImageNet's. "
		"Each line holds the folder, a tab or blanks, and the name (use a tab if the folder contains blanks). If there are several names "
		"separated by commas, as in ImageNet's LOC_synset_mapping.txt, the first is used. A class that is not listed is an error. "
		"Underscores in names become spaces in captions.\n\n"
		"If all captions come from --templates, or could have, the header records the templates. They are the default of cc-poison and, through "
		"the model, of `cc-embed --prompts`. If sources record different templates, the header records none.\n\n"
		"--where and --keys apply before --skip and --take. These count from the start of every epoch, in that epoch's order. The parts of "
		"--split together hold every record exactly once.\n\n"
		"The header contains the number of records if the shards or a list state it, if sizes.json or img2dataset's _stats.json next to "
		"the tars states it (a tar with another number is an error), or if counting is fast (at most 1 GiB of files). A full --shuffle takes "
		"32 bytes of memory per sample, and for folders their file names.\n\n"
		"--jsonl reverses `cc-view --jsonl --full`, so that jq, or any program that reads JSON, can be a stage of a pipe. Each line is an object; "
		"binary data is {\"base64\": \"..\"}. Lines without a header are accepted as records, with a notice on standard error. After a "
		"header the tail is required, because without it the stream is truncated: a jq filter must let objects without __key__ through.\n\n",
	.details =
		"Names are normalised wherever they come from: no leading ./ or /, no //, Unicode in NFC. A folder and a tar of it give the same "
		"records with the same digest. Hidden files and folders (names that begin with a dot), __MACOSX, Thumbs.db, desktop.ini, "
		"*:Zone.Identifier, README.md and LICENSE.txt are skipped. A name that contains a part .. makes a bad record, and so does a dangling link.\n\n"
		"In a folder, every image is a record: cat.0.jpg and cat.1.jpg give cat_0 and cat_1, each with cat.0.txt and cat.0.json if these exist. "
		"0001.seg.png is a field of 0001 if 0001 has a plain field such as 0001.jpg or 0001.txt. In a tar, a sample with several images "
		"(left.jpg, right.jpg), none of them a plain jpg or png, is a bad record. --rename left.jpg=jpg selects its image, --fields selects "
		"fields, and --per-image or --folders make each image a record.\n\n"
		"If a folder has no images or tars itself, the tars of its one subfolder that has any are read. Folders of files written by img2dataset are "
		"read like its tars.\n\n"
		"A caption (txt) must be UTF-8, in shards and folders too. Otherwise the record is bad (--max-bad), and the message names the byte and "
		"the likely encoding. --rename txt=NAME does not change that, but --fields without txt does.\n\n"
		"The first line of a table (.csv or .tsv, also compressed) names its columns. If a table option is given and no source has such a name, "
		"any source that is not a folder and not named like a tar is read as a table: - (standard input), pipe:COMMAND, a text file. Paths in "
		"the first two are relative to the current folder. image is a file's path, relative to the table's folder; caption becomes txt, "
		"label becomes cls; an empty or blank cell is not a field, and other columns are ignored. The key is the path without its extension, "
		"without a leading / and parts like .., with dots in the last part replaced by _; further rows with the same image get ~2, ~3 and so "
		"on. Paths may point anywhere, but only regular files are opened. A row whose image is missing, or with too many or too few "
		"cells, is a bad record (--max-bad). A quote that is never closed is an error that names its line and column.\n\n"
		"JSON lines (.jsonl, .ndjson) and an array of objects (.json) are tables as well. Columns are names, or paths such as meta.url; file_name "
		"and text are recognised as usual names too. Every object is searched for all columns, so null values may be omitted. A line that cannot be "
		"used is a bad record. A folder with metadata.jsonl or metadata.csv (Hugging Face's imagefolder), or with such folders in it, is read "
		"by that table; an image that no row names is a bad record.\n\n"
		"Tables are UTF-8, with or without a byte order mark. A first line sep=; (written by Excel) sets the delimiter. Quotes within quotes are "
		"doubled; --escape '\\' reads \\\" as a quote too. Lines end with LF or CR LF; a lone CR is text, unless the first line ends with one. "
		"If a column's name is surrounded by blanks, blanks around its cells are removed. dir\\a.jpg is read as dir/a.jpg; an absolute Windows "
		"path or a URL makes a bad record.\n\n"
		"An image may have several captions: a list of strings in txt. --captions lines makes that list of the lines of txt. The header records "
		"it, and shards store one caption per line. cc-embed embeds every caption, cc-train draws one per epoch. --caption-json is used for "
		"records without a caption; its value is a string or a list of strings. An empty or blank caption counts as missing. A cls of \" 1\" "
		"or 1.0 is read as 1; 1.5 makes a bad record.",
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
	if (run->opt.caption_json && !*run->opt.caption_json)
		return tool_usage(tool, "--caption-json: expected a path in the field json, such as caption or a.b.0");
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
		return tool_usage(&run->tool, "--delimiter: '%s' is not a single character, such as ';', or 'tab'", text);
	return 0;
}

static int read_escape(struct run *run)
{
	const char *text = run->opt.escape;

	if (!text)
		return 0;
	run->tables.escape = text[0];
	if (strlen(text) != 1 || strchr("\"\r\n", text[0]) || (unsigned char)text[0] >= 0x80 || text[0] == run->tables.delimiter)
		return tool_usage(&run->tool, "--escape: '%s' is not a single character other than the delimiter, such as '\\'", text);
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
		return tool_usage(
			tool, "--lenient cannot be used with a full --shuffle or --regroup, which need complete tars; use --shuffle=N");
	return 0;
}

/* --jsonl copies a stream unchanged, so the options that select or change samples are refused. */
static int check_jsonl_options(struct tool *tool)
{
	for (size_t i = 0; read_options[i].name; i++)
		if (strcmp(read_options[i].name, "jsonl") != 0 && options_given(&tool->options, read_options[i].name))
			return tool_usage(tool, "--%s cannot be used with --jsonl; select with jq, or write shards and read those",
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
	interleave_free(&run->interleave);
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
