/* cc-model import: a CLIP model as others have published it becomes one of ours. */
#include "formats/json.h"
#include "tools/common/input.h"
#include "tools/model/checkpoint.h"
#include "tools/model/verbs.h"
#include "tools/model/weight_config.h"
#include "tools/model/weight_places.h"

#include <stdlib.h>
#include <string.h>

struct import_options {
	const char *config, *vocabulary, *activation;
};

static const char *const activations[] = { "gelu", "quick_gelu", NULL };

#define AT(member) offsetof(struct import_options, member)
static const struct option_spec options[] = {
	{ "config", OPTION_TEXT, AT(config), "FILE",
		"open_clip's JSON (open_clip_config.json), or Hugging Face's config.json (default: what the shapes tell)", 'c', .records = true, .input = true },
	{ "activation", OPTION_TEXT, AT(activation), "NAME",
		"without --config: gelu, or quick_gelu as OpenAI's weights need it (TorchScript archives are OpenAI's)", .records = true,
		.choices = activations },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE",
		"merges: CLIP's own bpe_simple_vocab_16e6.txt, unpacked; without it the model cannot read captions", .records = true, .input = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model import",
	.summary = "a published CLIP model as one of ours",
	.usage = "WEIGHTS -o FILE [--config FILE | --activation NAME] [--vocab FILE]",
	.text = "WEIGHTS is a safetensors file or one of PyTorch's (torch.save of a state dict or of a training checkpoint; a TorchScript "
		"archive as OpenAI published them) with the names of open_clip, of OpenAI, or of Hugging Face's CLIPModel, in F32, F16, BF16 or "
		"F64; everything is F32 here. No code in such a file is ever run: what would have to be called is refused by its name.\n\n"
		"What is left over, missing or of another shape than the configuration asks for is an error that lists it, and so is a number "
		"that is not finite. The file that is written loads in open_clip under the same configuration.",
	.example = "cc-model import ViT-B-32.pt --vocab bpe_simple_vocab_16e6.txt -o ViT-B-32.safetensors\n"
		   "cc-model import open_clip_model.safetensors --config open_clip_config.json --vocab bpe_simple_vocab_16e6.txt -o model.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
};

struct import {
	struct tool tool;
	struct import_options opt;
	struct weights weights;
	struct checkpoint checkpoint;
	struct weight_places places;
	struct buf config, vocabulary;
};

/* Hugging Face's config.json: shapes tell what it tells, but for the activation. */
static int activation_of(const struct value *json, bool *quick, struct err *err)
{
	const struct value *text = value_get(json, "text_config"), *vision = value_get(json, "vision_config");
	struct span text_act = value_string_or(value_get(text, "hidden_act"), "quick_gelu");
	struct span vision_act = value_string_or(value_get(vision, "hidden_act"), "quick_gelu");

	*quick = span_is(text_act, "quick_gelu");
	if (!span_equal(text_act, vision_act) || (!*quick && !span_is(text_act, "gelu")))
		return err_set(err, "hidden_act: %.*s and %.*s: both must be gelu, or both quick_gelu", (int)text_act.size,
			(const char *)text_act.data, (int)vision_act.size, (const char *)vision_act.data);
	return 0;
}

static int infer_config(struct import *import, bool quick_gelu)
{
	struct placed_shape *shapes = NULL;
	size_t count = 0;
	int status = weight_places_shapes(&import->places, &shapes, &count, &import->tool.err);

	buf_clear(&import->config);
	if (status == 0)
		status = weight_config(&import->config, shapes, count, quick_gelu, &import->tool.err);
	free(shapes);
	return status;
}

static int read_config(struct import *import)
{
	struct tool *tool = &import->tool;
	struct limits limits = LIMITS_DEFAULT;
	struct value json;
	bool quick;

	if (!import->opt.config && import->opt.activation)
		return infer_config(import, strcmp(import->opt.activation, "quick_gelu") == 0);
	if (!import->opt.config && import->weights.torch && import->weights.pt.scripted)
		return infer_config(import, true);
	if (!import->opt.config)
		return tool_usage(tool, "%s: the shapes do not tell the activation: --config FILE, or --activation gelu|quick_gelu (OpenAI's weights, and "
			"what was trained from them, are quick_gelu)", tool->arguments[0]);
	if (tool_option_file(tool, "config", import->opt.config, &import->config))
		return -1;
	if (json_read(buf_span(&import->config), &limits, &tool->arena, &json, &tool->err))
		return err_add(&tool->err, "%s", import->opt.config);
	if (!value_get(&json, "text_config"))
		return 0;
	return activation_of(&json, &quick, &tool->err) ? err_add(&tool->err, "%s", import->opt.config) : infer_config(import, quick);
}

static int make_model(struct import *import)
{
	struct tool *tool = &import->tool;

	if (import->opt.vocabulary && tool_option_file(tool, "vocab", import->opt.vocabulary, &import->vocabulary))
		return -1;
	if (checkpoint_new(&import->checkpoint, buf_span(&import->config), buf_span(&import->vocabulary), &tool->err))
		return err_add(&tool->err, "%s", import->opt.config ? import->opt.config : tool->arguments[0]);
	if (weight_places_check(&import->places, &import->checkpoint.clip->parameters, &tool->err))
		return err_add(&tool->err, "%s", tool->arguments[0]);
	return clip_allocate(import->checkpoint.clip, &tool->err) || weight_places_read(&import->places, &import->checkpoint.clip->parameters, &tool->err) ||
		tool_append_prog(tool, &import->checkpoint.header);
}

static int run(struct import *import)
{
	struct tool *tool = &import->tool;

	if (!tool->output_path)
		return tool_usage(tool, "-o FILE is missing");
	if (weights_open(&import->weights, tool->arguments[0], &tool->err))
		return -1;
	if (weight_places_find(&import->places, &import->weights, &tool->err))
		return err_add(&tool->err, "%s", tool->arguments[0]);
	return read_config(import) || make_model(import) || tool_output(tool, FILE_CHECKPOINT) ||
		checkpoint_write(&import->checkpoint, tool->output.fd, &tool->err);
}

int model_import(int argc, char **argv)
{
	struct import import = { .weights.file.fd = -1 };
	int status = tool_start(&import.tool, &about, &import.opt, argc, argv) || run(&import);

	weights_close(&import.weights);
	checkpoint_free(&import.checkpoint);
	weight_places_free(&import.places);
	buf_free(&import.config);
	buf_free(&import.vocabulary);
	return status ? tool_fail(&import.tool) : tool_finish(&import.tool);
}
