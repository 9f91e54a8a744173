#include "clip/hf_config.h"

#include <math.h>
#include <string.h>

enum { LARGEST = 1 << 24, OLD_END = 2 };

struct hf_number {
	const char *name;
	size_t offset; /* of a size_t in struct stated_tower */
	bool square;   /* may also be [n, n] */
};

#define AT(member) offsetof(struct stated_tower, member)
static const struct hf_number common[] = {
	{ "hidden_size", AT(width), false },
	{ "intermediate_size", AT(hidden), false },
	{ "num_hidden_layers", AT(layers), false },
	{ "num_attention_heads", AT(heads), false },
	{ NULL },
};
static const struct hf_number of_image[] = {
	{ "image_size", AT(image_size), true },
	{ "patch_size", AT(patch_size), true },
	{ NULL },
};
static const struct hf_number of_text[] = {
	{ "max_position_embeddings", AT(context_length), false },
	{ "vocab_size", AT(vocab_size), false },
	{ NULL },
};
#undef AT

/* Read elsewhere in this file. */
static const char *const used[] = { "hidden_act", "layer_norm_eps", "num_channels", "eos_token_id", "model_type", "text_config",
	"vision_config", "text_config_dict", "vision_config_dict", "quantization_config", NULL };

/* Without effect on embeddings: training, generation, labels, bookkeeping.  logit_scale is among the weights, and CLIPModel reads
 * projection_dim from the top level. */
static const char *const harmless[] = { "projection_dim", "logit_scale_init_value", "initializer_factor", "initializer_range",
	"attention_dropout", "dropout", "pad_token_id", "bos_token_id", "architectures", "torch_dtype", "dtype", "transformers_version",
	"name_or_path", "return_dict", "output_hidden_states", "output_attentions", "use_cache", "id2label", "label2id", "num_labels",
	"finetuning_task", "task_specific_params", "problem_type", "tie_word_embeddings", "tie_encoder_decoder", "is_encoder_decoder",
	"chunk_size_feed_forward", "pruned_heads", "torchscript", "prefix", "sep_token_id", "decoder_start_token_id", "tokenizer_class",
	"max_length", "min_length", "length_penalty", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p",
	"typical_p", "repetition_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "num_return_sequences", "early_stopping",
	"forced_bos_token_id", "forced_eos_token_id", "bad_words_ids", "suppress_tokens", "begin_suppress_tokens",
	"exponential_decay_length_penalty", "gradient_checkpointing", "auto_map", NULL };

static bool is_among(struct span name, const char *const *names)
{
	for (; *names; names++)
		if (span_is(name, *names))
			return true;
	return false;
}

static bool is_number(struct span name, const struct hf_number *numbers)
{
	for (; numbers->name; numbers++)
		if (span_is(name, numbers->name))
			return true;
	return false;
}

static bool is_off(const struct value *value)
{
	return value->kind == VALUE_NULL || (value->kind == VALUE_BOOL && !value->boolean) ||
	       ((value->kind == VALUE_ARRAY || value->kind == VALUE_MAP) && value->list.count == 0) ||
	       (value->kind == VALUE_STRING && value->string.size == 0);
}

static void list_unused(struct buf *unused, const char *part, const struct value *map, const struct hf_number *own)
{
	for (size_t i = 0; i < map->list.count; i++) {
		const struct span name = map->list.items[2 * i].string;
		if ((name.size && name.data[0] == '_') || is_off(&map->list.items[2 * i + 1]) || is_among(name, used) ||
			is_among(name, harmless) || (own && (is_number(name, common) || is_number(name, own))))
			continue;
		buf_printf(unused, "%s%s%.*s", unused->size ? ", " : "", part, span_shown(name, 100), (const char *)name.data);
	}
}

static int read_number(struct stated_tower *tower, const struct hf_number *number, const struct value *value, struct err *err)
{
	const bool pair = number->square && value->kind == VALUE_ARRAY && value->list.count == 2 &&
			  value_equal(&value->list.items[0], &value->list.items[1]);
	const int64_t count = value_integer_or(pair ? &value->list.items[0] : value, -1);

	if (count < 1 || count > LARGEST)
		return err_set(err, "%s: must be a whole number from 1 to %d", number->name, LARGEST);
	memcpy((char *)tower + number->offset, &(size_t){ (size_t)count }, sizeof(size_t));
	return 0;
}

static int read_numbers(struct stated_tower *tower, const struct hf_number *numbers, const struct value *map, struct err *err)
{
	for (; numbers->name; numbers++) {
		const struct value *value = value_get(map, numbers->name);
		if (value && value->kind != VALUE_NULL && read_number(tower, numbers, value, err))
			return -1;
	}
	return 0;
}

static int check_constant(const struct value *map, const char *name, double only, struct err *err)
{
	const struct value *value = value_get(map, name);

	if (!value || value->kind == VALUE_NULL || fabs(value_real_or(value, NAN) - only) < 1e-9 * only)
		return 0;
	return err_set(err, "%s: only %g is supported", name, only);
}

/* quick_gelu is transformers' default. */
static int read_activation(bool *quick, const struct value *map, struct err *err)
{
	const struct value *value = value_get(map, "hidden_act");
	const struct span name = value_string_or(value, value && value->kind != VALUE_NULL ? "" : "quick_gelu");

	*quick = span_is(name, "quick_gelu");
	if (*quick || span_is(name, "gelu"))
		return 0;
	return err_set(
		err, "hidden_act: '%.*s' is not supported; supported: gelu, quick_gelu", span_shown(name, 100), (const char *)name.data);
}

/* A text's embedding is taken at the first token with this id.  2 is an old mistake, for which transformers takes the largest id. */
static int read_end(struct stated *stated, const struct value *map, struct err *err)
{
	const struct value *value = value_get(map, "eos_token_id");
	const bool one = value && value->kind == VALUE_ARRAY && value->list.count == 1;
	const int64_t end = value_integer_or(one ? &value->list.items[0] : value, -1);

	stated->end_missing = !value || value->kind == VALUE_NULL;
	if (stated->end_missing || end == OLD_END)
		return 0;
	if (end < 1 || end > LARGEST)
		return err_set(err, "eos_token_id: must be a token id");
	stated->end = (size_t)end;
	return 0;
}

/* transformers fills NAME_dict with its defaults and lets it override NAME. */
static const struct value *part_of(const struct value *json, const char *name, const char *dict)
{
	const struct value *old = value_get(json, dict);

	return old && old->kind == VALUE_MAP ? old : value_get(json, name);
}

static int read_tower(
	struct stated_tower *tower, const struct value *map, const struct hf_number *own, const char *type, bool *quick, struct err *err)
{
	const struct value *model_type = value_get(map, "model_type");
	const struct span named = value_string_or(model_type, "");

	if (map && map->kind != VALUE_NULL && map->kind != VALUE_MAP)
		return err_set(err, "must be a map");
	if (named.size && !span_is(named, type) && !span_is(named, "clip"))
		return err_set(
			err, "model_type: '%.*s' is not supported; supported: %s", span_shown(named, 100), (const char *)named.data, type);
	return read_activation(quick, map, err) || read_numbers(tower, common, map, err) || read_numbers(tower, own, map, err) ||
			       check_constant(map, "layer_norm_eps", 1e-5, err)
		       ? -1
		       : 0;
}

bool hf_config_is(const struct value *json)
{
	static const char *const names[] = { "text_config", "vision_config", "text_config_dict", "vision_config_dict", "model_type" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (value_get(json, names[i]))
			return true;
	return false;
}

static int read_top(struct stated *stated, const struct value *json, struct err *err)
{
	const struct span type = value_string_or(value_get(json, "model_type"), "clip");
	const struct value *embed = value_get(json, "projection_dim"), *quantized = value_get(json, "quantization_config");
	const int64_t embed_dim = value_integer_or(embed, embed && embed->kind != VALUE_NULL ? -1 : 0);

	if (!span_is(type, "clip"))
		return err_set(err, "model_type: '%.*s' is not supported; supported: clip", span_shown(type, 100), (const char *)type.data);
	if (quantized && !is_off(quantized))
		return err_set(err, "quantization_config: quantized weights are not supported");
	if (embed_dim < 0 || embed_dim > LARGEST)
		return err_set(err, "projection_dim: must be a whole number from 1 to %d", LARGEST);
	stated->embed_dim = (size_t)embed_dim;
	return 0;
}

int hf_config_read(struct stated *stated, const struct value *json, struct buf *unused, struct err *err)
{
	const struct value *text = part_of(json, "text_config", "text_config_dict");
	const struct value *image = part_of(json, "vision_config", "vision_config_dict");
	bool quick_image;

	*stated = (struct stated){ 0 };
	if (json->kind != VALUE_MAP)
		return err_set(err, "must be a map");
	if (read_top(stated, json, err))
		return -1;
	if (read_tower(&stated->text, text, of_text, "clip_text_model", &stated->quick_gelu, err) || read_end(stated, text, err))
		return err_add(err, "text_config");
	if (read_tower(&stated->image, image, of_image, "clip_vision_model", &quick_image, err) ||
		check_constant(image, "num_channels", 3, err))
		return err_add(err, "vision_config");
	if (quick_image != stated->quick_gelu)
		return err_set(err, "hidden_act: text_config and vision_config differ; both must be gelu, or both quick_gelu");
	list_unused(unused, "", json, NULL);
	if (text && text->kind == VALUE_MAP)
		list_unused(unused, "text_config.", text, of_text);
	if (image && image->kind == VALUE_MAP)
		list_unused(unused, "vision_config.", image, of_image);
	return unused->failed ? err_memory(err) : 0;
}
