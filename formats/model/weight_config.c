#include "formats/model/weight_places.h"

#include "clip/published.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_WIDTH = 64, MOST_BLOCKS = 1000, RESNET_STAGES = PUBLISHED_STAGES, RESNET_STRIDE = 32, USUAL_MLP_RATIO = 4 };

struct shapes {
	const struct placed_shape *items;
	size_t count;
	struct err *err;
	bool failed;
};

static const struct placed_shape *find(const struct shapes *shapes, const char *name)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (strcmp(shapes->items[i].name, name) == 0)
			return &shapes->items[i];
	return NULL;
}

/* The length of one axis of a required tensor.  After an error: 1, and shapes->failed. */
static size_t side(struct shapes *shapes, const char *name, size_t axis)
{
	const struct placed_shape *shape = find(shapes, name);

	if (shape && axis < shape->rank && shape->shape[axis])
		return shape->shape[axis];
	if (!shapes->failed) {
		if (shape)
			err_set(shapes->err, "%s: has only %zu axes", name, shape->rank);
		else
			err_set(shapes->err,
				"%s: missing: these are not the weights of a CLIP model with a vision transformer or "
				"CLIP's ResNet",
				name);
	}
	shapes->failed = true;
	return 1;
}

/* The number of tensors PREFIX0SUFFIX, PREFIX1SUFFIX, ... */
static size_t blocks(const struct shapes *shapes, const char *prefix, const char *suffix)
{
	char name[128];
	size_t n = 0;

	for (; n < MOST_BLOCKS; n++) {
		snprintf(name, sizeof name, "%s%zu%s", prefix, n, suffix);
		if (!find(shapes, name))
			break;
	}
	return n;
}

/* The side of the square grid whose positions, and one for the class token, the tensor holds. */
static size_t grid(struct shapes *shapes, const char *name)
{
	size_t positions = side(shapes, name, 0), n = 0;

	while ((n + 1) * (n + 1) + 1 <= positions && n < 4096)
		n++;
	if (!shapes->failed && n * n + 1 != positions) {
		err_set(shapes->err, "%s: %zu positions are not a square grid plus one", name, positions);
		shapes->failed = true;
	}
	return n;
}

static size_t or_else(size_t stated, size_t otherwise)
{
	return stated ? stated : otherwise;
}

/* The number of heads of a tower: as stated, else transformers' default (`fallback`, 0: none), else as `published` for these
 * shapes (0: not published).  *guessed: none of these is known, but the tower is so narrow that it is taken to have one. */
static size_t heads_of(
	struct shapes *shapes, const char *tower, size_t width, size_t stated, size_t published, size_t fallback, bool *guessed)
{
	size_t heads = or_else(stated, fallback && width % fallback == 0 ? fallback : published);

	*guessed = !heads && width < 2 * HEAD_WIDTH;
	heads += *guessed;
	if (!shapes->failed && (!heads || width % heads)) {
		shapes->failed = true;
		if (heads)
			err_set(shapes->err, "the %s tower's width, %zu, is not a multiple of its %zu attention heads", tower, width,
				heads);
		else
			err_set(shapes->err,
				"the number of attention heads is unknown: no published %s tower has these shapes (width %zu), and they "
				"fit several numbers; use --config FILE, --config NAME or --heads IMAGE,TEXT",
				tower, width);
	}
	return shapes->failed ? 1 : heads;
}

static void vit_config(struct buf *json, struct shapes *shapes, struct weight_facts *facts)
{
	const struct stated_tower *stated = &facts->stated.image;
	const size_t width = or_else(stated->width, side(shapes, "visual.conv1.weight", 0));
	const size_t patch = or_else(stated->patch_size, side(shapes, "visual.conv1.weight", 2));
	const size_t hidden = or_else(stated->hidden, side(shapes, "visual.transformer.resblocks.0.mlp.c_fc.weight", 0));
	const size_t layers = or_else(stated->layers, blocks(shapes, "visual.transformer.resblocks.", ".ln_1.weight"));
	const size_t head_width = published_vit_head_width(width, layers, patch, hidden);

	if (!find(shapes, "visual.ln_pre.weight") && !shapes->failed) {
		shapes->failed = true;
		err_set(shapes->err,
			"visual.ln_pre.weight: missing: image towers without it differ in ways that shapes do not show, such as pooling; "
			"use --config FILE");
	}
	facts->image_heads = heads_of(shapes, "image", width, stated->heads, head_width ? width / head_width : 0,
		facts->hf ? HF_IMAGE_HEADS : 0, &facts->image_guessed);
	buf_printf(json,
		"{\"image_size\": %zu, \"layers\": %zu, \"width\": %zu, \"patch_size\": %zu, \"head_width\": %zu, \"mlp_ratio\": %.17g}",
		or_else(stated->image_size, grid(shapes, "visual.positional_embedding") * patch), layers, width, patch,
		width / facts->image_heads, (double)hidden / (double)width);
}

static void resnet_config(struct buf *json, struct shapes *shapes, struct weight_facts *facts)
{
	const size_t width = side(shapes, "visual.layer1.0.conv1.weight", 0), pooled = RESNET_STRIDE * width;
	size_t layers[RESNET_STAGES];
	char prefix[32];

	for (int stage = 0; stage < RESNET_STAGES; stage++) {
		snprintf(prefix, sizeof prefix, "visual.layer%d.", stage + 1);
		layers[stage] = blocks(shapes, prefix, ".conv1.weight");
	}
	const size_t head_width = published_resnet_head_width(width, layers);
	facts->image_heads = heads_of(
		shapes, "image", pooled, facts->stated.image.heads, head_width ? pooled / head_width : 0, 0, &facts->image_guessed);
	buf_printf(json, "{\"image_size\": %zu, \"width\": %zu, \"head_width\": %zu, \"layers\": [%zu, %zu, %zu, %zu]}",
		grid(shapes, "visual.attnpool.positional_embedding") * RESNET_STRIDE, width, pooled / facts->image_heads, layers[0],
		layers[1], layers[2], layers[3]);
}

static void text_config(struct buf *json, struct shapes *shapes, struct weight_facts *facts)
{
	const struct stated_tower *stated = &facts->stated.text;
	const size_t width = or_else(stated->width, side(shapes, "token_embedding.weight", 1));
	const size_t layers = or_else(stated->layers, blocks(shapes, "transformer.resblocks.", ".ln_1.weight"));
	const size_t tokens = or_else(stated->vocab_size, side(shapes, "token_embedding.weight", 0));
	const size_t hidden = or_else(stated->hidden, side(shapes, "transformer.resblocks.0.mlp.c_fc.weight", 0));

	facts->text_heads = heads_of(shapes, "text", width, stated->heads, published_text_heads(width, layers),
		facts->hf ? HF_TEXT_HEADS : 0, &facts->text_guessed);
	/* transformers' default is a token of CLIP's own vocabulary; a smaller vocabulary does not have it. */
	const size_t end = facts->hf && facts->stated.end_missing && tokens > HF_END ? HF_END : facts->stated.end;
	if (end && end + 1 != tokens && !shapes->failed) {
		shapes->failed = true;
		err_set(shapes->err, "text_config: eos_token_id: %zu is not supported; supported: %zu (the last token) or 2", end,
			tokens - 1);
	}
	buf_printf(json, "{\"context_length\": %zu, \"vocab_size\": %zu, \"width\": %zu, \"heads\": %zu, \"layers\": %zu",
		or_else(stated->context_length, side(shapes, "positional_embedding", 0)), tokens, width, facts->text_heads, layers);
	if (hidden != USUAL_MLP_RATIO * width)
		buf_printf(json, ", \"mlp_ratio\": %.17g", (double)hidden / (double)width);
	buf_append_string(json, "}");
}

int weight_config(struct buf *json, const struct placed_shape *items, size_t count, struct weight_facts *facts, struct err *err)
{
	struct shapes shapes = { items, count, err, false };

	buf_printf(json, "{\"embed_dim\": %zu, \"quick_gelu\": %s, \"vision_cfg\": ",
		or_else(facts->stated.embed_dim, side(&shapes, "text_projection", 1)), facts->stated.quick_gelu ? "true" : "false");
	if (find(&shapes, "visual.layer1.0.conv1.weight"))
		resnet_config(json, &shapes, facts);
	else
		vit_config(json, &shapes, facts);
	buf_append_string(json, ", \"text_cfg\": ");
	text_config(json, &shapes, facts);
	buf_append_string(json, "}");
	return shapes.failed ? -1 : json->failed ? err_memory(err) : 0;
}
