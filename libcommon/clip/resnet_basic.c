/* A small ResNet for small images (He et al. 2016, with the anti-aliased shortcuts of CLIP's ResNets): a stem of one 3x3
 * convolution; stages of basic blocks, the first of each with stride 2 and a shortcut of an average pool of 2 and a 1x1
 * convolution; a global average pool; a projection. */
#include "clip/towers.h"

#include "nn/ops.h"

#include <math.h>
#include <stdio.h>

struct block {
	struct tensor conv1, conv2, shortcut; /* [out,3,3,in], [out,3,3,out], [out,1,1,in] */
	struct batch_norm bn1, bn2, shortcut_bn;
	bool first; /* of its stage: has stride 2 and a shortcut */
};

struct resnet {
	struct tensor conv1;
	struct batch_norm bn1;
	struct block *blocks;
	size_t count;
	struct tensor proj; /* [channels, embed_dim] */
};

static bool matches(const struct value *vision_cfg)
{
	const struct value *layers = value_get(vision_cfg, "layers");

	return layers && layers->kind == VALUE_ARRAY && span_is(value_string_or(value_get(vision_cfg, "block"), ""), "basic");
}

enum { LARGEST_WIDTH = 1 << 14, LARGEST_IMAGE = 1 << 12, MOST_BLOCKS = 1000 };

static const struct config_field fields[] = {
	{ "image_size", CONFIG_COUNT, offsetof(struct vision_config, image_size), 1, LARGEST_IMAGE, false },
	{ "block", CONFIG_IGNORED, 0, 0, 0, false },
	{ "width", CONFIG_COUNT, offsetof(struct vision_config, width), 1, LARGEST_WIDTH, false },
	{ "layers", CONFIG_COUNTS, offsetof(struct vision_config, layers), 1, MOST_BLOCKS, false },
	{ "widths", CONFIG_COUNTS, offsetof(struct vision_config, widths), 1, LARGEST_WIDTH, false },
	{ NULL },
};

static size_t stages(const struct vision_config *config)
{
	size_t count = 0;

	while (count < CLIP_STAGES && config->layers[count])
		count++;
	return count;
}

static int check(const struct vision_config *config, struct err *err)
{
	size_t count = stages(config);

	for (size_t i = 0; i < CLIP_STAGES; i++)
		if ((config->widths[i] != 0) != (i < count))
			return err_set(err, "widths: must have as many numbers as layers, %zu", count);
	if (config->image_size % ((size_t)1 << count))
		return err_set(err, "image_size: %zu is not a multiple of %d, which %zu stages of stride 2 need", config->image_size,
			1 << count, count);
	return 0;
}

/* Each convolution is followed by a batch norm, so the scale of the weights only affects how much a step of AdamW changes them.  On the
 * demo's data He's scale, twice that of torch.nn.Conv2d, learns visibly slower. */
static void declare_conv(
	struct parameters *set, struct tensor *weight, size_t out, size_t kernel, size_t in, const char *prefix, const char *name)
{
	char full[128];

	snprintf(full, sizeof full, "%s%s.weight", prefix, name);
	parameters_add_conv(set, weight, out, kernel, in, full);
}

static void declare_block(struct parameters *set, struct block *block, size_t in, size_t out, const char *prefix)
{
	char name[128];

	declare_conv(set, &block->conv1, out, 3, in, prefix, "conv1");
	snprintf(name, sizeof name, "%sbn1", prefix);
	parameters_add_batch_norm(set, &block->bn1, out, 1, name);
	declare_conv(set, &block->conv2, out, 3, out, prefix, "conv2");
	snprintf(name, sizeof name, "%sbn2", prefix);
	parameters_add_batch_norm(set, &block->bn2, out, 1, name);
	if (block->first) {
		declare_conv(set, &block->shortcut, out, 1, in, prefix, "downsample.0");
		snprintf(name, sizeof name, "%sdownsample.1", prefix);
		parameters_add_batch_norm(set, &block->shortcut_bn, out, 1, name);
	}
}

static void *declare(const struct clip_config *config, struct parameters *set)
{
	const struct vision_config *vision = &config->vision;
	struct resnet *net = arena_zeroed(&set->arena, 1, sizeof *net);
	size_t in = vision->width;
	char prefix[64];

	for (size_t stage = 0; net && stage < stages(vision); stage++)
		net->count += vision->layers[stage];
	if (!net || !(net->blocks = arena_zeroed(&set->arena, net->count, sizeof *net->blocks)))
		return NULL;
	declare_conv(set, &net->conv1, vision->width, 3, 3, "visual.", "conv1");
	parameters_add_batch_norm(set, &net->bn1, vision->width, 1, "visual.bn1");
	struct block *block = net->blocks;
	for (size_t stage = 0; stage < stages(vision); stage++)
		for (size_t i = 0; i < vision->layers[stage]; i++, block++) {
			snprintf(prefix, sizeof prefix, "visual.layer%zu.%zu.", stage + 1, i);
			block->first = i == 0;
			declare_block(set, block, in, vision->widths[stage], prefix);
			in = vision->widths[stage];
		}
	parameters_add(set, &net->proj, 2, (size_t[]){ in, config->embed_dim }, "visual.proj")->std = 1 / sqrtf((float)in);
	return net;
}

/* Block 0 is the stem. */
static struct tensor *block(struct tape *tape, void *context, size_t i, struct tensor *x)
{
	struct resnet *net = context;
	struct block *block = net->blocks + (i ? i - 1 : 0);
	struct tensor *skip = x;

	if (i == 0)
		return op_batch_norm(tape, op_conv2d(tape, x, &net->conv1, 1, 1), &net->bn1, NULL, true);
	struct tensor *y = op_conv2d(tape, x, &block->conv1, block->first ? 2 : 1, 1);

	y = op_batch_norm(tape, y, &block->bn1, NULL, true);
	y = op_conv2d(tape, y, &block->conv2, 1, 1);
	if (block->first) {
		skip = op_avg_pool2d(tape, x, 2);
		skip = op_conv2d(tape, skip, &block->shortcut, 1, 0);
		skip = op_batch_norm(tape, skip, &block->shortcut_bn, NULL, false);
	}
	return op_batch_norm(tape, y, &block->bn2, skip, true);
}

static struct tensor *forward(struct tape *tape, void *tower, struct tensor *pixels)
{
	struct resnet *net = tower;
	struct tensor *x = op_blocks(tape, 1 + net->count, block, net, pixels);

	return op_project(tape, op_global_avg_pool(tape, x), &net->proj);
}

const struct image_tower image_tower_resnet_basic = {
	.name = "resnet_basic",
	.matches = matches,
	.fields = fields,
	.check = check,
	.declare = declare,
	.forward = forward,
};
