#include "image/preprocess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const resize_filter_names[] = { "bicubic", "bilinear", "box", NULL };
const char *const preprocess_crop_names[] = { "center", "random", "squash", "pad", NULL };

/* int(size * longer / shorter), computed like Python: in double, truncated. */
static size_t longer_side(size_t size, size_t longer, size_t shorter)
{
	return (size_t)((double)(size * longer) / (double)shorter);
}

/* Like Python's round(), rint() rounds halves to even. */
static size_t crop_start(const struct preprocess *preprocess, size_t side, struct rng *rng)
{
	size_t rest = side - preprocess->size;

	if (preprocess->crop == CROP_RANDOM)
		return rng_below(rng, rest < UINT32_MAX ? (uint32_t)rest + 1 : UINT32_MAX);
	return (size_t)rint((double)rest / 2);
}

/* Scales the longer side to `size` and the other by the same factor, rounded like Python's round(). */
static void fit_longer(struct resize_plan *plan, size_t size)
{
	const double across = (double)plan->from_width / (double)size, down = (double)plan->from_height / (double)size;
	const double ratio = across > down ? across : down;

	plan->width = (size_t)rint((double)plan->from_width / ratio);
	plan->height = (size_t)rint((double)plan->from_height / ratio);
	plan->wanted = part_whole(plan->width, plan->height);
}

struct resize_plan preprocess_plan(const struct preprocess *preprocess, size_t width, size_t height, struct rng *rng)
{
	const size_t size = preprocess->size;
	struct resize_plan plan = {
		preprocess->filter,
		width,
		height,
		size,
		size,
		part_whole(size, size),
		preprocess->pillow_12,
	};

	if (preprocess->crop == CROP_SQUASH)
		return plan;
	if (preprocess->crop == CROP_PAD) {
		fit_longer(&plan, size);
		return plan;
	}
	if (width < height)
		plan.height = longer_side(size, height, width);
	else
		plan.width = longer_side(size, width, height);
	plan.wanted.x = crop_start(preprocess, plan.width, rng);
	plan.wanted.y = crop_start(preprocess, plan.height, rng);
	return plan;
}

int preprocess_fill(const struct preprocess *preprocess, struct image *image, struct image *spare, struct err *err)
{
	const size_t size = preprocess->size;
	const size_t left = (size - image->width) / 2, top = (size - image->height) / 2;

	if (image->width == size && image->height == size)
		return 0;
	if (image_copy(spare, image, err) || image_resize_buffer(image, size, size, err))
		return -1;
	memset(image->pixels, preprocess->fill, image_bytes(image));
	for (size_t y = 0; y < spare->height; y++)
		memcpy(image->pixels + 3 * ((top + y) * size + left), spare->pixels + 3 * y * spare->width, 3 * spare->width);
	return 0;
}

/* Values of resize_mode by enum preprocess_crop; a random crop is for training only. */
static const char *const modes[] = { "shortest", "shortest", "squash", "longest" };

enum { MODES = sizeof modes / sizeof *modes };

static int refuse(const char *name, const struct value *value, const char *accepted, struct err *err)
{
	const struct span word = value_string_or(value, "");

	if (word.size)
		return err_set(
			err, "%s: '%.*s' is not supported; supported: %s", name, span_shown(word, 100), (const char *)word.data, accepted);
	return err_set(err, "%s: must be one of: %s", name, accepted);
}

/* One number, or the two sides of a square. */
static int read_size(const struct value *value, size_t image_size, struct err *err)
{
	const bool list = value->kind == VALUE_ARRAY && value->list.count == 2;
	const int64_t height = value_integer_or(list ? &value->list.items[0] : value, -1);
	const int64_t width = value_integer_or(list ? &value->list.items[1] : value, -1);

	if (height < 1 || width < 1)
		return err_set(err, "size: must be one or two numbers");
	if (height != width)
		return err_set(err, "size: %lldx%lld is not a square", (long long)width, (long long)height);
	if ((uint64_t)height != image_size)
		return err_set(err, "size: %lld, but the image tower takes %zu", (long long)height, image_size);
	return 0;
}

/* "random" is for training; otherwise it means bicubic. */
static int read_interpolation(struct preprocess *preprocess, const struct value *value, struct err *err)
{
	const struct span word = value_string_or(value, "");

	if (span_is(word, "bilinear"))
		preprocess->filter = RESIZE_BILINEAR;
	else if (!span_is(word, "bicubic") && !span_is(word, "random"))
		return refuse("interpolation", value, "bicubic, bilinear", err);
	return 0;
}

static int read_mode(struct preprocess *preprocess, const struct value *value, struct err *err)
{
	for (size_t i = 0; i < MODES; i++)
		if (i != CROP_RANDOM && span_is(value_string_or(value, ""), modes[i])) {
			preprocess->crop = (enum preprocess_crop)i;
			return 0;
		}
	return refuse("resize_mode", value, "shortest, longest, squash", err);
}

static int read_fill(struct preprocess *preprocess, const struct value *value, struct err *err)
{
	const int64_t grey = value_integer_or(value, -1);

	if (grey < 0 || grey > 255)
		return err_set(err, "fill_color: must be a number from 0 to 255");
	preprocess->fill = (unsigned char)grey;
	return 0;
}

static int read_one(struct preprocess *preprocess, struct span name, const struct value *value, struct err *err)
{
	if (span_is(name, "size"))
		return read_size(value, preprocess->size, err);
	if (span_is(name, "interpolation"))
		return read_interpolation(preprocess, value, err);
	if (span_is(name, "resize_mode"))
		return read_mode(preprocess, value, err);
	if (span_is(name, "fill_color"))
		return read_fill(preprocess, value, err);
	if (span_is(name, "mode"))
		return span_is(value_string_or(value, ""), "RGB") ? 0 : refuse("mode", value, "RGB", err);
	if (span_is(name, "mean") || span_is(name, "std") || (value->kind == VALUE_BOOL && !value->boolean))
		return 0;
	return err_set(err, "%.*s: unknown (known: mean, std, mode, size, interpolation, resize_mode, fill_color)", span_shown(name, 100),
		(const char *)name.data);
}

int preprocess_config_read(struct preprocess *preprocess, const struct value *json, size_t image_size, struct err *err)
{
	*preprocess = (struct preprocess){ .size = image_size, .filter = RESIZE_BICUBIC, .crop = CROP_CENTER };
	if (!json || json->kind == VALUE_NULL)
		return 0;
	if (json->kind != VALUE_MAP)
		return err_set(err, "must be a map");
	for (size_t i = 0; i < json->list.count; i++) {
		const struct value *value = &json->list.items[2 * i + 1];
		if (value->kind != VALUE_NULL && read_one(preprocess, json->list.items[2 * i].string, value, err))
			return -1;
	}
	return 0;
}

int preprocess_config_write(const struct preprocess *preprocess, struct value *map, struct arena *arena)
{
	return value_set(map, "mode", value_string("RGB"), arena) ||
			       value_set(map, "size", value_integer((int64_t)preprocess->size), arena) ||
			       value_set(map, "interpolation", value_string(resize_filter_names[preprocess->filter]), arena) ||
			       value_set(map, "resize_mode", value_string(modes[preprocess->crop]), arena) ||
			       value_set(map, "fill_color", value_integer(preprocess->fill), arena)
		       ? -1
		       : 0;
}

static enum preprocess_crop without_chance(enum preprocess_crop crop)
{
	return crop == CROP_RANDOM ? CROP_CENTER : crop;
}

bool preprocess_agrees(const struct preprocess *a, const struct preprocess *b)
{
	return a->size == b->size && a->filter == b->filter && without_chance(a->crop) == without_chance(b->crop) &&
	       (a->crop != CROP_PAD || a->fill == b->fill);
}

const char *preprocess_text(const struct preprocess *preprocess, char text[PREPROCESS_TEXT])
{
	char fill[16] = "";

	if (preprocess->crop == CROP_PAD)
		snprintf(fill, sizeof fill, " with %d", preprocess->fill);
	snprintf(text, PREPROCESS_TEXT, "%zux%zu, %s, %s%s", preprocess->size, preprocess->size, resize_filter_names[preprocess->filter],
		preprocess_crop_names[preprocess->crop], fill);
	return text;
}
