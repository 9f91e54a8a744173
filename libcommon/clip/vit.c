/* CLIP's vision transformer (Dosovitskiy et al. 2021, as in open_clip): patches are projected, a class token is prepended, positions
 * are added; a layer norm, residual attention blocks; the class token is normalised and projected. */
#include "clip/towers.h"
#include "clip/transformer.h"

#include <math.h>

struct vit {
	struct tensor conv1;                /* [width, patch, patch, 3] */
	struct tensor class_embedding;      /* [width] */
	struct tensor positional_embedding; /* [1 + patches, width] */
	struct tensor ln_pre_gain, ln_pre_bias, ln_post_gain, ln_post_bias;
	struct transformer transformer;
	struct tensor proj; /* [width, embed_dim] */
	size_t patch;
	bool ln_pre;
};

static bool matches(const struct value *vision_cfg)
{
	const struct value *layers = value_get(vision_cfg, "layers");

	return layers && (layers->kind == VALUE_INTEGER || layers->kind == VALUE_REAL);
}

enum { LARGEST_WIDTH = 1 << 14, LARGEST_IMAGE = 1 << 12, MOST_LAYERS = 1000, MOST_MLP_RATIO = 64 };

#define AT(member) offsetof(struct vision_config, member)
static const struct config_field fields[] = {
	{ "image_size", CONFIG_COUNT, AT(image_size), 1, LARGEST_IMAGE, false },
	{ "layers", CONFIG_COUNT, AT(layers), 1, MOST_LAYERS, false },
	{ "width", CONFIG_COUNT, AT(width), 1, LARGEST_WIDTH, false },
	{ "patch_size", CONFIG_COUNT, AT(patch_size), 1, LARGEST_IMAGE, false },
	{ "head_width", CONFIG_COUNT, AT(head_width), 1, LARGEST_WIDTH, true },
	{ "mlp_ratio", CONFIG_RATIO, AT(mlp_ratio), 1, MOST_MLP_RATIO, true },
	{ "no_ln_pre", CONFIG_FLAG, AT(no_ln_pre), .optional = true },
	{ "patch_dropout", CONFIG_ONLY, .optional = true, .only = "0" },
	{ "pool_type", CONFIG_ONLY, .optional = true, .only = "tok" },
	{ "pos_embed_type", CONFIG_ONLY, .optional = true, .only = "learnable" },
	{ "block_type", CONFIG_ONLY, .optional = true, .only = "default" },
	/* without effect on one token, or unless another switch is set, which is refused */
	{ "final_ln_after_pool", CONFIG_IGNORED, .optional = true },
	{ "output_tokens", CONFIG_IGNORED, .optional = true },
	{ "attn_pooler_queries", CONFIG_IGNORED, .optional = true },
	{ "attn_pooler_heads", CONFIG_IGNORED, .optional = true },
	{ "timm_pool", CONFIG_IGNORED, .optional = true },
	{ "timm_proj", CONFIG_IGNORED, .optional = true },
	{ "timm_drop", CONFIG_IGNORED, .optional = true },
	{ NULL },
};
#undef AT

static int check(const struct vision_config *config, struct err *err)
{
	if (config->patch_size > config->image_size)
		return err_set(err, "patch_size: %zu exceeds image_size, %zu", config->patch_size, config->image_size);
	if (config->width % config->head_width)
		return err_set(err, "head_width: %zu does not divide the width, %zu", config->head_width, config->width);
	return 0;
}

static void declare_tokens(struct vit *vit, const struct vision_config *config, struct parameters *set)
{
	size_t side = config->image_size / config->patch_size, width = config->width;
	float scale = 1 / sqrtf((float)width);

	parameters_add(set, &vit->class_embedding, 1, &width, "visual.class_embedding")->std = scale;
	parameters_add(set, &vit->positional_embedding, 2, (size_t[]){ 1 + side * side, width }, "visual.positional_embedding")->std =
		scale;
	parameters_add_conv(set, &vit->conv1, width, vit->patch, 3, "visual.conv1.weight");
	if (vit->ln_pre)
		parameters_add_layer_norm(set, &vit->ln_pre_gain, &vit->ln_pre_bias, width, "visual.ln_pre");
}

static void *declare(const struct clip_config *config, struct parameters *set)
{
	const struct vision_config *vision = &config->vision;
	struct vit *vit = arena_zeroed(&set->arena, 1, sizeof *vit);
	size_t width = vision->width;

	if (!vit)
		return NULL;
	vit->patch = vision->patch_size;
	vit->ln_pre = !vision->no_ln_pre;
	vit->transformer = (struct transformer){ .width = width,
		.heads = width / vision->head_width,
		.layers = vision->layers[0],
		.hidden = transformer_hidden(width, vision->mlp_ratio),
		.quick_gelu = config->quick_gelu,
		.torch_init = true };
	declare_tokens(vit, vision, set);
	transformer_declare(&vit->transformer, set, "visual.transformer.resblocks");
	parameters_add_layer_norm(set, &vit->ln_post_gain, &vit->ln_post_bias, width, "visual.ln_post");
	parameters_add(set, &vit->proj, 2, (size_t[]){ width, config->embed_dim }, "visual.proj")->std = 1 / sqrtf((float)width);
	return vit;
}

static struct tensor *forward(struct tape *tape, void *tower, struct tensor *pixels)
{
	struct vit *vit = tower;
	struct tensor *x = op_conv2d(tape, pixels, &vit->conv1, vit->patch, 0);
	size_t n = x ? x->shape[0] : 0, *rows = arena_zeroed(tape->arena, n, sizeof *rows);

	x = op_tokens(tape, x, &vit->class_embedding, &vit->positional_embedding);
	if (!x || !rows)
		return tape_fail(tape);
	for (size_t i = 0; i < n; i++)
		rows[i] = i * x->shape[1];
	if (vit->ln_pre)
		x = op_layer_norm(tape, x, &vit->ln_pre_gain, &vit->ln_pre_bias);
	x = transformer_forward(tape, &vit->transformer, x, rows, n);
	x = op_layer_norm(tape, x, &vit->ln_post_gain, &vit->ln_post_bias);
	return op_project(tape, x, &vit->proj);
}

const struct image_tower image_tower_vit = {
	.name = "vit",
	.matches = matches,
	.fields = fields,
	.check = check,
	.declare = declare,
	.forward = forward,
};
