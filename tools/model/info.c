/* cc-model info: what a model is. */
#include "formats/json.h"
#include "tools/common/tool.h"
#include "tools/model/checkpoint.h"
#include "tools/model/verbs.h"

#include <math.h>
#include <stdio.h>

struct info_options {
	bool json;
};

static const struct option_spec options[] = {
	{ "json", OPTION_FLAG, offsetof(struct info_options, json), NULL, "one JSON object, with configuration and provenance" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model info",
	.summary = "what a model is, and how it was made",
	.usage = "MODEL [--json]",
	.text = "Reads the whole file, so that a damaged one is found.",
	.example = "cc-model info good.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
};

struct counts {
	size_t image, text, all;
};

static struct counts count(const struct parameters *set)
{
	struct counts counts = { 0 };

	for (size_t i = 0; i < set->count; i++) {
		const struct parameter *parameter = &set->items[i];
		size_t size = parameter->statistic ? 0 : tensor_size(parameter->tensor);
		counts.all += size;
		counts.image += parameter->part == PART_IMAGE ? size : 0;
		counts.text += parameter->part == PART_TEXT ? size : 0;
	}
	return counts;
}

static double logit_scale(const struct checkpoint *checkpoint)
{
	return exp((double)checkpoint->clip->logit_scale.data[0]);
}

static void put(struct tool *tool, struct value *map, const char *name, struct value value)
{
	value_set(map, name, value, &tool->arena);
}

static int print_json(struct tool *tool, const struct checkpoint *checkpoint, const char *digest)
{
	struct counts counts = count(&checkpoint->clip->parameters);
	struct value info = value_map(), parameters = value_map();
	struct buf text = { 0 };

	put(tool, &parameters, "image", value_integer((int64_t)counts.image));
	put(tool, &parameters, "text", value_integer((int64_t)counts.text));
	put(tool, &parameters, "all", value_integer((int64_t)counts.all));
	put(tool, &info, "digest", value_string(digest));
	put(tool, &info, "parameters", parameters);
	put(tool, &info, "logit_scale", json_rounded(logit_scale(checkpoint)));
	put(tool, &info, "vocabulary", value_integer((int64_t)(checkpoint->vocabulary.size ? bpe_vocab_size(&checkpoint->bpe) : 0)));
	put(tool, &info, "config", checkpoint->config);
	put(tool, &info, "provenance", checkpoint->header);
	int status = tool->arena.failed ? err_memory(&tool->err) : json_write_indented(&info, &text, &tool->err);
	if (status == 0)
		puts(buf_string(&text));
	buf_free(&text);
	return status;
}

static void print_lines(const struct checkpoint *checkpoint, const char *digest)
{
	const struct clip_config *config = &checkpoint->clip->config;
	struct counts counts = count(&checkpoint->clip->parameters);

	printf("digest       %s\n", digest);
	printf("image tower  %s, %zux%zu pixels, %zu parameters\n", config->tower->name, config->vision.image_size,
		config->vision.image_size, counts.image);
	printf("text tower   %zu layers of width %zu, %zu heads, %zu tokens, %zu parameters\n", config->text.layers,
		config->text.width, config->text.heads, config->text.context_length, counts.text);
	if (checkpoint->vocabulary.size)
		printf("vocabulary   %zu tokens\n", bpe_vocab_size(&checkpoint->bpe));
	else
		printf("vocabulary   none\n");
	printf("embedding    %zu numbers, logit scale %.4g\n", config->embed_dim, logit_scale(checkpoint));
	printf("in all       %zu parameters\n", counts.all);
}

int model_info(int argc, char **argv)
{
	struct info_options opt = { 0 };
	struct checkpoint checkpoint = { 0 };
	struct tool tool;
	char digest[33];
	int status = tool_start(&tool, &about, &opt, argc, argv);

	if (status == 0)
		status = checkpoint_read(&checkpoint, tool.arguments[0], &tool.err);
	if (status == 0) {
		digest_hex(checkpoint.digest, digest);
		if (opt.json)
			status = print_json(&tool, &checkpoint, digest);
		else
			print_lines(&checkpoint, digest);
	}
	checkpoint_free(&checkpoint);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
