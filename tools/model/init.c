/* cc-model init: creates a model with random parameters. */
#include "formats/model/checkpoint.h"
#include "formats/model/model_file.h"
#include "tools/model/verbs.h"
#include "tools/cli/option_file.h"

struct init_options {
	const char *vocabulary;
};

static const struct option_spec options[] = {
	{ "vocab", OPTION_TEXT, offsetof(struct init_options, vocabulary), "FILE",
		"vocabulary of `cc-model vocab`, or CLIP's: " VOCABULARY_FORMS "; sets vocab_size if CONFIG does not", .records = true,
		.input = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model init",
	.summary = "create a model with random parameters from a configuration",
	.usage = "CONFIG -o FILE [--vocab FILE]",
	.text = "CONFIG is open_clip's JSON, or the name of a published architecture (ViT-B-32). Each parameter depends only on the seed and its "
		"name.",
	.example = "cc-model init pipelines/models/tiny.json --vocab vocab.txt -o new.safetensors\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.files = 1,
};

static int init(struct tool *tool, const struct init_options *opt, struct checkpoint *checkpoint)
{
	struct buf vocabulary = { 0 };
	struct err *err = &tool->err;
	struct model_file file;
	int status = model_file_read(&file, tool->arguments[0], err);

	if (status == 0 && !file.is_config)
		status = err_set(err, "%s: a model, not a configuration", tool->arguments[0]);
	if (status == 0 && opt->vocabulary)
		status = vocabulary_file_read(tool, opt->vocabulary, &vocabulary);
	if (status == 0 && checkpoint_new(checkpoint, buf_span(&file.config), buf_span(&vocabulary), err))
		status = err_add(err, "%s", checkpoint->vocabulary_failed ? opt->vocabulary : tool->arguments[0]);
	model_file_free(&file);
	buf_free(&vocabulary);
	if (status || clip_allocate(checkpoint->clip, err))
		return -1;
	clip_initialise(checkpoint->clip, tool->seed);
	return tool_append_prog(tool, &checkpoint->header);
}

int model_init(int argc, char **argv)
{
	struct init_options opt = { 0 };
	struct checkpoint checkpoint = { 0 };
	struct tool tool;
	int status = tool_start(&tool, &about, &opt, argc, argv);

	if (status == 0 && !tool.output_path)
		status = tool_usage(&tool, "-o FILE is missing");
	if (status == 0)
		status = init(&tool, &opt, &checkpoint) || tool_output(&tool, FILE_CHECKPOINT) ||
			 checkpoint_write(&checkpoint, tool.output.fd, &tool.err);
	checkpoint_free(&checkpoint);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
