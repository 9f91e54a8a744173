#include "formats/model/weight_places.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Hugging Face's names, and open_clip's for the same tensors: before and after the number of a block, and outside blocks. */
struct translation {
	const char *from, *to;
	unsigned part, parts;
	bool transposed;
};

static const struct translation blocks[] = {
	{ "text_model.encoder.layers.", "transformer.resblocks.", 0, 1, false },
	{ "vision_model.encoder.layers.", "visual.transformer.resblocks.", 0, 1, false },
	{ NULL },
};

static const struct translation in_block[] = {
	{ "self_attn.q_proj.weight", "attn.in_proj_weight", 0, 3, false },
	{ "self_attn.k_proj.weight", "attn.in_proj_weight", 1, 3, false },
	{ "self_attn.v_proj.weight", "attn.in_proj_weight", 2, 3, false },
	{ "self_attn.q_proj.bias", "attn.in_proj_bias", 0, 3, false },
	{ "self_attn.k_proj.bias", "attn.in_proj_bias", 1, 3, false },
	{ "self_attn.v_proj.bias", "attn.in_proj_bias", 2, 3, false },
	{ "self_attn.out_proj.weight", "attn.out_proj.weight", 0, 1, false },
	{ "self_attn.out_proj.bias", "attn.out_proj.bias", 0, 1, false },
	{ "layer_norm1.weight", "ln_1.weight", 0, 1, false },
	{ "layer_norm1.bias", "ln_1.bias", 0, 1, false },
	{ "layer_norm2.weight", "ln_2.weight", 0, 1, false },
	{ "layer_norm2.bias", "ln_2.bias", 0, 1, false },
	{ "mlp.fc1.weight", "mlp.c_fc.weight", 0, 1, false },
	{ "mlp.fc1.bias", "mlp.c_fc.bias", 0, 1, false },
	{ "mlp.fc2.weight", "mlp.c_proj.weight", 0, 1, false },
	{ "mlp.fc2.bias", "mlp.c_proj.bias", 0, 1, false },
	{ NULL },
};

static const struct translation others[] = {
	{ "text_model.embeddings.token_embedding.weight", "token_embedding.weight", 0, 1, false },
	{ "text_model.embeddings.position_embedding.weight", "positional_embedding", 0, 1, false },
	{ "text_model.final_layer_norm.weight", "ln_final.weight", 0, 1, false },
	{ "text_model.final_layer_norm.bias", "ln_final.bias", 0, 1, false },
	{ "text_projection.weight", "text_projection", 0, 1, true },
	{ "vision_model.embeddings.class_embedding", "visual.class_embedding", 0, 1, false },
	{ "vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight", 0, 1, false },
	{ "vision_model.embeddings.position_embedding.weight", "visual.positional_embedding", 0, 1, false },
	{ "vision_model.pre_layrnorm.weight", "visual.ln_pre.weight", 0, 1, false },
	{ "vision_model.pre_layrnorm.bias", "visual.ln_pre.bias", 0, 1, false },
	{ "vision_model.post_layernorm.weight", "visual.ln_post.weight", 0, 1, false },
	{ "vision_model.post_layernorm.bias", "visual.ln_post.bias", 0, 1, false },
	{ "visual_projection.weight", "visual.proj", 0, 1, true },
	{ NULL },
};

/* Buffers that are saved with the weights although they follow from the configuration. */
static const char *const derived[] = { "position_ids", "attn_mask", "num_batches_tracked", "input_resolution", "context_length",
	"vocab_size", NULL };

static bool begins_with(struct span name, const char *begin)
{
	const size_t size = strlen(begin);

	return name.size >= size && memcmp(name.data, begin, size) == 0;
}

static bool is_derived(struct span name)
{
	size_t last = name.size;

	while (last && name.data[last - 1] != '.')
		last--;
	for (size_t i = 0; derived[i]; i++)
		if (span_is(span_of(name.data + last, name.size - last), derived[i]))
			return true;
	return false;
}

static const struct translation *translate(const struct translation *table, struct span name)
{
	for (; table->from; table++)
		if (span_is(name, table->from))
			return table;
	return NULL;
}

static void set_place(struct weight_place *place, const struct translation *translation, const char *before, struct span number)
{
	place->part = translation->part;
	place->parts = translation->parts;
	place->transposed = translation->transposed;
	snprintf(place->name, sizeof place->name, "%s%.*s%s%s", before, (int)number.size, (const char *)number.data, number.size ? "." : "",
		translation->to);
}

/* "text_model.encoder.layers.3.mlp.fc1.bias" */
static bool place_in_block(struct weight_place *place, struct span name)
{
	for (const struct translation *block = blocks; block->from; block++) {
		if (!begins_with(name, block->from))
			continue;
		struct span rest = span_of(name.data + strlen(block->from), name.size - strlen(block->from)), number = { rest.data, 0 };
		while (number.size < rest.size && number.size < 4 && isdigit(rest.data[number.size]))
			number.size++;
		if (number.size == 0 || number.size == rest.size || rest.data[number.size] != '.')
			return false;
		rest = span_of(rest.data + number.size + 1, rest.size - number.size - 1);
		const struct translation *found = translate(in_block, rest);
		if (found)
			set_place(place, found, block->to, number);
		return found;
	}
	return false;
}

/* Parts of names that come from PyTorch's wrappers: DataParallel, torch.compile, FSDP, activation checkpointing, DeepSpeed. */
static const char *const wrappers[] = { "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module",
	NULL };

static bool is_wrapper(struct span part)
{
	for (size_t i = 0; wrappers[i]; i++)
		if (span_is(part, wrappers[i]))
			return true;
	return false;
}

void weight_name_unwrap(char unwrapped[WEIGHT_NAME], struct span name)
{
	size_t used = 0;

	for (size_t start = 0, end; start < name.size; start = end + 1) {
		for (end = start; end < name.size && name.data[end] != '.'; end++)
			;
		const size_t size = end - start;
		if (end < name.size && is_wrapper(span_of(name.data + start, size)))
			continue;
		if (used + size + 2 > WEIGHT_NAME)
			break;
		if (used)
			unwrapped[used++] = '.';
		memcpy(unwrapped + used, name.data + start, size);
		used += size;
	}
	unwrapped[used] = 0;
}

/* open_clip's CustomTextCLIP prefixes the text tower with "text."; its CLIP class does not. */
static struct span without_text(struct span name)
{
	static const char *const begins[] = { "transformer.resblocks.", "token_embedding.", "ln_final.", NULL };
	static const char *const wholes[] = { "positional_embedding", "text_projection", "attn_mask", NULL };

	if (!begins_with(name, "text."))
		return name;
	const struct span rest = span_of(name.data + 5, name.size - 5);
	for (size_t i = 0; begins[i]; i++)
		if (begins_with(rest, begins[i]))
			return rest;
	for (size_t i = 0; wholes[i]; i++)
		if (span_is(rest, wholes[i]))
			return rest;
	return name;
}

bool weight_place(struct weight_place *place, struct span name)
{
	char unwrapped[WEIGHT_NAME];

	weight_name_unwrap(unwrapped, name);
	name = without_text(span_string(unwrapped));
	const struct translation *found = translate(others, name);

	if (is_derived(name))
		return false;
	if (found) {
		set_place(place, found, "", span_of(NULL, 0));
	} else if (!place_in_block(place, name)) {
		*place = (struct weight_place){ .parts = 1 };
		snprintf(place->name, sizeof place->name, "%.*s", span_shown(name, 250), (const char *)name.data);
	}
	return true;
}

/* Parts of models that are not supported, by the prefixes of their names. */
static const struct {
	const char *begin, *what;
} unsupported[] = {
	{ "visual.trunk.", "a timm image tower" },
	{ "text.transformer.embeddings.", "a Hugging Face text tower" },
	{ "text.transformer.encoder.", "a Hugging Face text tower" },
	{ "logit_bias", "SigLIP" },
	{ "text_model.head.", "SigLIP" },
	{ "vision_model.head.", "SigLIP" },
	{ "text_decoder.", "CoCa" },
	{ "visual.attn_pool.", "an image tower with attentional pooling" },
	{ NULL },
};

const char *weight_unsupported(struct span name)
{
	char unwrapped[WEIGHT_NAME];

	weight_name_unwrap(unwrapped, name);
	for (size_t i = 0; unsupported[i].begin; i++)
		if (begins_with(span_string(unwrapped), unsupported[i].begin))
			return unsupported[i].what;
	return NULL;
}
