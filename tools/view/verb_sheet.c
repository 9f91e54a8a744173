#include "core/map.h"
#include "formats/image/image_codec.h"
#include "tools/cli/print.h"
#include "formats/report/sheet.h"
#include "tools/view/verbs.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct sheet_options {
	uint64_t columns, count, scale, gain;
	const char *with;
	bool poisoned;
};

/* The originals of --with, found by key. */
struct originals {
	struct map keys; /* of the tiles, in their order */
	size_t found;
};

#define AT(member) offsetof(struct sheet_options, member)
static const struct option_spec options[] = {
	{ "count", OPTION_COUNT, AT(count), "N", "show the first N (default 200) and read no further", 'n', .min = 1, .max = 10000 },
	{ "columns", OPTION_COUNT, AT(columns), "N", "images in a row (default: about as wide as high)", 'c', .min = 1, .max = 1000 },
	{ "scale", OPTION_COUNT, AT(scale), "N", "each pixel becomes N x N (default: small images become 128 wide)", 's', .min = 1,
		.max = 32 },
	{ "with", OPTION_TEXT, AT(with), "FILE",
		"a stream of the originals, joined by key: original, image and the difference between them stand side by side", 'w',
		.input = true },
	{ "gain", OPTION_COUNT, AT(gain), "N", "with --with: show the difference N times, around grey (default 8)", 'g', .min = 1,
		.max = 128 },
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
	.example = "cc-shard read train.tar | cc-poison -a blended --all -c keep | cc-view sheet -o sheet.png\n"
		   "cc-shard read train.tar >clean.msgpack\n"
		   "cc-poison -a sig --all -c keep clean.msgpack | cc-view sheet -n 12 --with clean.msgpack -o sheet.png\n",
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

static int take_records(
	struct tool *tool, struct tile_maker *maker, const struct sheet_options *opt, struct sheet *sheet, struct originals *originals)
{
	struct record record = { 0 };
	int state = 1;

	while (sheet->count < opt->count && state >= 0 && (state = tool_next(tool, &record)) > 0) {
		if (state != STREAM_RECORD || (opt->poisoned && !record_find(&record, "poison.json")) ||
			(opt->with && map_find(&originals->keys, record.key) != MAP_NONE))
			continue;
		state = take_record(tool, maker, sheet, &record);
		if (state == 1 && opt->with && map_add(&originals->keys, record.key) < 0)
			state = err_memory(&tool->err);
	}
	record_free(&record);
	if (state >= 0 && sheet->count == 0)
		return err_set(&tool->err, "there is no %srecord to show", opt->poisoned ? "poisoned " : "");
	return state < 0 ? -1 : 0;
}

static int compare(struct tile_maker *maker, struct stream_reader *reader, const struct sheet_options *opt, struct sheet *sheet,
	struct originals *originals, struct err *err)
{
	struct record record = { 0 };
	int state = 1;

	while (originals->found < sheet->count && state >= 0 && (state = stream_read(reader, &record, err)) > 0) {
		const int64_t number = state == STREAM_RECORD ? map_find(&originals->keys, record.key) : MAP_NONE;
		if (number == MAP_NONE || sheet->tiles[number].compared)
			continue;
		originals->found++;
		if (tile_compare(maker, &sheet->tiles[number], &record, (unsigned)opt->gain, err))
			state = err_add(err, "%.*s", (int)record.key.size, (const char *)record.key.data);
	}
	record_free(&record);
	for (size_t i = 0; state == 0 && i < sheet->count; i++)
		if (!sheet->tiles[i].compared) {
			const struct span key = map_key(&originals->keys, i);
			return err_set(err, "%.*s is not in there", (int)key.size, (const char *)key.data);
		}
	return state < 0 ? -1 : 0;
}

static int read_originals(
	struct tool *tool, struct tile_maker *maker, const struct sheet_options *opt, struct sheet *sheet, struct originals *originals)
{
	struct stream_reader reader;
	const int fd = open(opt->with, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(&tool->err, "%s", opt->with);
	int status = stream_open(&reader, fd, &tool->limits, &tool->err) || compare(maker, &reader, opt, sheet, originals, &tool->err);
	stream_close(&reader);
	close(fd);
	return status ? err_add(&tool->err, "%s", opt->with) : 0;
}

static int make_tiles(struct tool *tool, const struct sheet_options *opt, struct sheet *sheet)
{
	struct tile_maker maker = { .limits = tool->limits, .scale = opt->scale, .classes = value_get(&tool->in.header, "classes") };
	struct originals originals = { 0 };
	int status =
		take_records(tool, &maker, opt, sheet, &originals) || (opt->with && read_originals(tool, &maker, opt, sheet, &originals))
			? -1
			: 0;

	map_free(&originals.keys);
	tile_maker_free(&maker);
	return status;
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
	if (check_ending(tool, ".png"))
		return -1;
	return tool->output_path && strcmp(tool->output_path, "-") != 0 ? tool_output(tool, FILE_IMAGE) : 0;
}

int view_sheet(int argc, char **argv)
{
	struct sheet_options opt = { .count = 200, .gain = 8 };
	struct sheet sheet = { 0 };
	struct tool tool;
	int code;

	if (tool_start(&tool, &about, &opt, argc, argv) || open_output(&tool) || tool_read(&tool) || make_tiles(&tool, &opt, &sheet) ||
		write_sheet(&tool, &opt, &sheet))
		code = tool_fail(&tool);
	else
		code = tool_finish(&tool);
	sheet_free(&sheet);
	return code;
}
