/* cc-embed: embeddings of images, captions and class names. */
#include "nn/gemm.h"
#include "tools/embed/embed.h"
#include "formats/model/model_pixels.h"

#include <stddef.h>

#define AT(member) offsetof(struct embed_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "MODEL", "model to embed with (required)", 'm', .records = true, .input = true },
	{ "image", OPTION_FLAG, AT(image), NULL, "embed rgb.npy as image.npy", .records = true },
	{ "text", OPTION_FLAG, AT(text), NULL, "embed txt as text.npy, with one row for each caption of a list", .records = true },
	{ "keep", OPTION_FLAG, AT(keep), NULL, "keep the pixels, which are removed by default", 'k', .records = true },
	{ "raw", OPTION_FLAG, AT(raw), NULL,
		"do not normalise embeddings to length 1; required for the classifiers of `cc-train supervised`", .records = true },
	{ "batch", OPTION_COUNT, AT(batch), "N",
		"number of records per batch, 1 to 1048576 (default 256); can change the last bits of embeddings", 'b', .records = true,
		.min = 1, .max = 1 << 20 },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL, "accept pixels that were not preprocessed as the model's configuration asks",
		.records = true },
	{ "prompts", OPTION_TEXT, AT(prompts), "CLASSES", "embed the class names in CLASSES, one per line, instead of a stream", 'p',
		.records = true, .input = true },
	{ "templates", OPTION_TEXT, AT(templates), "FILE",
		"with --prompts: caption templates, one per line, each with {}; 'default' for CLIP's 80 (default: those of the model's "
		"training captions if it records them, or CLIP's 80)",
		.records = true, .input = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-embed",
	.summary = "embed images, captions and class names",
	.usage = "-m MODEL (--image | --text | --prompts CLASSES) [OPTION]... [RECORDS]",
	.text = "Adds the embeddings image.npy and text.npy, float32 vectors normalised to length 1 unless --raw is given. The header\n"
		"records the digest of the model.\n"
		"\n"
		"With --prompts the output has one record per class: its number in cls, its name in txt, and in text.npy the normalised\n"
		"mean of the embeddings of its filled templates. Underscores in names become spaces. Several classes may have the same\n"
		"name. The output is read by `cc-score --classes` and `cc-train supervised --classes`.",
	.example = "cc-embed -m good.safetensors --prompts classes.txt -o classes.emb\n"
		   "cc-shard read test.tar | cc-augment --size 32 | cc-embed -m good.safetensors --image |\n"
		   "    cc-score zeroshot --classes classes.emb\n",
	.options = options,
	.arguments_max = 1,
};

static int check(struct embed *embed)
{
	const struct embed_options *opt = &embed->opt;
	struct tool *tool = &embed->tool;

	if (!opt->model)
		return tool_usage(tool, "-m MODEL is missing");
	if (!opt->image && !opt->text && !opt->prompts)
		return tool_usage(tool, "nothing to embed: use --image, --text or both, or --prompts CLASSES");
	if (opt->prompts && (opt->image || opt->text || opt->keep || opt->raw || tool->argument_count))
		return tool_usage(tool, "--prompts reads no records and cannot be combined with --image, --text, --keep, --raw or RECORDS");
	if (opt->templates && !opt->prompts)
		return tool_usage(tool, "--templates needs --prompts");
	return 0;
}

/* prog shows the model's digest instead of its path. */
static int open_model(struct embed *embed)
{
	struct tool *tool = &embed->tool;
	char *hex = arena_zeroed(&tool->arena, 1, 33);

	if (!hex)
		return err_memory(&tool->err);
	if (checkpoint_read(&embed->checkpoint, embed->opt.model, &tool->err))
		return -1;
	if (parameters_check_finite(&embed->checkpoint.clip->parameters, &tool->err))
		return err_add(&tool->err, "%s", embed->opt.model);
	if (!embed->checkpoint.vocabulary.size && (embed->opt.text || embed->opt.prompts))
		return err_set(&tool->err, "%s: has no vocabulary and cannot embed text; `cc-model import --vocab FILE` adds one",
			embed->opt.model);
	digest_hex(embed->checkpoint.digest, hex);
	options_show(&tool->options, "model", hex);
	gemm_init(); /* before threads start */
	embed->pool = pool_new((size_t)tool->jobs, &tool->err);
	embed->tape = (struct tape){ .pool = embed->pool, .arena = &embed->arena };
	return embed->pool ? 0 : -1;
}

static int record_model(struct embed *embed)
{
	struct tool *tool = &embed->tool;
	char *hex = arena_zeroed(&tool->arena, 1, 33);

	if (!hex)
		return err_memory(&tool->err);
	digest_hex(embed->checkpoint.digest, hex);
	if (value_set(&tool->in.header, "model", value_string(hex), &tool->arena) ||
		(embed->opt.raw && value_set(&tool->in.header, "raw", value_bool(true), &tool->arena)))
		return err_memory(&tool->err);
	return 0;
}

static int run(struct embed *embed)
{
	struct tool *tool = &embed->tool;

	if (open_model(embed))
		return -1;
	if (embed->opt.prompts)
		return record_model(embed) || embed_prompts(embed) ? -1 : 0;
	if (tool_read(tool))
		return -1;
	if (embed->opt.image && !embed->opt.any_pixels &&
		model_pixels_check(&embed->checkpoint.pixels, &tool->in.header, embed->opt.model, &tool->err))
		return -1;
	return record_model(embed) || tool_write(tool) || embed_records(embed) ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct embed embed = { .opt = { .batch = 256 } };
	int status = tool_start(&embed.tool, &about, &embed.opt, argc, argv) || check(&embed) || run(&embed);

	checkpoint_free(&embed.checkpoint);
	arena_free(&embed.arena);
	pool_free(embed.pool);
	return status ? tool_fail(&embed.tool) : tool_finish(&embed.tool);
}
