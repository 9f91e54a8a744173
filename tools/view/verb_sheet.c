#include "core/map.h"
#include "formats/image/image_codec.h"
#include "tools/cli/print.h"
#include "formats/report/canvas.h"
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

/* Joins the originals of --with by key. */
struct originals {
	struct map keys; /* of the tiles, in the same order */
	size_t found;
};

#define AT(member) offsetof(struct sheet_options, member)
static const struct option_spec options[] = {
	{ "count", OPTION_COUNT, AT(count), "N", "number of records to show; reading stops there (default 200)", 'n', .min = 1,
		.max = 10000 },
	{ "columns", OPTION_COUNT, AT(columns), "N",
		"number of images per row (default: a roughly square sheet; in HTML, as many as fit the window)", 'c', .min = 1,
		.max = 1000 },
	{ "scale", OPTION_COUNT, AT(scale), "N", "draw each pixel as N x N pixels (default: small images become about 128 pixels wide)",
		's', .min = 1, .max = 32 },
	{ "with", OPTION_TEXT, AT(with), "FILE",
		"stream of the originals, joined by key: show original, image and their difference side by side", 'w', .input = true },
	{ "gain", OPTION_COUNT, AT(gain), "N",
		"with --with: multiply the difference by N, around grey (default: fitted to each image, printed below it)", 'g', .min = 1,
		.max = GAIN_MAX },
	{ "poisoned", OPTION_FLAG, AT(poisoned), NULL, "only poisoned records", 'p' },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-view sheet",
	.summary = "a contact sheet of a record stream, as PNG or HTML",
	.usage = "-o FILE.png|FILE.html [OPTION]... [FILE]",
	.text = "Draws the images in rows, with caption, key and class below. Poisoned images have a red frame, and their attack and\n"
		"original caption are printed in red. An augmented view (aug.rgb.npy, aug.txt) is drawn next to its image.\n"
		"\n"
		"A name that ends in .html gives a page that needs no other file: its images are embedded and open in full size on\n"
		"a click, it shows any script, and it follows the light or dark setting of the browser. Images larger than 768\n"
		"pixels are reduced; on a PNG, those larger than 256.\n"
		"\n"
		"A PNG whose texts are ASCII is the same on every machine. If one is not, the system's fonts are used (Pango).\n"
		"Without Pango letters lose their accents and other scripts become boxes, with a warning. `cc-view --version`\n"
		"lists Pango if it is built in.",
	.example = "cc-shard read train.tar | cc-poison -a blended --all -c keep | cc-view sheet -o sheet.png\n"
		   "cc-shard read train.tar >clean.msgpack\n"
		   "cc-poison -a sig --all -c keep clean.msgpack | cc-view sheet -n 12 --with clean.msgpack -o sheet.html\n",
	.options = options,
	.arguments_max = 1,
};

/* 1: added to the sheet.  0: a bad record, dropped. */
static int take_record(struct tool *tool, struct tile_maker *maker, struct sheet *sheet, const struct record *record)
{
	struct tile tile;
	struct err err;

	if (tile_make(maker, &tile, record, &err))
		return tool_bad(tool, record->key, err.text);
	struct tile *added = sheet_add(sheet);
	if (!added) {
		tile_free(&tile);
		return err_memory(&tool->err);
	}
	*added = tile;
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
		return err_set(&tool->err, opt->poisoned ? "the stream has no poisoned record" : "the stream has no record");
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
			return err_set(err, "no record with the key %.*s", (int)key.size, (const char *)key.data);
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

static bool is_page(const struct tool *tool)
{
	return output_ends_with(tool, ".htm");
}

static int make_tiles(struct tool *tool, const struct sheet_options *opt, struct sheet *sheet)
{
	struct tile_maker maker = { .limits = tool->limits,
		.scale = opt->scale,
		.side_max = is_page(tool) ? TILE_SIDE_MAX_HTML : TILE_SIDE_MAX,
		.classes = value_get(&tool->in.header, "classes") };
	struct originals originals = { 0 };
	int status = take_records(tool, &maker, opt, sheet, &originals);

	if (status == 0 && opt->with)
		status = read_originals(tool, &maker, opt, sheet, &originals);
	map_free(&originals.keys);
	tile_maker_free(&maker);
	return status;
}

static void warn_missing(struct tool *tool, size_t missing)
{
	const char *const reason =
		pango_version_text() ? "no installed font has" : "the built-in font lacks (cc-view was built without Pango)";

	if (missing)
		tool_say(tool, "%zu record%s characters that %s; -o FILE.html shows any script", missing, missing == 1 ? " has" : "s have",
			reason);
}

static int write_image(struct tool *tool, const struct sheet_options *opt, const struct sheet *sheet)
{
	struct image_encoding encoding;
	struct image canvas = { 0 };
	struct buf png = { 0 };
	size_t missing;
	int result = -1;

	if (image_encoding_parse(&encoding, "png", &tool->err) == 0 &&
		sheet_draw(sheet, opt->columns, tool->limits.pixels, &canvas, &missing, &tool->err) == 0 &&
		image_encode(&png, &canvas, &encoding, &tool->err) == 0) {
		warn_missing(tool, missing);
		result = tool_print(tool, buf_span(&png));
	}
	buf_free(&png);
	image_free(&canvas);
	return result;
}

static int write_page(struct tool *tool, const struct sheet_options *opt, const struct sheet *sheet)
{
	struct buf html = { 0 };
	const char *source = tool->argument_count ? tool->arguments[0] : "Contact sheet", *slash = strrchr(source, '/');
	int status = sheet_print_html(sheet, opt->columns, slash ? slash + 1 : source, &html, &tool->err);

	if (status == 0)
		status = tool_print(tool, buf_span(&html));
	buf_free(&html);
	return status;
}

/* Errors in the name are reported before the stream is read. */
static int open_output(struct tool *tool)
{
	static const char *const extensions[] = { ".png", ".html", NULL };

	if (!tool->output_path && isatty(STDOUT_FILENO))
		return tool_usage(tool, "standard output is a terminal; use -o FILE.png or -o FILE.html");
	if (check_extension(tool, extensions))
		return -1;
	if (!tool->output_path || strcmp(tool->output_path, "-") == 0)
		return 0;
	return is_page(tool) ? tool_print_open(tool) : tool_output(tool, FILE_IMAGE);
}

int view_sheet(int argc, char **argv)
{
	struct sheet_options opt = { .count = 200 };
	struct sheet sheet = { 0 };
	struct tool tool;
	int code;

	if (tool_start(&tool, &about, &opt, argc, argv) || open_output(&tool) || tool_read(&tool) || make_tiles(&tool, &opt, &sheet) ||
		(is_page(&tool) ? write_page(&tool, &opt, &sheet) : write_image(&tool, &opt, &sheet)))
		code = tool_fail(&tool);
	else
		code = tool_finish(&tool);
	sheet_free(&sheet);
	return code;
}
