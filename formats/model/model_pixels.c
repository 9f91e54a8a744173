#include "formats/model/model_pixels.h"

#include "formats/text/json.h"
#include "formats/model/model_file.h"

#include <stdlib.h>
#include <string.h>

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

/* The argument of an option in an entry of `prog`; "" where it was not given. */
static struct span argument_of(const struct value *entry, const char *option)
{
	const struct value *args = value_get(entry, "args");

	for (size_t i = 0; args && args->kind == VALUE_ARRAY && i + 1 < args->list.count; i++)
		if (span_is(value_string_or(&args->list.items[i], ""), option))
			return value_string_or(&args->list.items[i + 1], "");
	return span_of(NULL, 0);
}

static uint64_t number_of(struct span text, uint64_t fallback)
{
	char digits[24];

	if (text.size == 0 || text.size >= sizeof digits)
		return fallback;
	memcpy(digits, text.data, text.size);
	digits[text.size] = 0;
	return strtoull(digits, NULL, 10);
}

/* Where the word stands; 0, the default, where there is none or it is not known. */
static size_t place_of(struct span word, const char *const *names)
{
	for (size_t i = 0; word.size && names[i]; i++)
		if (span_is(word, names[i]))
			return i;
	return 0;
}

enum { CC_AUGMENT_SIZE = 224 };

/* What an entry of cc-augment has done to pixels that had `made` before; their size is 0 where nobody has made them yet. */
static void follow(struct preprocess *made, const struct value *entry)
{
	const uint64_t size = number_of(argument_of(entry, "--size"), made->size ? made->size : CC_AUGMENT_SIZE);

	if (size == made->size)
		return; /* they were so large already, and stayed as they are */
	made->size = (size_t)size;
	made->filter = (enum resize_filter)place_of(argument_of(entry, "--resize"), resize_filter_names);
	made->crop = (enum preprocess_crop)place_of(argument_of(entry, "--crop"), preprocess_crop_names);
	made->fill = (unsigned char)number_of(argument_of(entry, "--fill"), 0);
}

int model_pixels_check(const struct preprocess *wanted, const struct value *header, const char *model, struct err *err)
{
	const struct value *progs = value_get(header, "prog");
	struct preprocess made = { 0 };
	char there[PREPROCESS_TEXT], asked[PREPROCESS_TEXT];

	for (size_t i = 0; progs && progs->kind == VALUE_ARRAY && i < progs->list.count; i++)
		if (span_is(value_string_or(value_get(&progs->list.items[i], "name"), ""), "cc-augment"))
			follow(&made, &progs->list.items[i]);
	if (!made.size || preprocess_agrees(&made, wanted))
		return 0;
	return err_set(err, "the pixels were made otherwise (%s) than the model wants them (%s): give `cc-augment -m %s`%s",
		preprocess_text(&made, there), preprocess_text(wanted, asked), model, made.size == wanted->size ? ", or here --any-pixels" : "");
}
