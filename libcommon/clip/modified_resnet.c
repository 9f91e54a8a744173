/* CLIP's ResNet (Radford et al. 2021; He et al. 2016): a stem of three 3x3 convolutions and an average pool; four stages of
 * bottleneck blocks, whose strides are average pools before a 1x1 convolution (Zhang 2019, "Making convolutional networks
 * shift-invariant again"); attention pooling with the mean pixel as the query. */
#include "clip/towers.h"

#include "nn/ops.h"

#include <math.h>
#include <stdio.h>

enum { STAGES = 4, EXPANSION = 4, STEM = 3, SHRINK = 32 /* image_size / side of the last stage */ };

struct unit {
	struct tensor conv; /* [out, kernel, kernel, in] */
	struct batch_norm bn;
};

struct block {
	struct unit first, second, third, shortcut; /* 1x1, 3x3, 1x1, 1x1 */
	size_t stride;
	bool has_shortcut;
};

struct attention_pool {
	struct tensor positional_embedding; /* [1 + pixels, width] */
	struct tensor k_weight, k_bias, q_weight, q_bias, v_weight, v_bias; /* [width, width] */
	struct tensor c_weight, c_bias; /* [embed_dim, width] */
	size_t heads;
};

struct resnet {
	struct unit stem[STEM];
	struct block *blocks;
	size_t count;
	struct attention_pool pool;
};

static bool matches(const struct value *vision_cfg)
{
	const struct value *layers = value_get(vision_cfg, "layers");

	return layers && layers->kind == VALUE_ARRAY && !value_get(vision_cfg, "block");
}

enum { LARGEST_WIDTH = 1 << 11, LARGEST_IMAGE = 1 << 12, MOST_BLOCKS = 1000 };

#define AT(member) offsetof(struct vision_config, member)
static const struct config_field fields[] = {
	{ "image_size", CONFIG_COUNT, AT(image_size), 1, LARGEST_IMAGE, false },
	{ "layers", CONFIG_COUNTS, AT(layers), 1, MOST_BLOCKS, false },
	{ "width", CONFIG_COUNT, AT(width), 1, LARGEST_WIDTH, false },
	{ "head_width", CONFIG_COUNT, AT(head_width), 1, LARGEST_WIDTH *SHRINK, true },
	/* without effect in a ResNet */
	{ "patch_size", CONFIG_IGNORED, .optional = true },
	{ "mlp_ratio", CONFIG_IGNORED, .optional = true },
	{ NULL },
};
#undef AT

static int check(const struct vision_config *config, struct err *err)
{
	if (!config->layers[STAGES - 1] || config->layers[STAGES])
		return err_set(err, "layers: CLIP's ResNets have %d stages", STAGES);
	if (config->width % 2)
		return err_set(err, "width: %zu is odd, but the stem's first layers have half of it", config->width);
	if (config->image_size % SHRINK)
		return err_set(err, "image_size: %zu is not a multiple of %d", config->image_size, SHRINK);
	if (config->width * SHRINK % config->head_width)
		return err_set(
			err, "head_width: %zu does not divide the last stage's width, %zu", config->head_width, config->width * SHRINK);
	return 0;
}

static void declare_unit(struct parameters *set, struct unit *unit, size_t out, size_t kernel, size_t in, float gain, const char *conv_name,
	const char *bn_name)
{
	char name[128];

	snprintf(name, sizeof name, "%s.weight", conv_name);
	parameters_add_conv(set, &unit->conv, out, kernel, in, name);
	parameters_add_batch_norm(set, &unit->bn, out, gain, bn_name);
}

/* The same with names PREFIX.convN and PREFIX.bnN. */
static void declare_numbered(
	struct parameters *set, struct unit *unit, size_t out, size_t kernel, size_t in, float gain, const char *prefix, int number)
{
	char conv[96], bn[96];

	snprintf(conv, sizeof conv, "%s.conv%d", prefix, number);
	snprintf(bn, sizeof bn, "%s.bn%d", prefix, number);
	declare_unit(set, unit, out, kernel, in, gain, conv, bn);
}

/* The last gain starts at 0, so that each block starts as its shortcut. */
static void declare_block(struct parameters *set, struct block *block, size_t in, size_t width, const char *prefix)
{
	size_t out = EXPANSION * width;
	char conv[96], bn[96];

	declare_numbered(set, &block->first, width, 1, in, 1, prefix, 1);
	declare_numbered(set, &block->second, width, 3, width, 1, prefix, 2);
	declare_numbered(set, &block->third, out, 1, width, 0, prefix, 3);
	block->has_shortcut = block->stride > 1 || in != out;
	if (!block->has_shortcut)
		return;
	snprintf(conv, sizeof conv, "%s.downsample.0", prefix);
	snprintf(bn, sizeof bn, "%s.downsample.1", prefix);
	declare_unit(set, &block->shortcut, out, 1, in, 1, conv, bn);
}

static int declare_stages(struct resnet *net, const struct vision_config *config, struct parameters *set)
{
	size_t in = config->width;
	char prefix[64];

	for (size_t stage = 0; stage < STAGES; stage++)
		net->count += config->layers[stage];
	net->blocks = arena_zeroed(&set->arena, net->count, sizeof *net->blocks);
	if (!net->blocks)
		return -1;
	struct block *block = net->blocks;
	for (size_t stage = 0; stage < STAGES; stage++)
		for (size_t i = 0; i < config->layers[stage]; i++, block++) {
			snprintf(prefix, sizeof prefix, "visual.layer%zu.%zu", stage + 1, i);
			block->stride = stage && i == 0 ? 2 : 1;
			declare_block(set, block, in, config->width << stage, prefix);
			in = EXPANSION * (config->width << stage);
		}
	return 0;
}

static void declare_linear(struct parameters *set, struct tensor *weight, struct tensor *bias, size_t out, size_t in, const char *name)
{
	parameters_add(set, weight, 2, (size_t[]){ out, in }, "visual.attnpool.%s.weight", name)->std = 1 / sqrtf((float)in);
	parameters_add(set, bias, 1, &out, "visual.attnpool.%s.bias", name)->std = 1 / sqrtf(3 * (float)in);
}

static void declare_pool(struct attention_pool *pool, const struct clip_config *config, struct parameters *set)
{
	size_t side = config->vision.image_size / SHRINK, width = config->vision.width * SHRINK;

	pool->heads = width / config->vision.head_width;
	parameters_add(set, &pool->positional_embedding, 2, (size_t[]){ 1 + side * side, width }, "visual.attnpool.positional_embedding")
		->std = 1 / sqrtf((float)width);
	declare_linear(set, &pool->k_weight, &pool->k_bias, width, width, "k_proj");
	declare_linear(set, &pool->q_weight, &pool->q_bias, width, width, "q_proj");
	declare_linear(set, &pool->v_weight, &pool->v_bias, width, width, "v_proj");
	declare_linear(set, &pool->c_weight, &pool->c_bias, config->embed_dim, width, "c_proj");
}

static void *declare(const struct clip_config *config, struct parameters *set)
{
	const struct vision_config *vision = &config->vision;
	struct resnet *net = arena_zeroed(&set->arena, 1, sizeof *net);

	if (!net)
		return NULL;
	declare_numbered(set, &net->stem[0], vision->width / 2, 3, 3, 1, "visual", 1);
	declare_numbered(set, &net->stem[1], vision->width / 2, 3, vision->width / 2, 1, "visual", 2);
	declare_numbered(set, &net->stem[2], vision->width, 3, vision->width / 2, 1, "visual", 3);
	if (declare_stages(net, vision, set))
		return NULL;
	declare_pool(&net->pool, config, set);
	return net;
}

static struct tensor *unit_forward(struct tape *tape, struct unit *unit, struct tensor *x, size_t stride, struct tensor *skip, bool relu)
{
	x = op_conv2d(tape, x, &unit->conv, stride, unit->conv.shape[1] / 2);
	return op_batch_norm(tape, x, &unit->bn, skip, relu);
}

static struct tensor *bottleneck(struct tape *tape, struct block *block, struct tensor *x)
{
	struct tensor *y = unit_forward(tape, &block->first, x, 1, NULL, true), *skip = x;

	y = unit_forward(tape, &block->second, y, 1, NULL, true);
	if (block->stride > 1) {
		y = op_avg_pool2d(tape, y, block->stride);
		skip = op_avg_pool2d(tape, skip, block->stride);
	}
	if (block->has_shortcut)
		skip = unit_forward(tape, &block->shortcut, skip, 1, NULL, false);
	return unit_forward(tape, &block->third, y, 1, skip, true);
}

/* The mean pixel attends to all pixels and itself. */
static struct tensor *pool_forward(struct tape *tape, struct attention_pool *pool, struct tensor *x)
{
	x = op_tokens(tape, x, NULL, &pool->positional_embedding);
	size_t n = x ? x->shape[0] : 0, *rows = arena_zeroed(tape->arena, n, sizeof *rows);
	if (!x || !rows)
		return tape_fail(tape);
	for (size_t i = 0; i < n; i++)
		rows[i] = i * x->shape[1];
	struct tensor *q = op_linear(tape, op_gather_rows(tape, x, rows, n), &pool->q_weight, &pool->q_bias);
	struct tensor *k = op_linear(tape, x, &pool->k_weight, &pool->k_bias);
	struct tensor *v = op_linear(tape, x, &pool->v_weight, &pool->v_bias);
	return op_linear(tape, op_cross_attention(tape, q, k, v, pool->heads), &pool->c_weight, &pool->c_bias);
}

/* Blocks 0..STEM-1 are the stem's convolutions, the last with its pool; the others are bottlenecks. */
static struct tensor *block(struct tape *tape, void *context, size_t i, struct tensor *x)
{
	struct resnet *net = context;

	if (i >= STEM)
		return bottleneck(tape, &net->blocks[i - STEM], x);
	x = unit_forward(tape, &net->stem[i], x, i ? 1 : 2, NULL, true);
	return i + 1 < STEM ? x : op_avg_pool2d(tape, x, 2);
}

static struct tensor *forward(struct tape *tape, void *tower, struct tensor *pixels)
{
	struct resnet *net = tower;

	return pool_forward(tape, &net->pool, op_blocks(tape, STEM + net->count, block, net, pixels));
}

const struct image_tower image_tower_modified_resnet = {
	.name = "modified_resnet",
	.matches = matches,
	.fields = fields,
	.check = check,
	.declare = declare,
	.forward = forward,
};
