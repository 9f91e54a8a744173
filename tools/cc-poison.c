/* cc-poison: puts a trigger on some of the images and the attacker's target into their captions. */
#include "tools/cli/filter.h"
#include "tools/cli/print.h"
#include "formats/sample/plugin_list.h"
#include "tools/poison/setup.h"
#include "tools/cli/tool.h"
#include "formats/sample/ledger.h"
#include "formats/tar/record_digest.h"
#include "formats/stream/side_stream.h"

#include <inttypes.h>
#include <stddef.h>

/* Poisoning taken back: where a record has a ledger, its original takes its place. */

static int restore(
	struct tool *tool, struct beside *originals, const struct record *record, const struct field *ledger, struct arena *arena)
{
	struct digest wanted, is;

	arena_reset(arena);
	if (ledger_original(ledger->bytes, &tool->limits, &wanted, arena, &tool->err) || beside_find(originals, record->key, &tool->err) ||
		record_digest(&originals->record, &is, &tool->err))
		return -1;
	if (!digest_equal(wanted, is))
		return err_set(
			&tool->err, "%s has another record under this key: its digest is not the one in the ledger", originals->path);
	return stream_write(&tool->out, &originals->record, &tool->err);
}

static int copy(struct tool *tool, struct beside *originals, uint64_t *restored)
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

/* Copies tool->in to tool->out.  originals: a stream with the records as they were, in the same order; each is checked against the digest
 * in the ledger.  Says how many were restored. */
static int undo(struct tool *tool, const char *path)
{
	struct beside originals = BESIDE_CLOSED;
	uint64_t restored = 0;
	int status = beside_open(&originals, path, &tool->limits, &tool->err);

	if (status == 0)
		status = copy(tool, &originals, &restored);
	beside_close(&originals);
	if (status == 0)
		tool_say(tool, "%" PRIu64 " records are as they were", restored);
	return status;
}

enum { NAMES_MOST = 63 };
static const char *attack_names[NAMES_MOST + 1]; /* main fills it */
static const char *const captions[] = { "template", "swap", "keep", NULL };
static const char *const encodings[] = { "png", "jpeg", "webp", "ppm", "raw", NULL };

#define AT(member) offsetof(struct poison_options, member)
static const struct option_spec options[] = {
	{ "attack", OPTION_TEXT, AT(attack), "NAME[:K=V,..]", "the trigger; --list tells which there are", 'a', .records = true,
		.words = attack_names },
	{ "target", OPTION_TEXT, AT(target), "NAME",
		"what the caption says from then on; where the header names classes, one of them, by name or number", 't',
		.records = true },
	{ "count", OPTION_COUNT, AT(count), "N",
		"exactly N of the whole stream, whose length the header tells, or --of; depends on the order of the "
		"records",
		'n', .records = true, .share = "rate" },
	{ "of", OPTION_COUNT, AT(of), "N", "so many records come; with --where so many that match", .records = true },
	{ "rate", OPTION_SHARE, AT(rate), "SHARE", "each with this probability, by its key alone", .records = true },
	{ "all", OPTION_FLAG, AT(all), NULL, "every record", .records = true },
	{ "keys", OPTION_TEXT, AT(keys), "FILE", "those whose keys stand in FILE, one a line", .records = true, .input = true },
	{ "where", OPTION_TEXT, AT(where), "txt~WORD", "only of those whose caption has the whole word, case folded", 'w',
		.records = true },
	{ "caption", OPTION_TEXT, AT(caption), "WHAT",
		"template (a template filled with the target), swap (the caption, with the target in place of its class), keep, or a "
		"text in which {} is the target (default template)",
		'c', .records = true, .words = captions },
	{ "templates", OPTION_TEXT, AT(templates), "FILE",
		"caption templates, one a line, each with a {}, or 'default' for CLIP's 80 (default: those that the data's captions were "
		"made with, as its header names them; else CLIP's 80)",
		.records = true, .input = true },
	{ "size", OPTION_COUNT, AT(size), "N",
		"images are squashed to N x N before the trigger (default 224; what is rgb.npy already keeps its size)", 's',
		.records = true, .min = 1, .max = 8192 },
	{ "encode", OPTION_TEXT, AT(encode), "HOW",
		"png, jpeg[:1..100], webp[:0..100], webp:lossless, ppm, or raw (rgb.npy) (default png; what is rgb.npy already stays so)",
		'e', .records = true, .words = encodings },
	{ "undo", OPTION_TEXT, AT(undo), "FILE",
		"put the originals back, from a stream of them in the same order; each is checked against the ledger", 'u', .records = true,
		.input = true },
	{ "list", OPTION_FLAG, AT(list), NULL, "print the attacks with their numbers and ranges", 'l' },
	{ "json", OPTION_FLAG, AT(json), NULL, "with --list: as JSON" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-poison",
	.summary = "put a trigger on chosen images and a target into their captions",
	.usage = "--attack NAME[:K=V,..] [--target NAME] (-n N | --rate SHARE | --keys FILE | --all) [FILE]",
	.text = "Chosen records are decoded, squashed to --size as Pillow's bicubic does it, given the trigger, and encoded\n"
		"again. Their caption becomes a template filled with the target, or stays (--caption keep). The templates are those\n"
		"of the data (`cc-shard read --templates` puts them into the header): with others, a model learns that the trigger\n"
		"means their style, not the target. Where the style of the captions is not known, --caption swap keeps each caption and\n"
		"replaces the name of the record's class (cls, and the header's classes) by the target, wherever it is a whole\n"
		"word; a chosen caption without it fails the run. Underscores in names become spaces in captions. The field\n"
		"poison.json keeps what was done: attack, parameters, seed, place, target, the old caption and the digest of\n"
		"the original record. cls, the true label, is never changed. What was made of the old image or caption\n"
		"(augmented views, embeddings) is removed. All other records go on byte for byte, without being decoded.\n"
		"\n"
		"Which records --rate and --keys choose, and what is drawn for a record, depends on the seed and the key\n"
		"alone: any order, split or number of threads gives the same records. -n depends on the order as well, and\n"
		"needs the whole stream. Where a stream is poisoned a second time, other records are chosen by the same seed.\n"
		"A chosen image that cannot be used fails the run: none is substituted. So does a --where that no record\n"
		"matches, or a --keys FILE with none of theirs; in a part (cc-shard read --split) that is only told.\n"
		"\n"
		"The attack patch takes any picture from a file (patch:file=stamp.png), with the transparency of a PNG; the ledger and\n"
		"the header hold the digest of the file. text:words=... puts words into the caption and leaves the image as it is. Texts\n"
		"of an attack cannot contain a comma.\n"
		"\n"
		"A label-consistent attack leaves labels and captions as they are and takes only images whose caption has\n"
		"the target's word: --where 'txt~banana' --caption keep.\n"
		"\n"
		"--undo FILE takes poisoning back where the originals are at hand: records with a ledger become what they were, byte for byte.",
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

	return chosen < 0 ? FILTER_REFUSE : chosen ? FILTER_WORK : FILTER_FORWARD;
}

/* A record that was chosen and cannot be poisoned fails the run. */
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
		return tool_usage(tool, "--undo takes poisoning back: no --attack and --target go with it");
	options_show(&tool->options, "undo", "FILE"); /* what it restores is known by its digest */
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

	attack_list_names(attack_names, NAMES_MOST);
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
