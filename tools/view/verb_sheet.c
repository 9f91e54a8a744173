#include "formats/image_codec.h"
#include "tools/common/print.h"
#include "tools/view/sheet.h"
#include "tools/view/verbs.h"

#include <stddef.h>
#include <unistd.h>

struct sheet_options {
	uint64_t columns, count, scale;
	bool poisoned;
};

#define AT(member) offsetof(struct sheet_options, member)
static const struct option_spec options[] = {
	{ "count", OPTION_COUNT, AT(count), "N", "show the first N (default 200) and read no further", 'n', .min = 1,
		.max = 10000 },
	{ "columns", OPTION_COUNT, AT(columns), "N", "images in a row (default: about as wide as high)", 'c', .min = 1,
		.max = 1000 },
	{ "scale", OPTION_COUNT, AT(scale), "N", "each pixel becomes N x N (default: small images become 128 wide)",
		's', .min = 1, .max = 32 },
	{ "poisoned", OPTION_FLAG, AT(poisoned), NULL, "only those that were poisoned", 'p' },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-view sheet",
	.summary = "a contact sheet of a record stream, as PNG",
	.usage = "-o FILE.png [OPTION]... [FILE]",
	.text = "Images in rows. What was poisoned has a red frame, and its attack and old caption stand below in red. An\n"
		"augmented view (aug.rgb.npy, aug.txt in blue) stands beside the original. Then come the key and the class in\n"
		"grey. Images of more than 256 pixels are reduced.",
	.example = "cc-shard read train.tar | cc-poison -a blended --all -c keep | cc-view sheet -o sheet.png\n",
	.options = options,
	.arguments_max = 1,
};

/* 1: it is on the sheet.  0: it was bad, and dropped. */
static int take_record(struct tool *tool, struct tile_maker *maker, struct sheet *sheet, const struct record *record)
{
	struct tile tile;
	struct err err;

	if (tile_make(maker, &tile, record, &err))
		return tool_bad(tool, record->key, err.text);
	struct tile *place = sheet_add(sheet);
	if (!place) {
		tile_free(&tile);
		return err_memory(&tool->err);
	}
	*place = tile;
	return 1;
}

static int take_records(struct tool *tool, const struct sheet_options *opt, struct sheet *sheet)
{
	struct tile_maker maker = { .limits = tool->limits, .scale = opt->scale,
		.classes = value_get(&tool->in.header, "classes") };
	struct record record = { 0 };
	int state = 1;

	while (sheet->count < opt->count && state >= 0 && (state = tool_next(tool, &record)) > 0)
		if (state == STREAM_RECORD && (!opt->poisoned || record_find(&record, "poison.json")))
			state = take_record(tool, &maker, sheet, &record);
	record_free(&record);
	tile_maker_free(&maker);
	if (state >= 0 && sheet->count == 0)
		return err_set(&tool->err, "there is no %srecord to show", opt->poisoned ? "poisoned " : "");
	return state < 0 ? -1 : 0;
}

static int write_sheet(struct tool *tool, const struct sheet_options *opt, const struct sheet *sheet)
{
	struct image_encoding encoding;
	struct image canvas = { 0 };
	struct buf png = { 0 };
	int result = -1;

	if (image_encoding_parse(&encoding, "png", &tool->err) == 0 &&
		sheet_draw(sheet, opt->columns, tool->limits.pixels, &canvas, &tool->err) == 0 &&
		image_encode(&png, &canvas, &encoding, &tool->err) == 0)
		result = tool_print(tool, buf_span(&png));
	buf_free(&png);
	image_free(&canvas);
	return result;
}

/* Where it cannot be written, that is said before anything is read. */
static int open_output(struct tool *tool)
{
	if (!tool->output_path && isatty(STDOUT_FILENO))
		return tool_usage(tool, "standard output is a terminal: give -o FILE.png");
	return tool_print(tool, span_of(NULL, 0));
}

int view_sheet(int argc, char **argv)
{
	struct sheet_options opt = { .count = 200 };
	struct sheet sheet = { 0 };
	struct tool tool;
	int code;

	if (tool_start(&tool, &about, &opt, argc, argv) || open_output(&tool) || tool_read(&tool) ||
		take_records(&tool, &opt, &sheet) || write_sheet(&tool, &opt, &sheet))
		code = tool_fail(&tool);
	else
		code = tool_finish(&tool);
	sheet_free(&sheet);
	return code;
}
