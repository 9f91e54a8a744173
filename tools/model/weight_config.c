#include "tools/model/weight_config.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_WIDTH = 64, MOST_BLOCKS = 1000, RESNET_STAGES = 4, RESNET_STRIDE = 32 };

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

/* One side of a tensor that must be there. */
static size_t side(struct shapes *shapes, const char *name, size_t axis)
{
	const struct placed_shape *shape = find(shapes, name);

	if (shape && axis < shape->rank && shape->shape[axis])
		return shape->shape[axis];
	if (!shapes->failed) {
		if (shape)
			err_set(shapes->err, "%s: has %zu axes", name, shape->rank);
		else
			err_set(shapes->err, "%s: is not among the weights: they are not those of a CLIP model with a vision transformer or "
					     "CLIP's ResNet", name);
	}
	shapes->failed = true;
	return 1;
}

/* How many there are of PREFIX0SUFFIX, PREFIX1SUFFIX ... */
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

/* The positions of a square grid and one more: its side. */
static size_t grid(struct shapes *shapes, const char *name)
{
	size_t positions = side(shapes, name, 0), n = 0;

	while ((n + 1) * (n + 1) + 1 <= positions && n < 4096)
		n++;
	if (!shapes->failed && n * n + 1 != positions) {
		err_set(shapes->err, "%s: %zu positions are no square grid and one more", name, positions);
		shapes->failed = true;
	}
	return n;
}

static void transformer_vision(struct buf *json, struct shapes *shapes)
{
	const size_t width = side(shapes, "visual.conv1.weight", 0), patch = side(shapes, "visual.conv1.weight", 2);
	const size_t hidden = side(shapes, "visual.transformer.resblocks.0.mlp.c_fc.weight", 0);

	buf_printf(json, "{\"image_size\": %zu, \"layers\": %zu, \"width\": %zu, \"patch_size\": %zu, \"head_width\": %d, \"mlp_ratio\": %.17g%s}",
		grid(shapes, "visual.positional_embedding") * patch, blocks(shapes, "visual.transformer.resblocks.", ".ln_1.weight"), width,
		patch, HEAD_WIDTH, (double)hidden / (double)width, find(shapes, "visual.ln_pre.weight") ? "" : ", \"no_ln_pre\": true");
}

static void resnet_vision(struct buf *json, struct shapes *shapes)
{
	char prefix[32];

	buf_printf(json, "{\"image_size\": %zu, \"width\": %zu, \"head_width\": %d, \"layers\": [",
		grid(shapes, "visual.attnpool.positional_embedding") * RESNET_STRIDE, side(shapes, "visual.layer1.0.conv1.weight", 0), HEAD_WIDTH);
	for (int stage = 1; stage <= RESNET_STAGES; stage++) {
		snprintf(prefix, sizeof prefix, "visual.layer%d.", stage);
		buf_printf(json, "%s%zu", stage > 1 ? ", " : "", blocks(shapes, prefix, ".conv1.weight"));
	}
	buf_append_string(json, "]}");
}

int weight_config(struct buf *json, const struct placed_shape *items, size_t count, bool quick_gelu, struct err *err)
{
	struct shapes shapes = { items, count, err, false };
	const size_t width = side(&shapes, "token_embedding.weight", 1);

	buf_printf(json, "{\"embed_dim\": %zu, \"quick_gelu\": %s, \"vision_cfg\": ", side(&shapes, "text_projection", 1),
		quick_gelu ? "true" : "false");
	if (find(&shapes, "visual.layer1.0.conv1.weight"))
		resnet_vision(json, &shapes);
	else
		transformer_vision(json, &shapes);
	buf_printf(json, ", \"text_cfg\": {\"context_length\": %zu, \"vocab_size\": %zu, \"width\": %zu, \"heads\": %zu, \"layers\": %zu}}",
		side(&shapes, "positional_embedding", 0), side(&shapes, "token_embedding.weight", 0), width,
		width < HEAD_WIDTH ? 1 : width / HEAD_WIDTH, blocks(&shapes, "transformer.resblocks.", ".ln_1.weight"));
	return shapes.failed ? -1 : json->failed ? err_memory(err) : 0;
}
