/* cc-model import: a CLIP model as others have published it becomes one of ours. */
#include "formats/json.h"
#include "tools/common/input.h"
#include "tools/model/checkpoint.h"
#include "tools/model/hf_pixels.h"
#include "tools/model/verbs.h"
#include "tools/model/weight_config.h"
#include "tools/model/weight_places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import_options {
	const char *config, *vocabulary, *activation, *preprocess;
};

static const char *const activations[] = { "gelu", "quick_gelu", NULL };

#define AT(member) offsetof(struct import_options, member)
static const struct option_spec options[] = {
	{ "config", OPTION_TEXT, AT(config), "FILE",
		"open_clip's JSON (open_clip_config.json), or Hugging Face's config.json (default: what the shapes tell)", 'c', .records = true, .input = true },
	{ "activation", OPTION_TEXT, AT(activation), "NAME",
		"without --config: gelu, or quick_gelu as OpenAI's weights need it (TorchScript archives are OpenAI's)", .records = true,
		.choices = activations },
	{ "preprocess", OPTION_TEXT, AT(preprocess), "FILE",
		"how images become pixels: Hugging Face's preprocessor_config.json, or open_clip's preprocess_cfg (default: what --config says, or what "
		"lies beside Hugging Face's; else as CLIP does it)", .records = true, .input = true },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE",
		"merges: CLIP's own bpe_simple_vocab_16e6.txt, unpacked; without it the model cannot read captions", .records = true, .input = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model import",
	.summary = "a published CLIP model as one of ours",
	.usage = "WEIGHTS -o FILE [--config FILE | --activation NAME] [--preprocess FILE] [--vocab FILE]",
	.text = "WEIGHTS is a safetensors file or one of PyTorch's (torch.save of a state dict or of a training checkpoint; a TorchScript "
		"archive as OpenAI published them) with the names of open_clip, of OpenAI, or of Hugging Face's CLIPModel, in F32, F16, BF16 or "
		"F64; everything is F32 here. No code in such a file is ever run: a value that only code could "
		"make is ignored, and a tensor that depends on such a value counts as missing.\n\n"
		"What is left over, missing or of another shape than the configuration asks for is an error that lists it, and so is a number "
		"that is not finite. So is a vocabulary with fewer tokens than the model has rows for, which is another model's. The file that is "
		"written loads in open_clip under the configuration that `cc-model config` prints.\n\n"
		"Images are made into pixels as open_clip does it, by the model's own mean, std, size, interpolation and resize mode; where Hugging Face's "
		"crop of an odd rest begins a pixel before open_clip's, it is open_clip's.",
	.example = "cc-model import ViT-B-32.pt --vocab bpe_simple_vocab_16e6.txt -o ViT-B-32.safetensors\n"
		   "cc-model import model.safetensors --config config.json --preprocess preprocessor_config.json \\\n"
		   "    --vocab bpe_simple_vocab_16e6.txt -o model.ours.safetensors\n"
		   "cc-model import open_clip_model.safetensors --config open_clip_config.json --vocab bpe_simple_vocab_16e6.txt -o model.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.files = 1,
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
	return status ? err_add(&import->tool.err, "%s", import->tool.arguments[0]) : 0;
}

/* preprocessor_config.json beside Hugging Face's config.json. */
static int look_beside(struct import *import)
{
	static const char name[] = "preprocessor_config.json";
	const char *slash = strrchr(import->opt.config, '/');
	const size_t folder = slash ? (size_t)(slash + 1 - import->opt.config) : 0;
	char *path = arena_alloc(&import->tool.arena, folder + sizeof name);

	if (!path)
		return err_memory(&import->tool.err);
	memcpy(path, import->opt.config, folder);
	memcpy(path + folder, name, sizeof name);
	if (import->opt.preprocess || access(path, F_OK))
		return 0;
	import->opt.preprocess = path;
	options_give(&import->tool.options, "preprocess", path);
	return 0;
}

/* What was ours, and has been written by others since or not, says itself what it is. */
static struct span own(const struct import *import, const char *name)
{
	return import->weights.torch ? span_of(NULL, 0) : safetensors_metadata(&import->weights.file, name);
}

static int read_config(struct import *import)
{
	struct tool *tool = &import->tool;
	struct limits limits = LIMITS_DEFAULT;
	struct value json;
	bool quick;

	if (!import->opt.config && !import->opt.activation && own(import, "config").size) {
		buf_append_span(&import->config, own(import, "config"));
		return import->config.failed ? err_memory(&tool->err) : 0;
	}
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
	if (activation_of(&json, &quick, &tool->err))
		return err_add(&tool->err, "%s", import->opt.config);
	return look_beside(import) || infer_config(import, quick) ? -1 : 0;
}

/* What --preprocess holds, in whichever of its forms. */
static int read_pixels(struct import *import, struct value *pixels)
{
	struct tool *tool = &import->tool;
	struct limits limits = LIMITS_DEFAULT;
	struct buf text = { 0 };
	struct value json;

	int status = tool_option_file(tool, "preprocess", import->opt.preprocess, &text) ||
		json_read(buf_span(&text), &limits, &tool->arena, &json, &tool->err);
	buf_free(&text);
	if (status)
		return -1;
	if (hf_pixels_is(&json))
		return hf_pixels(pixels, &json, &tool->arena, &tool->err);
	const struct value *part = value_get(&json, "preprocess_cfg");
	*pixels = part ? *part : json;
	return 0;
}

/* The configuration with another preprocess_cfg. */
static int set_pixels(struct import *import)
{
	struct tool *tool = &import->tool;
	struct limits limits = LIMITS_DEFAULT;
	struct value old, pixels, new = value_map();

	if (!import->opt.preprocess)
		return 0;
	if (read_pixels(import, &pixels))
		return err_add(&tool->err, "%s", import->opt.preprocess);
	if (json_read(buf_span(&import->config), &limits, &tool->arena, &old, &tool->err))
		return err_add(&tool->err, "%s", import->opt.config ? import->opt.config : tool->arguments[0]);
	for (size_t i = 0; old.kind == VALUE_MAP && i < old.list.count; i++) {
		const struct value *pair = &old.list.items[2 * i];
		char *name = arena_string(&tool->arena, pair[0].string.data, pair[0].string.size);
		if (!name || value_set(&new, name, pair[1], &tool->arena))
			return err_memory(&tool->err);
	}
	if (value_set(&new, "preprocess_cfg", pixels, &tool->arena))
		return err_memory(&tool->err);
	buf_clear(&import->config);
	return json_write(&new, &import->config, &tool->err);
}

/* Ids are rows of the model's table: a vocabulary that does not fill it is another model's, and so is one that is not its own. */
static int check_vocabulary(struct import *import)
{
	const struct checkpoint *checkpoint = &import->checkpoint;
	const size_t tokens = bpe_vocab_size(&checkpoint->bpe), rows = checkpoint->clip->config.text.vocab_size;
	const struct span mine = own(import, "vocabulary");
	struct err *err = &import->tool.err;

	if (checkpoint->vocabulary.size == 0)
		return 0;
	if (tokens != rows)
		return err_set(err, "--vocab: %s: has %zu tokens, but the model has rows for %zu: it is another model's", import->opt.vocabulary, tokens,
			rows);
	if (import->opt.vocabulary && mine.size && !span_equal(mine, checkpoint->vocabulary))
		return err_set(err, "--vocab: %s: is not the vocabulary that %s has already", import->opt.vocabulary, import->tool.arguments[0]);
	return 0;
}

static int read_vocabulary(struct import *import)
{
	if (import->opt.vocabulary)
		return tool_option_file(&import->tool, "vocab", import->opt.vocabulary, &import->vocabulary);
	buf_append_span(&import->vocabulary, own(import, "vocabulary"));
	return import->vocabulary.failed ? err_memory(&import->tool.err) : 0;
}

/* One of ours keeps its history. */
static int keep_history(struct import *import)
{
	struct checkpoint *checkpoint = &import->checkpoint;
	const struct limits limits = LIMITS_DEFAULT;
	const struct span text = own(import, "provenance");
	struct err *err = &import->tool.err;
	struct value old;

	if (text.size == 0)
		return 0;
	if (json_read(text, &limits, &checkpoint->arena, &old, err))
		return err_add(err, "%s: provenance", import->tool.arguments[0]);
	for (size_t i = 0; old.kind == VALUE_MAP && i < old.list.count; i++) {
		const struct value *pair = &old.list.items[2 * i];
		char *name = arena_string(&checkpoint->arena, pair[0].string.data, pair[0].string.size);
		if (!name || value_set(&checkpoint->header, name, pair[1], &checkpoint->arena))
			return err_memory(err);
	}
	return 0;
}

static int make_model(struct import *import)
{
	struct tool *tool = &import->tool;

	if (read_vocabulary(import) || set_pixels(import))
		return -1;
	if (checkpoint_new(&import->checkpoint, buf_span(&import->config), buf_span(&import->vocabulary), &tool->err))
		return err_add(&tool->err, "%s", import->opt.config ? import->opt.config : tool->arguments[0]);
	if (check_vocabulary(import))
		return -1;
	if (weight_places_check(&import->places, &import->checkpoint.clip->parameters, &tool->err))
		return err_add(&tool->err, "%s", tool->arguments[0]);
	return clip_allocate(import->checkpoint.clip, &tool->err) ||
		weight_places_read(&import->places, &import->checkpoint.clip->parameters, &tool->err) || keep_history(import) ||
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
