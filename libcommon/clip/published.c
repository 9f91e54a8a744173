#include "clip/published.h"

#include <stdlib.h>
#include <string.h>

enum { RESNET_HEAD_WIDTH = 64, CONTEXT = 77, TOKENS = 49408 };

static const struct published models[] = {
#define VIT(name, embed_dim, image_size, layers, width, head_width, patch_size, mlp_ratio, text_width, text_heads, text_layers)            \
	{ name, embed_dim, image_size, { layers }, width, head_width, patch_size, mlp_ratio, text_width, text_heads, text_layers },
#define RESNET(name, embed_dim, image_size, a, b, c, d, width, text_width, text_heads, text_layers)                                        \
	{ name, embed_dim, image_size, { a, b, c, d }, width, RESNET_HEAD_WIDTH, 0, NULL, text_width, text_heads, text_layers },
#include "clip/published.def"
#undef VIT
#undef RESNET
};

enum { MODELS = sizeof models / sizeof *models };

const struct published *published_find(const char *name, bool *quick_gelu)
{
	static const char suffix[] = "-quickgelu";
	const size_t size = strlen(name), tail = sizeof suffix - 1;

	*quick_gelu = size > tail && strcmp(name + size - tail, suffix) == 0;
	const size_t stem = *quick_gelu ? size - tail : size;
	for (size_t i = 0; i < MODELS; i++)
		if (strlen(models[i].name) == stem && memcmp(models[i].name, name, stem) == 0)
			return &models[i];
	return NULL;
}

void published_config(const struct published *model, bool quick_gelu, struct buf *json)
{
	buf_printf(json, "{\"embed_dim\": %zu, \"quick_gelu\": %s, \"vision_cfg\": {\"image_size\": %zu, ", model->embed_dim,
		quick_gelu ? "true" : "false", model->image_size);
	if (model->patch_size)
		buf_printf(json, "\"layers\": %zu, \"width\": %zu, \"head_width\": %zu, \"patch_size\": %zu, \"mlp_ratio\": %s}",
			model->layers[0], model->width, model->head_width, model->patch_size, model->mlp_ratio);
	else
		buf_printf(json, "\"layers\": [%zu, %zu, %zu, %zu], \"width\": %zu}", model->layers[0], model->layers[1], model->layers[2],
			model->layers[3], model->width);
	buf_printf(json, ", \"text_cfg\": {\"context_length\": %d, \"vocab_size\": %d, \"width\": %zu, \"heads\": %zu, \"layers\": %zu}, ",
		CONTEXT, TOKENS, model->text_width, model->text_heads, model->text_layers);
	buf_append_string(json, "\"preprocess_cfg\": {\"mean\": [0.48145466, 0.4578275, 0.40821073], "
				"\"std\": [0.26862954, 0.26130258, 0.27577711]}}\n");
}

void published_names(struct buf *list)
{
	for (size_t i = 0; i < MODELS; i++)
		buf_printf(list, "%s%s", i ? ", " : "", models[i].name);
}

size_t published_vit_head_width(size_t width, size_t layers, size_t patch_size, size_t hidden)
{
	for (size_t i = 0; i < MODELS; i++)
		if (models[i].patch_size && models[i].patch_size == patch_size && models[i].width == width &&
			models[i].layers[0] == layers && (size_t)((double)width * strtod(models[i].mlp_ratio, NULL)) == hidden)
			return models[i].head_width;
	return 0;
}

size_t published_resnet_head_width(size_t width, const size_t layers[PUBLISHED_STAGES])
{
	for (size_t i = 0; i < MODELS; i++)
		if (!models[i].patch_size && models[i].width == width && memcmp(models[i].layers, layers, sizeof models[i].layers) == 0)
			return models[i].head_width;
	return 0;
}

size_t published_text_heads(size_t width, size_t layers)
{
	for (size_t i = 0; i < MODELS; i++)
		if (models[i].text_width == width && models[i].text_layers == layers)
			return models[i].text_heads;
	return 0;
}
