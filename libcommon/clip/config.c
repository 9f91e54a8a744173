#include "clip/config.h"

#include "clip/image_tower.h"

#include <math.h>
#include <string.h>

/* Of the authors' program and of OpenAI's models. */
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
	/* of no effect without another switch, which is refused */
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
		return err_set(err, "heads: %zu do not divide the width, %zu", text->heads, text->width);
	return 0;
}

static int read_vision(struct clip_config *config, const struct value *json, struct err *err)
{
	const struct value *timm = value_get(json, "timm_model_name");

	if (!json || json->kind != VALUE_MAP)
		return err_set(err, "missing, or no map");
	if (timm && timm->kind != VALUE_NULL)
		return err_set(err, "timm_model_name: towers of timm are not computed here; there are: %s", image_tower_names());
	config->tower = image_tower_for(json);
	if (!config->tower)
		return err_set(err, "no such image tower here; there are: %s", image_tower_names());
	config->vision.head_width = 64;
	config->vision.mlp_ratio = 4;
	if (config_fields_read(&config->vision, config->tower->fields, json, err))
		return -1;
	return config->tower->check(&config->vision, err);
}

/* Three numbers, or one for all; `least`: what each must be more than. */
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

/* The rest of preprocess_cfg says how images were made this size: image/preprocess_config reads it. */
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
