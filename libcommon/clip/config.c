#include "clip/config.h"
#include "clip/towers.h"

#include <math.h>
#include <string.h>
#include <stdlib.h>

/* Of OpenAI's models, and of the CleanCLIP authors' program. */
static const float clip_mean[3] = { .48145466f, .4578275f, .40821073f }, clip_std[3] = { .26862954f, .26130258f, .27577711f };

enum { LARGEST = 1 << 16, LARGEST_VOCABULARY = 1 << 24, MOST_LAYERS = 1000, MOST_MLP_RATIO = 64 };

static const struct config_field top_fields[] = {
	{ "embed_dim", CONFIG_COUNT, offsetof(struct clip_config, embed_dim), 1, LARGEST, false },
	{ "quick_gelu", CONFIG_FLAG, offsetof(struct clip_config, quick_gelu), 0, 0, true },
	{ "vision_cfg", CONFIG_IGNORED, 0, 0, 0, false },
	{ "text_cfg", CONFIG_IGNORED, 0, 0, 0, false },
	{ "preprocess_cfg", CONFIG_IGNORED, 0, 0, 0, true },
	{ NULL },
};

static const struct config_field text_fields[] = {
	{ "context_length", CONFIG_COUNT, offsetof(struct text_config, context_length), 2, LARGEST, false },
	{ "vocab_size", CONFIG_COUNT, offsetof(struct text_config, vocab_size), 3, LARGEST_VOCABULARY, false },
	{ "width", CONFIG_COUNT, offsetof(struct text_config, width), 1, LARGEST, false },
	{ "heads", CONFIG_COUNT, offsetof(struct text_config, heads), 1, LARGEST, false },
	{ "layers", CONFIG_COUNT, offsetof(struct text_config, layers), 1, MOST_LAYERS, false },
	{ "mlp_ratio", CONFIG_RATIO, offsetof(struct text_config, mlp_ratio), 1, MOST_MLP_RATIO, true },
	{ "pool_type", CONFIG_ONLY, .optional = true, .only = "argmax" },
	{ "proj_type", CONFIG_ONLY, .optional = true, .only = "linear" },
	{ "block_type", CONFIG_ONLY, .optional = true, .only = "default" },
	/* without effect unless another switch is set, which is refused */
	{ "pad_id", CONFIG_IGNORED, .optional = true },
	{ "eos_id", CONFIG_IGNORED, .optional = true },
	{ "final_ln_after_pool", CONFIG_IGNORED, .optional = true },
	{ "output_tokens", CONFIG_IGNORED, .optional = true },
	{ "hf_model_pretrained", CONFIG_IGNORED, .optional = true },
	{ "hf_proj_type", CONFIG_IGNORED, .optional = true },
	{ "hf_pooler_type", CONFIG_IGNORED, .optional = true },
	{ NULL },
};

static int read_text(struct clip_config *config, const struct value *json, struct err *err)
{
	struct text_config *text = &config->text;

	text->mlp_ratio = 4;
	if (config_fields_read(text, text_fields, json, err))
		return -1;
	if (text->width % text->heads)
		return err_set(err, "heads: the width, %zu, is not a multiple of %zu", text->width, text->heads);
	return 0;
}

static int read_vision(struct clip_config *config, const struct value *json, struct err *err)
{
	const struct value *timm = value_get(json, "timm_model_name");

	if (!json || json->kind != VALUE_MAP)
		return err_set(err, "missing, or not a map");
	if (timm && timm->kind != VALUE_NULL)
		return err_set(err, "timm_model_name: timm towers are not supported (supported: %s)", image_tower_names());
	config->tower = image_tower_for(json);
	if (!config->tower)
		return err_set(err, "unknown image tower (supported: %s)", image_tower_names());
	config->vision.head_width = 64;
	config->vision.mlp_ratio = 4;
	if (config_fields_read(&config->vision, config->tower->fields, json, err))
		return -1;
	return config->tower->check(&config->vision, err);
}

/* Three numbers, or one for all three; each must be greater than `least`. */
static int read_three(float three[3], const struct value *map, const char *name, const float fallback[3], double least, struct err *err)
{
	const struct value *list = value_get(map, name);

	memcpy(three, fallback, 3 * sizeof *three);
	if (!list || list->kind == VALUE_NULL)
		return 0;
	const bool one = list->kind == VALUE_INTEGER || list->kind == VALUE_REAL;
	if (!one && (list->kind != VALUE_ARRAY || list->list.count != 3))
		return err_set(err, "%s: must be three numbers, or one for all", name);
	for (size_t i = 0; i < 3; i++) {
		double number = value_real_or(one ? list : &list->list.items[i], NAN);
		if (!(number > least && number < 1000))
			return err_set(err, "%s: must be three numbers above %g and below 1000", name, least);
		three[i] = (float)number;
	}
	return 0;
}

/* Reads mean and std; preprocess_config_read (image/preprocess.h) reads the other values of preprocess_cfg. */
static int read_preprocess(struct clip_config *config, const struct value *json, struct err *err)
{
	return read_three(config->mean, json, "mean", clip_mean, -1000, err) || read_three(config->std, json, "std", clip_std, 1e-6, err)
		       ? -1
		       : 0;
}

int clip_config_read(struct clip_config *config, const struct value *json, struct err *err)
{
	const struct value *model = value_get(json, "model_cfg");

	memset(config, 0, sizeof *config);
	if (config_fields_read(config, top_fields, model ? model : json, err))
		return -1;
	if (read_vision(config, value_get(model ? model : json, "vision_cfg"), err))
		return err_add(err, "vision_cfg");
	if (read_text(config, value_get(model ? model : json, "text_cfg"), err))
		return err_add(err, "text_cfg");
	return read_preprocess(config, value_get(json, "preprocess_cfg"), err) ? err_add(err, "preprocess_cfg") : 0;
}

static int read_count(size_t *count, const struct config_field *field, const struct value *value, struct err *err)
{
	int64_t number = value_integer_or(value, -1);

	if (number < 0 || (uint64_t)number < field->least || (uint64_t)number > field->most)
		return err_set(err, "%s: must be a whole number from %zu to %zu", field->name, field->least, field->most);
	*count = (size_t)number;
	return 0;
}

static int read_counts(size_t counts[CLIP_STAGES], const struct config_field *field, const struct value *value, struct err *err)
{
	if (value->kind != VALUE_ARRAY || value->list.count < 1 || value->list.count > CLIP_STAGES)
		return err_set(err, "%s: must be a list of 1 to %d numbers", field->name, CLIP_STAGES);
	memset(counts, 0, CLIP_STAGES * sizeof *counts);
	for (size_t i = 0; i < value->list.count; i++)
		if (read_count(&counts[i], field, &value->list.items[i], err))
			return -1;
	return 0;
}

static int read_ratio(double *ratio, const struct config_field *field, const struct value *value, struct err *err)
{
	double number = value_real_or(value, NAN);

	if (!(number >= (double)field->least && number <= (double)field->most))
		return err_set(err, "%s: must be a number from %zu to %zu", field->name, field->least, field->most);
	*ratio = number;
	return 0;
}

static int check_only(const struct config_field *field, const struct value *value, struct err *err)
{
	char *end;
	double number = strtod(field->only, &end);
	bool same = *end ? span_is(value_string_or(value, ""), field->only) : value_real_or(value, NAN) == number;

	return same ? 0 : err_set(err, "%s: only %s is supported", field->name, field->only);
}

static int read_field(void *part, const struct config_field *field, const struct value *value, struct err *err)
{
	void *variable = (char *)part + field->offset;

	switch (field->kind) {
	case CONFIG_COUNT: return read_count(variable, field, value, err);
	case CONFIG_COUNTS: return read_counts(variable, field, value, err);
	case CONFIG_RATIO: return read_ratio(variable, field, value, err);
	case CONFIG_ONLY: return check_only(field, value, err);
	case CONFIG_FLAG:
		if (value->kind != VALUE_BOOL)
			return err_set(err, "%s: must be true or false", field->name);
		*(bool *)variable = value->boolean;
		return 0;
	case CONFIG_IGNORED: break;
	}
	return 0;
}

static const struct config_field *find(const struct config_field *fields, struct span name)
{
	for (; fields->name; fields++)
		if (span_is(name, fields->name))
			return fields;
	return NULL;
}

/* "a, b, c" */
static int unknown(const struct config_field *fields, struct span name, struct err *err)
{
	struct err known = { "" };

	for (; fields->name; fields++)
		if (strlen(known.text) + strlen(fields->name) + 3 < sizeof known.text)
			strcat(strcat(known.text, known.text[0] ? ", " : ""), fields->name);
	return err_set(err, "%.*s: unknown (known: %s)", span_shown(name, 100), name.data, known.text);
}

int config_fields_read(void *part, const struct config_field *fields, const struct value *map, struct err *err)
{
	if (!map || map->kind != VALUE_MAP)
		return err_set(err, "missing, or not a map");
	for (size_t i = 0; i < map->list.count; i++) {
		struct span name = map->list.items[2 * i].string;
		const struct value *value = &map->list.items[2 * i + 1];
		const struct config_field *field = find(fields, name);
		bool off = value->kind == VALUE_NULL || (value->kind == VALUE_BOOL && !value->boolean);
		if (!field && !off)
			return unknown(fields, name, err);
		if (field && value->kind != VALUE_NULL && read_field(part, field, value, err))
			return -1;
	}
	for (const struct config_field *field = fields; field->name; field++) {
		const struct value *value = value_get(map, field->name);
		if (!field->optional && (!value || value->kind == VALUE_NULL))
			return err_set(err, "%s: missing", field->name);
	}
	return 0;
}
