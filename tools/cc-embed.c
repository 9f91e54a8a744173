/* cc-embed: images, captions and class names become vectors. */
#include "nn/gemm.h"
#include "tools/embed/embed.h"
#include "formats/model/model_pixels.h"

#include <stddef.h>

#define AT(member) offsetof(struct embed_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "MODEL", "what embeds", 'm', .records = true, .input = true },
	{ "image", OPTION_FLAG, AT(image), NULL, "rgb.npy becomes image.npy", .records = true },
	{ "text", OPTION_FLAG, AT(text), NULL, "txt becomes text.npy; a list of captions becomes a row for each", .records = true },
	{ "keep", OPTION_FLAG, AT(keep), NULL, "keep the pixels, which are dropped otherwise", 'k', .records = true },
	{ "raw", OPTION_FLAG, AT(raw), NULL, "features as they are, not of length 1: what a supervised head takes", .records = true },
	{ "batch", OPTION_COUNT, AT(batch), "N", "records at a time (default 256); may change the last bits", 'b', .records = true,
		.min = 1, .max = 1 << 20 },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL,
		"also what was resized or cropped otherwise than the model's configuration asks for", .records = true },
	{ "prompts", OPTION_TEXT, AT(prompts), "CLASSES", "embed the class names in this file, one a line, in place of a stream", 'p',
		.records = true, .input = true },
	{ "templates", OPTION_TEXT, AT(templates), "FILE",
		"with --prompts: caption templates, one a line, each with a {}, or 'default' for CLIP's 80 (default: those of the captions "
		"that the model was trained on, as it names them; else CLIP's 80)",
		.records = true, .input = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-embed",
	.summary = "vectors for images, captions and class names",
	.usage = "-m MODEL (--image | --text | --prompts CLASSES) [OPTION]... [RECORDS]",
	.text = "image.npy and text.npy are float32, of length 1 unless --raw is given; the header says by which model.\n"
		"\n"
		"With --prompts each class is one record: its number in cls, its name in txt, and in text.npy the direction of the\n"
		"mean of its templates' vectors; underscores in names become spaces. Two classes may have one name. `cc-score --classes` and `cc-train supervised --classes` take it.",
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
		return tool_usage(tool, "give --image, --text or both, or --prompts CLASSES");
	if (opt->prompts && (opt->image || opt->text || opt->keep || opt->raw || tool->argument_count))
		return tool_usage(tool, "--prompts reads no records: --image, --text, --keep, --raw and a file do not go with it");
	if (opt->templates && !opt->prompts)
		return tool_usage(tool, "--templates belongs to --prompts");
	return 0;
}

/* The digest stands for the path, in prog and for those who must know which model it was. */
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
		return err_set(&tool->err,
			"%s: has no vocabulary, so that it cannot take texts (`cc-model import --vocab FILE` gives it one)",
			embed->opt.model);
	digest_hex(embed->checkpoint.digest, hex);
	options_show(&tool->options, "model", hex);
	gemm_init(); /* before there are threads */
	embed->pool = pool_new((size_t)tool->jobs, &tool->err);
	embed->tape = (struct tape){ .pool = embed->pool, .arena = &embed->arena };
	return embed->pool ? 0 : -1;
}

static int name_model(struct embed *embed)
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
		return name_model(embed) || embed_prompts(embed) ? -1 : 0;
	if (tool_read(tool))
		return -1;
	if (embed->opt.image && !embed->opt.any_pixels &&
		model_pixels_check(&embed->checkpoint.pixels, &tool->in.header, embed->opt.model, &tool->err))
		return -1;
	return name_model(embed) || tool_write(tool) || embed_records(embed) ? -1 : 0;
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
