#include "formats/model/model_pixels.h"

#include "formats/model/model_file.h"
#include "formats/stream/facts.h"
#include "formats/text/json.h"

#include <math.h>

int model_pixels(struct preprocess *preprocess, const struct value *config, struct err *err)
{
	const struct value *model = value_get(config, "model_cfg");
	const struct value *size = value_get(value_get(model ? model : config, "vision_cfg"), "image_size");
	const int64_t side = value_integer_or(size, 0);

	if (side < 1 || side > 1 << 16)
		return err_set(err, "vision_cfg: image_size: %s", size ? "must be a whole number from 1 to 65536" : "missing");
	if (preprocess_config_read(preprocess, value_get(config, "preprocess_cfg"), (size_t)side, err))
		return err_add(err, "preprocess_cfg");
	return 0;
}

int model_pixels_of_file(struct preprocess *preprocess, const char *path, struct err *err)
{
	const struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct model_file file;
	struct value config;

	int status = model_file_read(&file, path, err);
	if (status == 0 && (json_read(buf_span(&file.config), &limits, &arena, &config, err) || model_pixels(preprocess, &config, err)))
		status = err_add(err, "%s", path);
	model_file_free(&file);
	arena_free(&arena);
	return status;
}

/* Index of the word; 0, the default, if it is empty or unknown. */
static size_t index_of(struct span word, const char *const *names)
{
	for (size_t i = 0; word.size && names[i]; i++)
		if (span_is(word, names[i]))
			return i;
	return 0;
}

int model_pixels_check(const struct preprocess *wanted, const struct value *header, const char *model, struct err *err)
{
	const struct pixels pixels = fact_pixels(header);
	const struct preprocess made = { .size = (size_t)pixels.size,
		.fill = pixels.fill,
		.filter = (enum resize_filter)index_of(pixels.resize, resize_filter_names),
		.crop = (enum preprocess_crop)index_of(pixels.crop, preprocess_crop_names) };
	char applied[PREPROCESS_TEXT], required[PREPROCESS_TEXT];

	if (!made.size || preprocess_agrees(&made, wanted))
		return 0;
	return err_set(err, "the pixels' preprocessing (%s) differs from the model's (%s); use `cc-augment -m %s`%s",
		preprocess_text(&made, applied), preprocess_text(wanted, required), model,
		made.size == wanted->size ? ", or accept it with --any-pixels" : "");
}

const struct value *hf_pixels_of(const struct value *json)
{
	static const char *const names[] = { "image_mean", "do_resize", "do_normalize", "image_processor_type", "feature_extractor_type" };
	const struct value *part = value_get(json, "image_processor");

	json = part && part->kind == VALUE_MAP ? part : json;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (value_get(json, names[i]))
			return json;
	return NULL;
}

/* Read below, or without effect on the pixels of an RGB image. */
static const char *const known[] = { "do_resize", "size", "default_to_square", "resample", "do_center_crop", "crop_size", "do_rescale",
	"rescale_factor", "do_normalize", "image_mean", "image_std", "do_pad", "do_convert_rgb", "image_processor_type",
	"feature_extractor_type", "processor_class", "auto_map", "data_format", "input_data_format", "return_tensors", "device",
	"disable_grouping", "use_fast", "num_channels", NULL };

static int check_names(const struct value *json, struct err *err)
{
	for (size_t i = 0; i < json->list.count; i++) {
		const struct span name = json->list.items[2 * i].string;
		const struct value *value = &json->list.items[2 * i + 1];
		size_t k = 0;
		while (known[k] && !span_is(name, known[k]))
			k++;
		const bool off = value->kind == VALUE_NULL || (value->kind == VALUE_BOOL && !value->boolean);
		if (!known[k] && !off && !(name.size && name.data[0] == '_'))
			return err_set(err, "%.*s: not supported", span_shown(name, 100), (const char *)name.data);
	}
	return 0;
}

static int check_steps(const struct value *json, struct err *err)
{
	if (!value_bool_or(value_get(json, "do_resize"), true))
		return err_set(err, "do_resize: false is not supported");
	if (value_bool_or(value_get(json, "do_pad"), false))
		return err_set(err, "do_pad: true is not supported");
	return 0;
}

/* One of Pillow's numbers, or a name. */
static int read_resample(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const struct value *value = value_get(json, "resample");
	const struct span word = value_string_or(value, "");
	const int64_t resample = span_is(word, "bilinear") ? 2 : span_is(word, "bicubic") ? 3 : value_integer_or(value, value ? -1 : 3);

	if (resample != 2 && resample != 3)
		return err_set(err, "resample: only 2 (bilinear) and 3 (bicubic) are supported");
	return value_set(to, "interpolation", value_string(resample == 2 ? "bilinear" : "bicubic"), arena) ? err_memory(err) : 0;
}

/* n of {"height": n, "width": n}; otherwise 0. */
static int64_t square_of(const struct value *size)
{
	const int64_t height = value_integer_or(value_get(size, "height"), 0);

	return height > 0 && height == value_integer_or(value_get(size, "width"), 0) ? height : 0;
}

/* For CLIPImageProcessor, CLIPImageProcessorFast and CLIPFeatureExtractor, missing values have CLIP's defaults. */
static bool is_clip(const struct value *json)
{
	return span_begins(value_string_or(value_get(json, "image_processor_type"), ""), span_string("CLIP")) ||
	       span_begins(value_string_or(value_get(json, "feature_extractor_type"), ""), span_string("CLIP"));
}

enum { CLIP_SIZE = 224 };

/* Resizing both sides to one size is open_clip's mode "squash"; resizing the shorter side and cropping is "shortest". */
static int read_size(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const struct value *size = value_get(json, "size"), *crop = value_get(json, "crop_size");
	const int64_t fallback = is_clip(json) ? CLIP_SIZE : 0;
	const bool to_square = value_bool_or(value_get(json, "default_to_square"), false); /* of a size that is one number */
	const int64_t square = to_square ? value_integer_or(size, square_of(size)) : square_of(size);
	const int64_t shorter = value_integer_or(size, value_integer_or(value_get(size, "shortest_edge"), size ? 0 : fallback));
	const bool cropped = value_bool_or(value_get(json, "do_center_crop"), crop || fallback);
	const int64_t cut = crop ? value_integer_or(crop, square_of(crop)) : fallback, side = square ? square : shorter;

	if (side < 1)
		return err_set(err, "size: must be {\"shortest_edge\": n} or {\"height\": n, \"width\": n}");
	if (cropped && cut != side)
		return err_set(err, "crop_size: %lld, but size is %lld; only equal sizes are supported", (long long)cut, (long long)side);
	if (!cropped && !square)
		return err_set(
			err, "do_center_crop: false, but shortest_edge %lld without a crop does not give square images", (long long)side);
	return value_set(to, "size", value_integer(side), arena) ||
			       value_set(to, "resize_mode", value_string(square ? "squash" : "shortest"), arena)
		       ? err_memory(err)
		       : 0;
}

/* Hugging Face multiplies pixels 0..255 by `factor`, subtracts mean and divides by std.  open_clip divides by 255 instead of
 * multiplying by factor: the result is the same with mean and std divided by scale = 255 * factor. */
static int put_scaled(struct value *to, const char *name, const struct value *three, double scale, struct arena *arena, struct err *err)
{
	struct value list = value_array();

	if (!three || three->kind == VALUE_NULL)
		return err_set(err, "image_%s: missing", name);
	if (fabs(scale - 1) < 1e-6)
		return value_set(to, name, *three, arena) ? err_memory(err) : 0;
	if (three->kind != VALUE_ARRAY)
		return err_set(err, "image_%s: must be a list of three numbers", name);
	for (size_t i = 0; i < three->list.count; i++)
		value_push(&list, value_real(value_real_or(&three->list.items[i], NAN) / scale), arena);
	return arena->failed || value_set(to, name, list, arena) ? err_memory(err) : 0;
}

static struct value three_of(const double numbers[3], struct arena *arena)
{
	struct value list = value_array();

	for (size_t i = 0; i < 3; i++)
		value_push(&list, value_real(numbers[i]), arena);
	return list;
}

static int read_scale(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const bool rescaled = value_bool_or(value_get(json, "do_rescale"), true),
		   normalised = value_bool_or(value_get(json, "do_normalize"), true);
	const double factor = rescaled ? value_real_or(value_get(json, "rescale_factor"), 1.0 / 255) : 1;
	const struct value *mean = value_get(json, "image_mean"), *std = value_get(json, "image_std");
	const struct value clip_mean = three_of((double[]){ 0.48145466, 0.4578275, 0.40821073 }, arena);
	const struct value clip_std = three_of((double[]){ 0.26862954, 0.26130258, 0.27577711 }, arena);
	const struct value zeros = three_of((double[]){ 0, 0, 0 }, arena), ones = three_of((double[]){ 1, 1, 1 }, arena);

	if (arena->failed)
		return err_memory(err);
	if (!(factor > 1e-6 && factor < 1e6))
		return err_set(err, "rescale_factor: must be a number between 1e-6 and 1e6");
	mean = !normalised ? &zeros : mean || !is_clip(json) ? mean : &clip_mean;
	std = !normalised ? &ones : std || !is_clip(json) ? std : &clip_std;
	return put_scaled(to, "mean", mean, 255 * factor, arena, err) || put_scaled(to, "std", std, 255 * factor, arena, err) ? -1 : 0;
}

int hf_pixels(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	*to = value_map();
	return check_names(json, err) || check_steps(json, err) || read_resample(to, json, arena, err) || read_size(to, json, arena, err) ||
			       read_scale(to, json, arena, err)
		       ? -1
		       : 0;
}
