/* cc-model import: converts a published CLIP model. */
#include "formats/text/json.h"
#include "formats/tensor/weight_index.h"
#include "tools/model/import.h"
#include "tools/model/verbs.h"
#include "tools/cli/option_file.h"

#include <string.h>
#include <unistd.h>

static const char *const activations[] = { "gelu", "quick_gelu", NULL };

#define AT(member) offsetof(struct import_options, member)
static const struct option_spec options[] = {
	{ "config", OPTION_TEXT, AT(config), "FILE|NAME",
		"open_clip's open_clip_config.json, Hugging Face's config.json, or a published name such as ViT-B-32 or ViT-B-32-quickgelu "
		"(default: inferred from the tensors' shapes)",
		'c', .records = true, .input = true },
	{ "activation", OPTION_TEXT, AT(activation), "NAME",
		"without --config: gelu, or quick_gelu as in OpenAI's weights (default for TorchScript archives: quick_gelu)",
		.records = true, .choices = activations },
	{ "heads", OPTION_TEXT, AT(heads), "IMAGE,TEXT",
		"without --config: number of attention heads of each tower (default: that of the published architecture with these shapes)",
		.records = true },
	{ "preprocess", OPTION_TEXT, AT(preprocess), "FILE",
		"preprocessing: Hugging Face's preprocessor_config.json or processor_config.json, or open_clip's preprocess_cfg (default: that of "
		"--config, else one of these files in the folder of --config or WEIGHTS, else CLIP's)",
		.records = true, .input = true },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE",
		"vocabulary: " VOCABULARY_FORMS
		" (default: one of these in the folder of WEIGHTS; a model without one cannot read captions)",
		.records = true, .input = true },
	{ "prefix", OPTION_TEXT, AT(prefix), "PREFIX",
		"if WEIGHTS contains several models: common prefix of the tensor names of the one to import", .records = true },
	{ "resize-positions", OPTION_FLAG, AT(resize_positions), NULL,
		"resize position embeddings to the configuration's image size and context length, as open_clip does", .records = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model import",
	.summary = "convert a published CLIP model",
	.usage = "WEIGHTS -o FILE [--config FILE|NAME | --activation NAME] [--preprocess FILE] [--vocab FILE] [OPTION]...",
	.text = "WEIGHTS is a safetensors file, a PyTorch file (torch.save of a state dict or training checkpoint, or a TorchScript archive of "
		"OpenAI), or an index of several safetensors files (model.safetensors.index.json). Tensors may have the names of open_clip, OpenAI or "
		"Hugging Face's CLIPModel, with wrapper prefixes such as module. and _orig_mod., and may be F32, F16, BF16 or F64; they are written as "
		"F32. Code in a file is never run: a value that only code could produce is ignored, and a tensor that depends on one counts as "
		"missing.\n\n"
		"The import fails, with a list, if tensors are missing, unexpected, of another shape than the configuration requires, or not "
		"finite; or if the vocabulary does not have as many tokens as the model has rows. Tensors outside the model, such as an optimiser's, are "
		"listed and ignored. Each value in Hugging Face's config.json is used, or must equal what this program computes. The number of attention heads "
		"does not affect any shape; without a configuration it is that of the published architecture with the same shapes, or of --heads. The "
		"output loads in open_clip with the configuration that `cc-model config` prints.\n\n"
		"Preprocessing follows open_clip, with the model's own mean, std, size, interpolation and resize mode. When an odd number of pixels is "
		"cropped, Hugging Face starts one pixel earlier than open_clip; open_clip's position is used.",
	.example =
		"cc-model import ViT-B-32.pt --vocab bpe_simple_vocab_16e6.txt -o ViT-B-32.safetensors\n"
		"cc-model import model.safetensors --config config.json --preprocess preprocessor_config.json \\\n"
		"    --vocab bpe_simple_vocab_16e6.txt -o model.ours.safetensors\n"
		"cc-model import open_clip_model.safetensors --config open_clip_config.json --vocab bpe_simple_vocab_16e6.txt -o model.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.files = 1,
};

struct span import_own(const struct import *import, const char *name)
{
	return weights_metadata(&import->weights, name);
}

/* Token ids are rows of the embedding table, so the vocabulary must have as many tokens; a model that has a vocabulary accepts no other. */
static int check_vocabulary(struct import *import)
{
	const struct checkpoint *checkpoint = &import->checkpoint;
	const size_t tokens = bpe_vocab_size(&checkpoint->bpe), rows = checkpoint->clip->config.text.vocab_size;
	const struct span own = import_own(import, "vocabulary");
	struct err *err = &import->tool.err;

	if (checkpoint->vocabulary.size == 0)
		return 0;
	if (tokens != rows)
		return err_set(err, "--vocab: %s: has %zu tokens, but the model has %zu rows; it belongs to another model",
			import->opt.vocabulary, tokens, rows);
	if (import->opt.vocabulary && own.size && !span_equal(own, checkpoint->vocabulary))
		return err_set(err, "--vocab: %s: differs from the vocabulary in %s", import->opt.vocabulary, import->tool.arguments[0]);
	return 0;
}

static int read_vocabulary(struct import *import)
{
	struct tool *tool = &import->tool;

	if (!import->opt.vocabulary && import_own(import, "vocabulary").size) {
		buf_append_span(&import->vocabulary, import_own(import, "vocabulary"));
		return import->vocabulary.failed ? err_memory(&tool->err) : 0;
	}
	if (!import->opt.vocabulary && (import->opt.vocabulary = vocabulary_file_find(tool, tool->arguments[0])))
		options_give(&tool->options, "vocab", import->opt.vocabulary);
	if (tool->arena.failed)
		return err_memory(&tool->err);
	return import->opt.vocabulary ? vocabulary_file_read(tool, import->opt.vocabulary, &import->vocabulary) : 0;
}

/* Refuses one file of a model in several parts, which would fail with a list of missing tensors. */
static int check_part(struct import *import)
{
	struct tool *tool = &import->tool;
	const char *path = tool->arguments[0], *slash = strrchr(path, '/');
	unsigned part, parts;
	struct buf name = { 0 };

	if (!weight_index_is_part(slash ? slash + 1 : path, &part, &parts, &name))
		return 0;
	const char *index = sibling_path(&tool->arena, path, buf_string(&name));
	buf_free(&name);
	if (!index)
		return err_memory(&tool->err);
	return err_set(&tool->err, "%s: part %u of %u of a model; import %s%s instead", path, part, parts, index,
		access(index, F_OK) ? " (not found here)" : "");
}

static void list_others(struct import *import)
{
	struct buf list = { 0 };

	weight_places_others(&import->places, &list);
	if (list.size)
		tool_say(&import->tool, "%s: %s", import->tool.arguments[0], buf_string(&list));
	buf_free(&list);
}

/* A model written by cc-train or cc-model keeps its provenance. */
static int keep_history(struct import *import)
{
	struct checkpoint *checkpoint = &import->checkpoint;
	const struct limits limits = LIMITS_DEFAULT;
	const struct span text = import_own(import, "provenance");
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

	if (read_vocabulary(import) || import_pixels(import))
		return -1;
	if (checkpoint_new(&import->checkpoint, buf_span(&import->config), buf_span(&import->vocabulary), &tool->err))
		return err_add(&tool->err, "%s",
			import->checkpoint.vocabulary_failed && import->opt.vocabulary ? import->opt.vocabulary : import->config_path);
	if (check_vocabulary(import))
		return -1;
	if (weight_places_check(&import->places, &import->checkpoint.clip->parameters, import->opt.resize_positions, &tool->err))
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
	if (check_part(import) || weights_open(&import->weights, tool->arguments[0], &tool->err))
		return -1;
	if (weight_places_find(&import->places, &import->weights, import->opt.prefix, &tool->err))
		return err_add(&tool->err, "%s", tool->arguments[0]);
	list_others(import);
	return import_config(import) || make_model(import) || tool_output(tool, FILE_CHECKPOINT) ||
	       checkpoint_write(&import->checkpoint, tool->output.fd, &tool->err);
}

int model_import(int argc, char **argv)
{
	struct import import = { 0 };
	int status = tool_start(&import.tool, &about, &import.opt, argc, argv) || run(&import);

	weights_close(&import.weights);
	checkpoint_free(&import.checkpoint);
	weight_places_free(&import.places);
	buf_free(&import.config);
	buf_free(&import.vocabulary);
	return status ? tool_fail(&import.tool) : tool_finish(&import.tool);
}
