/* cc-model mix: interpolates the parameters of two models. */
#include "clip/arithmetic.h"
#include "formats/model/checkpoint.h"
#include "formats/text/json.h"
#include "tools/model/verbs.h"
#include "tools/cli/tool.h"

#include <string.h>

struct mix_options {
	double weight, image, text;
};

#define AT(member) offsetof(struct mix_options, member)
static const struct option_spec options[] = {
	{ "weight", OPTION_REAL, AT(weight), "W", "weight of TO, from -10 to 10 (default .5); FROM gets 1 - W", 'w', .records = true,
		.min = -10, .max = 10 },
	{ "image-weight", OPTION_REAL, AT(image), "W", "weight of TO in the image tower (default: --weight)", .records = true, .min = -10,
		.max = 10 },
	{ "text-weight", OPTION_REAL, AT(text), "W", "weight of TO in the text tower (default: --weight)", .records = true, .min = -10,
		.max = 10 },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model mix",
	.summary = "interpolate or extrapolate the parameters of two models",
	.usage = "FROM TO [--weight W] -o FILE",
	.text = "Each parameter becomes (1 - W) FROM + W TO. With W between 0 and 1 this is weight interpolation (WiSE-FT): a model that was "
		"fine-tuned too far is pulled back towards the one it started from. Above 1 it goes further in the same direction, below 0 in the "
		"opposite one: if TO was fine-tuned from FROM on poisoned pairs alone, a negative weight subtracts what it learnt.\n\n"
		"Both models need the same architecture, vocabulary and preprocessing. Running statistics of batch norms are interpolated with W "
		"limited to 0..1, and fit the new parameters only approximately: `cc-model recalibrate` computes them from data.\n\n"
		"The result keeps the provenance of both models.",
	.example = "cc-model mix bad.safetensors good.safetensors --weight .7 -o mixed.safetensors\n",
	.options = options,
	.arguments_min = 2,
	.arguments_max = 2,
	.files = 2,
};

struct mix {
	struct tool tool;
	struct mix_options opt;
	struct checkpoint from, to;
};

static int read_model(struct mix *mix, struct checkpoint *checkpoint, const char *path)
{
	struct err *err = &mix->tool.err;

	if (checkpoint_read(checkpoint, path, err))
		return -1;
	return parameters_check_finite(&checkpoint->clip->parameters, err) ? err_add(err, "%s", path) : 0;
}

/* What would make the result's tokens or pixels those of only one of the two. */
static int check_same(struct mix *mix)
{
	const char *from = mix->tool.arguments[0], *to = mix->tool.arguments[1];
	const struct clip_config *a = &mix->from.clip->config, *b = &mix->to.clip->config;
	char was[PREPROCESS_TEXT], is[PREPROCESS_TEXT];

	if (span_compare(mix->from.vocabulary, mix->to.vocabulary) != 0)
		return err_set(&mix->tool.err, "%s and %s have different vocabularies: their text towers cannot be mixed", from, to);
	preprocess_text(&mix->from.pixels, was);
	preprocess_text(&mix->to.pixels, is);
	if (strcmp(was, is) != 0)
		return err_set(&mix->tool.err, "%s and %s take different pixels (%s; %s)", from, to, was, is);
	if (memcmp(a->mean, b->mean, sizeof a->mean) != 0 || memcmp(a->std, b->std, sizeof a->std) != 0)
		return err_set(&mix->tool.err, "%s and %s normalise pixels with different means or standard deviations", from, to);
	return 0;
}

/* The provenance of both; captions are described by the templates of the first. */
static int set_header(struct mix *mix)
{
	struct arena *arena = &mix->tool.arena;
	const struct value *templates = value_get(&mix->from.header, "templates");
	struct value header = value_map();

	value_set(&header, "cc", value_integer(1), arena);
	value_set(&header, "from", checkpoint_origin(&mix->from, arena), arena);
	value_set(&header, "to", checkpoint_origin(&mix->to, arena), arena);
	if (templates)
		value_set(&header, "templates", *templates, arena);
	if (arena->failed || tool_append_prog(&mix->tool, &header))
		return err_memory(&mix->tool.err);
	mix->from.header = header;
	return 0;
}

static int run(struct mix *mix)
{
	struct tool *tool = &mix->tool;
	const struct mix_options *opt = &mix->opt;
	const struct mix_weights weights = {
		.image = options_given(&tool->options, "image-weight") ? opt->image : opt->weight,
		.text = options_given(&tool->options, "text-weight") ? opt->text : opt->weight,
		.logit_scale = opt->weight,
	};

	if (!tool->output_path)
		return tool_usage(tool, "-o FILE is missing");
	if (read_model(mix, &mix->from, tool->arguments[0]) || read_model(mix, &mix->to, tool->arguments[1]) || check_same(mix))
		return -1;
	if (clip_mix(mix->from.clip, mix->to.clip, &weights, &tool->err))
		return err_add(&tool->err, "%s, %s", tool->arguments[0], tool->arguments[1]);
	return set_header(mix) || tool_output(tool, FILE_CHECKPOINT) || checkpoint_write(&mix->from, tool->output.fd, &tool->err);
}

int model_mix(int argc, char **argv)
{
	struct mix mix = { .opt = { .weight = .5 } };
	const int status = tool_start(&mix.tool, &about, &mix.opt, argc, argv) || run(&mix);

	checkpoint_free(&mix.from);
	checkpoint_free(&mix.to);
	return status ? tool_fail(&mix.tool) : tool_finish(&mix.tool);
}
