#include "tools/model/hf_pixels.h"

#include <math.h>

bool hf_pixels_is(const struct value *json)
{
	static const char *const names[] = { "image_mean", "do_resize", "do_normalize", "image_processor_type", "feature_extractor_type" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (value_get(json, names[i]))
			return true;
	return false;
}

/* Each step that open_clip takes must be on, and there may be no other. */
static int check_steps(const struct value *json, struct err *err)
{
	static const char *const steps[] = { "do_resize", "do_rescale", "do_normalize" };

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!value_bool_or(value_get(json, steps[i]), true))
			return err_set(err, "%s: false is not computed here", steps[i]);
	if (value_bool_or(value_get(json, "do_pad"), false))
		return err_set(err, "do_pad: true is not computed here");
	const double factor = value_real_or(value_get(json, "rescale_factor"), 1.0 / 255);
	if (!(fabs(factor * 255 - 1) < 1e-6))
		return err_set(err, "rescale_factor: only 1/255 is computed here");
	return 0;
}

/* Pillow's numbers. */
static int read_resample(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const int64_t resample = value_integer_or(value_get(json, "resample"), 3);

	if (resample != 2 && resample != 3)
		return err_set(err, "resample: %lld is not computed here; accepted: 2 (bilinear), 3 (bicubic)", (long long)resample);
	return value_set(to, "interpolation", value_string(resample == 2 ? "bilinear" : "bicubic"), arena);
}

/* {"height": n, "width": n}: n; another map or none: 0. */
static int64_t square_of(const struct value *size)
{
	const int64_t height = value_integer_or(value_get(size, "height"), 0);

	return height > 0 && height == value_integer_or(value_get(size, "width"), 0) ? height : 0;
}

/* Both sides to one size is squash; the shorter one, and a crop as large, is shortest. */
static int read_size(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const struct value *size = value_get(json, "size"), *crop = value_get(json, "crop_size");
	const int64_t square = square_of(size), shorter = value_integer_or(size, value_integer_or(value_get(size, "shortest_edge"), 0));
	const bool cropped = value_bool_or(value_get(json, "do_center_crop"), crop != NULL);
	const int64_t cut = value_integer_or(crop, square_of(crop)), side = square ? square : shorter;

	if (side < 1)
		return err_set(err, "size: is neither {\"shortest_edge\": n} nor {\"height\": n, \"width\": n}");
	if (cropped && cut != side)
		return err_set(err, "crop_size: %lld, but size: %lld: only a crop as large as the resize is computed here", (long long)cut,
			(long long)side);
	if (!cropped && !square)
		return err_set(err, "do_center_crop: false, with the shorter side to %lld: that makes no square", (long long)side);
	return value_set(to, "size", value_integer(side), arena) ||
		value_set(to, "resize_mode", value_string(square ? "squash" : "shortest"), arena) ? -1 : 0;
}

int hf_pixels(struct value *to, const struct value *json, struct arena *arena, struct err *err)
{
	const struct value *mean = value_get(json, "image_mean"), *std = value_get(json, "image_std");

	*to = value_map();
	if (check_steps(json, err) || read_resample(to, json, arena, err) || read_size(to, json, arena, err))
		return -1;
	if (!mean || !std)
		return err_set(err, "%s: missing", mean ? "image_std" : "image_mean");
	return value_set(to, "mean", *mean, arena) || value_set(to, "std", *std, arena) ? err_memory(err) : 0;
}
