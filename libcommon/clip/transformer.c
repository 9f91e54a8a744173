#include "clip/transformer.h"

#include "nn/ops.h"

#include <math.h>
#include <stdio.h>

size_t transformer_hidden(size_t width, double mlp_ratio)
{
	return (size_t)((double)width * mlp_ratio);
}

/* Standard deviations of initial values. */
struct init {
	float in, out, fc, proj, fc_bias, proj_bias;
};

/* As in CLIP's text tower: the sum over all residual branches has the deviation of one branch. */
static struct init clip_init(const struct transformer *transformer)
{
	float in = 1 / sqrtf((float)transformer->width), branch = in / sqrtf(2 * (float)transformer->layers);

	return (struct init){ .in = in, .out = branch, .fc = 1 / sqrtf(2 * (float)transformer->width), .proj = branch };
}

/* As in torch.nn.Linear and MultiheadAttention, whose initial values open_clip keeps in image towers. */
static struct init torch_init(const struct transformer *transformer)
{
	float width = (float)transformer->width, from_width = 1 / sqrtf(3 * width);
	float from_hidden = 1 / sqrtf(3 * (float)transformer->hidden);

	return (struct init){ 1 / sqrtf(2 * width), from_width, from_width, from_hidden, from_width, from_hidden };
}

static void declare_block(
	struct parameters *set, struct transformer_block *block, const struct transformer *transformer, const char *prefix)
{
	size_t width = transformer->width, hidden = transformer->hidden;
	struct init init = transformer->torch_init ? torch_init(transformer) : clip_init(transformer);
	char name[128];

	snprintf(name, sizeof name, "%s.ln_1", prefix);
	parameters_add_layer_norm(set, &block->ln_1_gain, &block->ln_1_bias, width, name);
	parameters_add(set, &block->in_weight, 2, (size_t[]){ 3 * width, width }, "%s.attn.in_proj_weight", prefix)->std = init.in;
	parameters_add(set, &block->in_bias, 1, (size_t[]){ 3 * width }, "%s.attn.in_proj_bias", prefix);
	parameters_add(set, &block->out_weight, 2, (size_t[]){ width, width }, "%s.attn.out_proj.weight", prefix)->std = init.out;
	parameters_add(set, &block->out_bias, 1, (size_t[]){ width }, "%s.attn.out_proj.bias", prefix);
	snprintf(name, sizeof name, "%s.ln_2", prefix);
	parameters_add_layer_norm(set, &block->ln_2_gain, &block->ln_2_bias, width, name);
	parameters_add(set, &block->fc_weight, 2, (size_t[]){ hidden, width }, "%s.mlp.c_fc.weight", prefix)->std = init.fc;
	parameters_add(set, &block->fc_bias, 1, (size_t[]){ hidden }, "%s.mlp.c_fc.bias", prefix)->std = init.fc_bias;
	parameters_add(set, &block->proj_weight, 2, (size_t[]){ width, hidden }, "%s.mlp.c_proj.weight", prefix)->std = init.proj;
	parameters_add(set, &block->proj_bias, 1, (size_t[]){ width }, "%s.mlp.c_proj.bias", prefix)->std = init.proj_bias;
}

void transformer_declare(struct transformer *transformer, struct parameters *set, const char *prefix)
{
	char name[96];

	transformer->blocks = arena_zeroed(&set->arena, transformer->layers, sizeof *transformer->blocks);
	if (!transformer->blocks) {
		set->failed = true;
		return;
	}
	for (size_t i = 0; i < transformer->layers; i++) {
		snprintf(name, sizeof name, "%s.%zu", prefix, i);
		declare_block(set, &transformer->blocks[i], transformer, name);
	}
}

static struct tensor *mlp(struct tape *tape, const struct transformer *transformer, struct transformer_block *block, struct tensor *x)
{
	struct tensor *y = op_layer_norm(tape, x, &block->ln_2_gain, &block->ln_2_bias);

	y = op_linear(tape, y, &block->fc_weight, &block->fc_bias);
	y = transformer->quick_gelu ? op_quick_gelu(tape, y) : op_gelu(tape, y);
	y = op_linear(tape, y, &block->proj_weight, &block->proj_bias);
	return op_add(tape, x, y);
}

struct blocks {
	struct transformer *transformer;
	const size_t *rows; /* the rows that the last block computes */
	size_t count;
};

static struct tensor *block(struct tape *tape, void *context, size_t i, struct tensor *x)
{
	const struct blocks *blocks = context;
	const struct transformer *transformer = blocks->transformer;
	struct transformer_block *block = &transformer->blocks[i];
	struct tensor *y = op_layer_norm(tape, x, &block->ln_1_gain, &block->ln_1_bias);

	y = op_linear(tape, y, &block->in_weight, &block->in_bias);
	y = op_attention(tape, y, transformer->heads, transformer->causal);
	if (i + 1 == transformer->layers) {
		y = op_gather_rows(tape, y, blocks->rows, blocks->count);
		x = op_gather_rows(tape, x, blocks->rows, blocks->count);
	}
	y = op_linear(tape, y, &block->out_weight, &block->out_bias);
	return mlp(tape, transformer, block, op_add(tape, x, y));
}

struct tensor *transformer_forward(struct tape *tape, struct transformer *transformer, struct tensor *x, const size_t *rows, size_t count)
{
	const struct blocks blocks = { transformer, rows, count };
	struct blocks *saved = tape_save(tape, &blocks, sizeof blocks);

	return saved ? op_blocks(tape, transformer->layers, block, saved, x) : tape_fail(tape);
}
