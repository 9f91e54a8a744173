/* cc-model info: what a model is. */
#include "formats/text/json.h"
#include "image/preprocess.h"
#include "text/printable.h"
#include "text/template.h"
#include "tools/cli/print.h"
#include "formats/model/checkpoint.h"
#include "train/cost.h"
#include "formats/model/model_file.h"
#include "tools/model/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct info_options {
	uint64_t batch;
	bool json;
};

static const struct option_spec options[] = {
	{ "batch", OPTION_COUNT, offsetof(struct info_options, batch), "N",
		"tell the memory for training with N records in a step (default 64)", 'b', .min = 1, .max = 65536 },
	{ "json", OPTION_FLAG, offsetof(struct info_options, json), NULL, "one JSON object, with configuration and provenance" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model info",
	.summary = "what a model is, and how it was made",
	.usage = "MODEL|CONFIG [OPTION]...",
	.text = "Of a model the whole file is read, so that a damaged one is found. Of a configuration (open_clip's JSON) the model is told that it "
		"describes.\n\n"
		"GFLOP count the products of matrices, two for a multiplication and its addition, forward; a text is as long as it may be, and one "
		"that ends earlier costs less. The memory is what a training holds: parameters, gradients, AdamW's moments, and what the backward "
		"needs of the forward, for `cc-train clip` and, with two views of all, `cc-train cleanclip`, without --recompute and with it; shorter captions and "
		"--accumulate need less.",
	.example = "cc-model info good.safetensors\ncc-model info --batch 32 pipelines/models/RN50.json\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.files = 1,
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

struct info {
	struct tool tool;
	struct info_options opt;
	struct checkpoint checkpoint;
	struct cost cost;
	bool is_config;
	char digest[33];
};

static double logit_scale(const struct checkpoint *checkpoint)
{
	return exp((double)checkpoint->clip->logit_scale.data[0]);
}

static void put(struct tool *tool, struct value *map, const char *name, struct value value)
{
	value_set(map, name, value, &tool->arena);
}

/* "bytes_cleanclip", "bytes_cleanclip_recompute" */
static void put_bytes(struct value *map, const char *recipe, const char *suffix, size_t bytes, struct arena *arena)
{
	char name[64];
	const int size = snprintf(name, sizeof name, "bytes_%s%s", recipe, suffix);
	const char *copy = arena_string(arena, name, (size_t)size);

	if (copy)
		value_set(map, copy, value_integer((int64_t)bytes), arena);
}

static struct value cost_value(const struct info *info, struct arena *arena)
{
	struct value map = value_map();

	value_set(&map, "flop_image", value_real(info->cost.image), arena);
	value_set(&map, "flop_text", value_real(info->cost.text), arena);
	value_set(&map, "batch", value_integer((int64_t)info->opt.batch), arena);
	for (size_t i = 0; i < info->cost.recipe_count; i++) {
		const struct cost_recipe *entry = &info->cost.recipes[i];
		put_bytes(&map, entry->recipe->name, "", entry->bytes, arena);
		put_bytes(&map, entry->recipe->name, "_recompute", entry->bytes_recompute, arena);
	}
	return map;
}

static int print_json(struct info *info)
{
	struct tool *tool = &info->tool;
	const struct checkpoint *checkpoint = &info->checkpoint;
	struct counts counts = count(&checkpoint->clip->parameters);
	struct value map = value_map(), parameters = value_map();
	struct buf text = { 0 };

	put(tool, &parameters, "image", value_integer((int64_t)counts.image));
	put(tool, &parameters, "text", value_integer((int64_t)counts.text));
	put(tool, &parameters, "all", value_integer((int64_t)counts.all));
	if (!info->is_config)
		put(tool, &map, "digest", value_string(info->digest));
	put(tool, &map, "parameters", parameters);
	put(tool, &map, "cost", cost_value(info, &tool->arena));
	if (!info->is_config)
		put(tool, &map, "logit_scale", json_rounded(logit_scale(checkpoint)));
	put(tool, &map, "vocabulary", value_integer((int64_t)(checkpoint->vocabulary.size ? bpe_vocab_size(&checkpoint->bpe) : 0)));
	if (value_get(&checkpoint->header, "templates"))
		put(tool, &map, "templates", *value_get(&checkpoint->header, "templates"));
	put(tool, &map, "config", checkpoint->config);
	put(tool, &map, "provenance", checkpoint->header);
	int status = tool->arena.failed ? err_memory(&tool->err) : json_write_indented(&map, &text, &tool->err);
	buf_append_byte(&text, '\n');
	if (status == 0)
		status = text.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&text));
	buf_free(&text);
	return status;
}

/* Of the captions that it was trained on: what `cc-embed --prompts` fills with class names. */
static void print_templates(const struct checkpoint *checkpoint)
{
	struct templates templates;
	struct buf text = { 0 }, line = { 0 };
	struct err err;

	const int state = templates_from_value(&templates, value_get(&checkpoint->header, "templates"), &err);
	if (state > 0)
		templates_describe(&text, &templates, NULL);
	else if (state < 0)
		buf_append_string(&text, err.text);
	append_printable(&line, buf_span(&text));
	if (line.size)
		printf("captions     %s\n", buf_string(&line));
	templates_free(&templates);
	buf_free(&text);
	buf_free(&line);
}

static void print_lines(const struct info *info)
{
	const struct checkpoint *checkpoint = &info->checkpoint;
	const struct clip_config *config = &checkpoint->clip->config;
	struct counts counts = count(&checkpoint->clip->parameters);
	char pixels[PREPROCESS_TEXT];

	if (!info->is_config)
		printf("digest       %s\n", info->digest);
	printf("image tower  %s, %s, %zu parameters, %.3g GFLOP an image\n", config->tower->name,
		preprocess_text(&checkpoint->pixels, pixels), counts.image, info->cost.image * 1e-9);
	printf("text tower   %zu layers of width %zu, %zu heads, %zu tokens, %zu parameters, %.3g GFLOP a text\n", config->text.layers,
		config->text.width, config->text.heads, config->text.context_length, counts.text, info->cost.text * 1e-9);
	if (checkpoint->vocabulary.size)
		printf("vocabulary   %zu tokens\n", bpe_vocab_size(&checkpoint->bpe));
	else
		printf("vocabulary   none\n");
	print_templates(checkpoint);
	printf("embedding    %zu numbers", config->embed_dim);
	if (!info->is_config)
		printf(", logit scale %.4g", logit_scale(checkpoint));
	printf("\nin all       %zu parameters\n", counts.all);
	printf("training     memory of a step of %zu records, and with --recompute\n", (size_t)info->opt.batch);
	for (size_t i = 0; i < info->cost.recipe_count; i++) {
		const struct cost_recipe *entry = &info->cost.recipes[i];
		printf("  %-10s %.3g GB, %.3g GB\n", entry->recipe->name, (double)entry->bytes * 1e-9,
			(double)entry->bytes_recompute * 1e-9);
	}
}

/* Of a configuration a model is made, of a model all of it is read. */
static int read_model(struct info *info, const char *path)
{
	struct checkpoint *checkpoint = &info->checkpoint;
	struct err *err = &info->tool.err;
	struct model_file file;

	int status = model_file_read(&file, path, err);
	info->is_config = file.is_config;
	if (status == 0 && file.is_config && checkpoint_new(checkpoint, buf_span(&file.config), span_of(NULL, 0), err))
		status = err_add(err, "%s", path);
	model_file_free(&file);
	if (status)
		return -1;
	return info->is_config ? clip_allocate(checkpoint->clip, err) : checkpoint_read(checkpoint, path, err);
}

static int run(struct info *info)
{
	const char *path = info->tool.arguments[0];
	struct err *err = &info->tool.err;

	if (read_model(info, path))
		return -1;
	digest_hex(info->checkpoint.digest, info->digest);
	if (cost_of(&info->cost, &info->checkpoint.clip->config, (size_t)info->opt.batch, err))
		return -1;
	if (info->opt.json)
		return print_json(info);
	print_lines(info);
	return 0;
}

int model_info(int argc, char **argv)
{
	struct info info = { .opt = { .batch = 64 } };
	int status = tool_start(&info.tool, &about, &info.opt, argc, argv) || run(&info);

	checkpoint_free(&info.checkpoint);
	return status ? tool_fail(&info.tool) : tool_finish(&info.tool);
}
