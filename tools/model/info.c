/* cc-model info: describes a model: towers, parameters, cost, memory. */
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
	bool json, table;
};

static const struct option_spec options[] = {
	{ "batch", OPTION_COUNT, offsetof(struct info_options, batch), "N",
		"number of records per training step for the memory estimate, 1 to 65536 (default 64)", 'b', .min = 1, .max = 65536 },
	{ "json", OPTION_FLAG, offsetof(struct info_options, json), NULL,
		"print JSON, with configuration and provenance (default unless standard output is a terminal)" },
	{ "table", OPTION_FLAG, offsetof(struct info_options, table), NULL, "print a table (default on a terminal)" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model info",
	.summary = "describe a model: towers, parameters, cost, memory",
	.usage = "MODEL|CONFIG [OPTION]...",
	.text = "Reads the whole file of a model and so detects damage. For a configuration (open_clip's JSON), describes the model that it "
		"defines. Prints a table on a terminal and JSON otherwise.\n\n"
		"GFLOP is the cost of the matrix products in the forward pass of one image or one text, with a multiplication and addition counted "
		"as two operations. Texts are assumed to fill the context; shorter ones cost less. Memory is that of a training step of each recipe, "
		"without and with --recompute: parameters, gradients, AdamW's moments, and activations kept for the backward pass. Shorter captions "
		"and --accumulate need less.",
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

/* The templates of the captions that the model was trained on. */
static void print_templates(struct text_table *table, const struct checkpoint *checkpoint)
{
	struct templates templates;
	struct buf text = { 0 };
	struct err err;

	const int state = templates_from_value(&templates, value_get(&checkpoint->header, "templates"), &err);
	if (state > 0)
		templates_describe(&text, &templates, NULL);
	else if (state < 0)
		buf_append_string(&text, err.text);
	if (text.size) {
		text_table_format(table, "captions");
		text_table_cell(table, buf_span(&text));
	}
	templates_free(&templates);
	buf_free(&text);
}

static void print_facts(const struct info *info, struct buf *out)
{
	static const struct text_table_column columns[] = { { .width = 10 }, { 0 } };
	const struct checkpoint *checkpoint = &info->checkpoint;
	struct text_table table;

	text_table_init(&table, columns, 2);
	if (!info->is_config) {
		text_table_format(&table, "digest");
		text_table_format(&table, "%s", info->digest);
	}
	text_table_format(&table, "embedding");
	if (info->is_config)
		text_table_format(&table, "%zu numbers", checkpoint->clip->config.embed_dim);
	else
		text_table_format(&table, "%zu numbers, logit scale %.4g", checkpoint->clip->config.embed_dim, logit_scale(checkpoint));
	text_table_format(&table, "vocabulary");
	if (checkpoint->vocabulary.size)
		text_table_format(&table, "%zu tokens", bpe_vocab_size(&checkpoint->bpe));
	else
		text_table_format(&table, "none");
	print_templates(&table, checkpoint);
	text_table_print(&table, out);
}

static void print_towers(const struct info *info, struct buf *out)
{
	static const struct text_table_column columns[] = { { .width = 10 }, { .right = true }, { .right = true }, { 0 } };
	const struct clip_config *config = &info->checkpoint.clip->config;
	const struct counts counts = count(&info->checkpoint.clip->parameters);
	char pixels[PREPROCESS_TEXT];
	struct text_table table;

	text_table_init(&table, columns, 4);
	text_table_row(&table, "tower", "parameters", "GFLOP", "");
	text_table_format(&table, "image");
	text_table_format(&table, "%zu", counts.image);
	text_table_format(&table, "%.3g", info->cost.image * 1e-9);
	text_table_format(&table, "%s, %s", config->tower->name, preprocess_text(&info->checkpoint.pixels, pixels));
	text_table_format(&table, "text");
	text_table_format(&table, "%zu", counts.text);
	text_table_format(&table, "%.3g", info->cost.text * 1e-9);
	text_table_format(&table, "layers %zu, width %zu, heads %zu, tokens %zu", config->text.layers, config->text.width,
		config->text.heads, config->text.context_length);
	text_table_format(&table, "all");
	text_table_format(&table, "%zu", counts.all);
	text_table_row(&table, "", "");
	text_table_print(&table, out);
}

static void print_memory(const struct info *info, struct buf *out)
{
	static const struct text_table_column columns[] = { { .width = 10 }, { .right = true, .width = 10 },
		{ .right = true, .width = 11 } };
	struct text_table table;

	text_table_init(&table, columns, 3);
	buf_printf(out, "memory of a training step of %zu records\n", (size_t)info->opt.batch);
	text_table_row(&table, "recipe", "default", "--recompute");
	for (size_t i = 0; i < info->cost.recipe_count; i++) {
		const struct cost_recipe *entry = &info->cost.recipes[i];
		text_table_format(&table, "%s", entry->recipe->name);
		text_table_format(&table, "%.3g GB", (double)entry->bytes * 1e-9);
		text_table_format(&table, "%.3g GB", (double)entry->bytes_recompute * 1e-9);
	}
	text_table_print(&table, out);
}

static int print_tables(struct info *info)
{
	struct buf out = { 0 };

	print_facts(info, &out);
	buf_append_byte(&out, '\n');
	print_towers(info, &out);
	buf_append_byte(&out, '\n');
	print_memory(info, &out);
	const int status = out.failed ? err_memory(&info->tool.err) : tool_print(&info->tool, buf_span(&out));
	buf_free(&out);
	return status;
}

/* A configuration becomes a model without values; a model is read completely. */
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
	if (info->opt.json && info->opt.table)
		return tool_usage(&info->tool, "--json and --table cannot be combined");
	return info->opt.table || (!info->opt.json && tool_prints_to_terminal(&info->tool)) ? print_tables(info) : print_json(info);
}

int model_info(int argc, char **argv)
{
	struct info info = { .opt = { .batch = 64 } };
	int status = tool_start(&info.tool, &about, &info.opt, argc, argv) || run(&info);

	checkpoint_free(&info.checkpoint);
	return status ? tool_fail(&info.tool) : tool_finish(&info.tool);
}
