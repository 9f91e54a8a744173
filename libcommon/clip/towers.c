#include "clip/towers.h"

#include <math.h>
#include <string.h>

void text_tower_declare(struct text_tower *tower, const struct clip_config *config, struct parameters *set)
{
	const struct text_config *text = &config->text;
	size_t width = text->width;

	tower->context = text->context_length;
	tower->transformer = (struct transformer){ .width = width,
		.heads = text->heads,
		.layers = text->layers,
		.hidden = transformer_hidden(width, text->mlp_ratio),
		.quick_gelu = config->quick_gelu,
		.causal = true };
	parameters_add(set, &tower->positional_embedding, 2, (size_t[]){ text->context_length, width }, "positional_embedding")->std = .01f;
	parameters_add(set, &tower->token_embedding, 2, (size_t[]){ text->vocab_size, width }, "token_embedding.weight")->std = .02f;
	transformer_declare(&tower->transformer, set, "transformer.resblocks");
	parameters_add_layer_norm(set, &tower->ln_final_gain, &tower->ln_final_bias, width, "ln_final");
	parameters_add(set, &tower->projection, 2, (size_t[]){ width, config->embed_dim }, "text_projection")->std =
		1 / sqrtf((float)width);
}

static size_t longest(const size_t *lengths, size_t n)
{
	size_t most = 1;

	for (size_t i = 0; i < n; i++)
		most = lengths[i] > most ? lengths[i] : most;
	return most;
}

struct tensor *text_tower_forward(struct tape *tape, struct text_tower *tower, const int32_t *ids, const size_t *lengths, size_t n)
{
	size_t t = longest(lengths, n);
	int32_t *cut = arena_zeroed(tape->arena, n * t, sizeof *cut);
	size_t *ends = arena_zeroed(tape->arena, n, sizeof *ends);

	if (!cut || !ends)
		return tape_fail(tape);
	for (size_t i = 0; i < n; i++) {
		memcpy(cut + i * t, ids + i * tower->context, t * sizeof *cut);
		ends[i] = i * t + lengths[i] - 1;
	}
	struct tensor *x = op_embedding(tape, cut, n, t, &tower->token_embedding, &tower->positional_embedding);
	x = transformer_forward(tape, &tower->transformer, x, ends, n);
	x = op_layer_norm(tape, x, &tower->ln_final_gain, &tower->ln_final_bias);
	return op_project(tape, x, &tower->projection);
}

#define IMAGE_TOWER(name) &image_tower_##name,
static const struct image_tower *const towers[] = {
#include "clip/image_towers.def"
};
#undef IMAGE_TOWER

const struct image_tower *image_tower_for(const struct value *vision_cfg)
{
	for (size_t i = 0; i < sizeof towers / sizeof *towers; i++)
		if (towers[i]->matches(vision_cfg))
			return towers[i];
	return NULL;
}

const char *image_tower_names(void)
{
#define IMAGE_TOWER(name) ", " #name
	static const char names[] =
#include "clip/image_towers.def"
		;
#undef IMAGE_TOWER
	return names + 2;
}
