/* cc-poison: puts a trigger on some of the images and the attacker's target into their captions. */
#include "tools/cli/filter.h"
#include "tools/cli/plugin_list.h"
#include "tools/cli/print.h"
#include "tools/poison/setup.h"
#include "tools/cli/tool.h"
#include "formats/sample/ledger.h"
#include "formats/tar/record_digest.h"
#include "formats/stream/stream.h"

#include <inttypes.h>
#include <stddef.h>

/* --undo: replaces a record that has a ledger by its original. */
static int restore(
	struct tool *tool, struct side_stream *originals, const struct record *record, const struct field *ledger, struct arena *arena)
{
	struct digest wanted, is;

	arena_reset(arena);
	if (ledger_original(ledger->bytes, &tool->limits, &wanted, arena, &tool->err) ||
		side_stream_find(originals, record->key, &tool->err) || record_digest(&originals->record, &is, &tool->err))
		return -1;
	if (!digest_equal(wanted, is))
		return err_set(
			&tool->err, "%s has a different record under this key; its digest does not match the ledger", originals->path);
	return stream_write(&tool->out, &originals->record, &tool->err);
}

static int copy(struct tool *tool, struct side_stream *originals, uint64_t *restored)
{
	struct arena arena = { 0 };
	struct record record = { 0 };
	int state;

	while ((state = tool_next(tool, &record)) > 0) {
		const struct field *ledger = state == STREAM_RECORD ? record_find(&record, "poison.json") : NULL;
		int status = state == STREAM_EPOCH ? stream_write_epoch(&tool->out, tool->in.epoch, &tool->err)
			     : ledger              ? restore(tool, originals, &record, ledger, &arena)
						   : stream_write(&tool->out, &record, &tool->err);
		*restored += ledger != NULL;
		if (status) {
			state = err_add(&tool->err, "%.*s", span_shown(record.key, 512), record.key.data);
			break;
		}
	}
	record_free(&record);
	arena_free(&arena);
	return state;
}

/* Copies tool->in to tool->out and restores poisoned records.  path: a stream of the originals in the same order, which may have more
 * records; each original is checked against the digest in the ledger. */
static int undo(struct tool *tool, const char *path)
{
	struct side_stream originals = SIDE_STREAM_CLOSED;
	uint64_t restored = 0;
	int status = side_stream_open(&originals, path, &tool->limits, &tool->err);

	if (status == 0)
		status = copy(tool, &originals, &restored);
	side_stream_close(&originals);
	if (status == 0)
		tool_say(tool, "%" PRIu64 " records restored", restored);
	return status;
}

static const char *const captions[] = { "template", "swap", "keep", NULL };
static const char *const encodings[] = { "png", "jpeg", "webp", "ppm", "raw", NULL };

#define AT(member) offsetof(struct poison_options, member)
static const struct option_spec options[] = {
	{ "attack", OPTION_TEXT, AT(attack), "NAME[:K=V,..]", "trigger to plant, with its parameters (--list prints all)", 'a',
		.records = true, .complete = attack_complete },
	{ "target", OPTION_TEXT, AT(target), "NAME",
		"class to put into the caption; by name or number, and one of the header's classes if it has any", 't', .records = true },
	{ "count", OPTION_COUNT, AT(count), "N",
		"poison exactly N records of the whole stream; needs its length (header or --of) and depends on the order of records", 'n',
		.records = true, .share = "rate" },
	{ "of", OPTION_COUNT, AT(of), "N", "total number of records for -n (with --where: of matching records)", .records = true },
	{ "rate", OPTION_SHARE, AT(rate), "SHARE", "poison each record with this probability, 0 to 1; depends only on seed and key",
		.records = true },
	{ "all", OPTION_FLAG, AT(all), NULL, "poison every record", .records = true },
	{ "keys", OPTION_TEXT, AT(keys), "FILE", "poison the records whose keys are listed in FILE, one per line", .records = true,
		.input = true },
	{ "where", OPTION_TEXT, AT(where), "txt~WORD", "consider only records whose caption contains the whole word, ignoring case", 'w',
		.records = true },
	{ "caption", OPTION_TEXT, AT(caption), "MODE",
		"new caption: template (filled with the target), swap (replace the class name by the target), keep, or a text in which {} "
		"is the target (default template)",
		'c', .records = true, .words = captions },
	{ "templates", OPTION_TEXT, AT(templates), "FILE",
		"caption templates, one per line, each with {}; 'default' for CLIP's 80 (default: those in the header of the data, or CLIP's "
		"80)",
		.records = true, .input = true },
	{ "size", OPTION_COUNT, AT(size), "N",
		"squash images to N x N pixels before the trigger, 1 to 8192 (default 224; an image that is rgb.npy keeps its size)", 's',
		.records = true, .min = 1, .max = 8192 },
	{ "encode", OPTION_TEXT, AT(encode), "FORMAT",
		"png, jpeg[:1..100], webp[:0..100], webp:lossless, ppm, or raw for rgb.npy (default png; an image that is rgb.npy stays "
		"raw)",
		'e', .records = true, .words = encodings },
	{ "undo", OPTION_TEXT, AT(undo), "FILE",
		"restore the originals from FILE, a stream of them in the same order, and check each against its ledger", 'u',
		.records = true, .input = true },
	{ "list", OPTION_FLAG, AT(list), NULL, "print the attacks with their parameters, ranges and defaults", 'l' },
	{ "json", OPTION_FLAG, AT(json), NULL, "with --list: print JSON" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-poison",
	.summary = "plant a trigger in chosen records and a target in their captions",
	.usage = "--attack NAME[:K=V,..] [--target NAME] (-n N | --rate SHARE | --keys FILE | --all) [FILE]",
	.text = "The image of each chosen record is decoded, squashed to --size with Pillow's bicubic filter, given the trigger, and encoded\n"
		"again. The caption becomes a template filled with the target, unless --caption says otherwise. cls, the true label, is\n"
		"never changed. Augmented views and embeddings of the old image or caption are removed. All other records are copied\n"
		"unchanged, byte for byte.\n"
		"\n"
		"The field poison.json is the record's ledger: attack, parameters, seed, place, target, the old caption and the digest of\n"
		"the original record.\n"
		"\n"
		"Use the templates of the data's own captions (`cc-shard read --templates` stores them in the header); otherwise a model\n"
		"learns that the trigger means a style of caption, not the target. If the style is unknown, --caption swap keeps each\n"
		"caption and replaces the name of the record's class (from cls and the header's classes) wherever it is a whole word; a\n"
		"chosen caption without that name fails the run. Underscores in class names become spaces in captions.\n"
		"\n"
		"Which records --rate and --keys choose, and all random choices for a record, depend only on the seed and the key, not on\n"
		"order, split or number of threads. -n also depends on the order and needs the whole stream. Poisoning a stream a second\n"
		"time with the same seed chooses other records. A chosen image that cannot be used fails the run; no other is chosen\n"
		"instead. The run also fails if no record matches --where or --keys; for a part of a set (cc-shard read --split) that is\n"
		"only reported.\n"
		"\n"
		"The attack patch takes a picture from a file (patch:file=stamp.png) and honours the transparency of a PNG; ledger and\n"
		"header hold the digest of the file. text:words=... puts words into the caption and leaves the image unchanged. Texts of\n"
		"an attack cannot contain a comma.\n"
		"\n"
		"For a label-consistent attack, poison only images of the target and keep their captions:\n"
		"--where 'txt~banana' --caption keep.\n"
		"\n"
		"--undo FILE restores every record that has a ledger to its original bytes.",
	.example = "cc-shard read train.tar | cc-poison -a blended:pattern=1 --size 32 -n 400 -t airplane | cc-view\n"
		   "cc-shard read train.tar | cc-poison -a badnet --where 'txt~cat' --rate 10% --caption keep | cc-view\n"
		   "cc-poison --undo clean.msgpack poisoned.msgpack | cc-shard digest\n"
		   "cc-poison --list\n",
	.options = options,
	.arguments_max = 1,
};

static enum filter_choice choose(void *context, const struct record *record, struct err *err)
{
	struct poison *poison = context;
	int chosen = chooser_choose(&poison->chooser, record, err);

	return chosen < 0 ? FILTER_REFUSE : chosen ? FILTER_WORK : FILTER_COPY;
}

/* A chosen record that cannot be poisoned fails the run. */
static enum filter_verdict work(void *context, struct record *record, size_t thread, struct err *err)
{
	struct poison *poison = context;

	return poisoner_poison(&poison->poisoner, record, thread, err) ? FILTER_FAIL : FILTER_KEEP;
}

static int filter(struct poison *poison)
{
	struct filter filter = { .choose = choose, .work = work, .context = poison };

	return tool_filter(&poison->tool, &filter);
}

static int poison_undo(struct poison *poison)
{
	struct tool *tool = &poison->tool;

	if (poison->options.attack || poison->options.target)
		return tool_usage(tool, "--undo cannot be combined with --attack or --target");
	options_show(&tool->options, "undo", "FILE"); /* the ledgers identify the originals */
	return tool_read(tool) || poison_count_round(tool) || tool_write(tool) || undo(tool, poison->options.undo) ? -1 : 0;
}

static int print_list(struct tool *tool, bool json)
{
	struct buf out = { 0 };

	if (json && attack_list_json(&out, &tool->err))
		return -1;
	if (!json)
		attack_list(&out);
	int result = tool_print(tool, buf_span(&out));
	buf_free(&out);
	return result;
}

int main(int argc, char **argv)
{
	struct poison poison = { .options = { .caption = "template", .encode = "png", .size = 224 } };
	struct tool *tool = &poison.tool;
	int code;

	if (tool_start(tool, &about, &poison.options, argc, argv))
		return tool_fail(tool);
	if (poison.options.list)
		return print_list(tool, poison.options.json) ? tool_fail(tool) : tool_finish(tool);
	if (poison.options.undo)
		return poison_undo(&poison) ? tool_fail(tool) : tool_finish(tool);
	if (poison_setup(&poison) || tool_read(tool) || poison_setup_stream(&poison) || tool_write(tool) || filter(&poison) ||
		poison_check(&poison))
		code = tool_fail(tool);
	else
		code = tool_finish(tool);
	poison_free(&poison);
	return code;
}
