#include "tools/model/import.h"

#include "clip/published.h"
#include "formats/text/json.h"
#include "formats/model/model_file.h"
#include "tools/cli/option_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --heads 12,8 */
static int read_heads(struct import *import, struct stated *stated)
{
	const char *text = import->opt.heads;
	unsigned image, tokens;
	int end = 0;

	if (!text)
		return 0;
	if (sscanf(text, "%5u,%5u%n", &image, &tokens, &end) != 2 || text[end] || image == 0 || tokens == 0)
		return tool_usage(&import->tool, "--heads: '%s' is not two positive numbers, IMAGE,TEXT", text);
	if ((stated->image.heads && stated->image.heads != image) || (stated->text.heads && stated->text.heads != tokens))
		return err_set(&import->tool.err, "--heads: %s, but the configuration has num_attention_heads %zu and %zu", text,
			stated->image.heads, stated->text.heads);
	stated->image.heads = image;
	stated->text.heads = tokens;
	return 0;
}

static void warn_of_guess(struct tool *tool, const struct weight_facts *facts)
{
	struct buf guess = { 0 };

	if (facts->image_guessed)
		buf_printf(&guess, "%zu of the image tower", facts->image_heads);
	if (facts->text_guessed)
		buf_printf(&guess, "%s%zu of the text tower", guess.size ? ", " : "", facts->text_heads);
	if (guess.size)
		tool_warn(tool,
			"warning: %s: the number of attention heads is a guess: %s; a wrong number gives wrong embeddings; set it with --config FILE "
			"or --heads IMAGE,TEXT",
			tool->arguments[0], buf_string(&guess));
	buf_free(&guess);
}

static int infer(struct import *import, struct weight_facts *facts)
{
	struct tool *tool = &import->tool;
	struct placed_shape *shapes = NULL;
	size_t count = 0;

	if (read_heads(import, &facts->stated))
		return -1;
	int status = weight_places_shapes(&import->places, &shapes, &count, &tool->err);
	buf_clear(&import->config);
	if (status == 0 && weight_config(&import->config, shapes, count, facts, &tool->err))
		status = err_add(&tool->err, "%s", tool->arguments[0]);
	free(shapes);
	if (status == 0)
		warn_of_guess(tool, facts);
	return status;
}

static int infer_unstated(struct import *import, bool quick_gelu)
{
	struct weight_facts facts = { .stated.quick_gelu = quick_gelu };

	return infer(import, &facts);
}

static int infer_from_hf(struct import *import, const struct value *json)
{
	struct tool *tool = &import->tool;
	struct weight_facts facts = { .hf = true };
	struct buf unused = { 0 };

	int status = hf_config_read(&facts.stated, json, &unused, &tool->err);
	if (status)
		err_add(&tool->err, "%s", import->opt.config);
	else if (unused.size)
		tool_say(tool, "%s: ignored, as in transformers' CLIPModel: %s", import->opt.config, buf_string(&unused));
	buf_free(&unused);
	if (status)
		return -1;
	if (import->opt.activation && facts.stated.quick_gelu != (strcmp(import->opt.activation, "quick_gelu") == 0))
		return err_set(&tool->err, "--activation: %s, but %s has another", import->opt.activation, import->opt.config);
	return infer(import, &facts);
}

/* --config: a file of either kind, or a published name. */
static int read_option(struct import *import)
{
	struct tool *tool = &import->tool;
	const struct limits limits = LIMITS_DEFAULT;
	struct value json;

	import->config_path = import->opt.config;
	if (model_config_option(tool, "config", import->opt.config, &import->config))
		return -1;
	if (json_read(buf_span(&import->config), &limits, &tool->arena, &json, &tool->err))
		return err_add(&tool->err, "%s", import->opt.config);
	if (hf_config_is(&json))
		return infer_from_hf(import, &json);
	return import->opt.heads || import->opt.activation
		       ? tool_usage(tool, "--%s: already set by %s", import->opt.heads ? "heads" : "activation", import->opt.config)
		       : 0;
}

/* A configuration in the folder of the weights, to suggest to the user. */
static const char *find_configuration(struct import *import)
{
	static const char *const names[] = { "open_clip_config.json", "config.json" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *path = sibling_path(&import->tool.arena, import->tool.arguments[0], names[i]);
		if (path && access(path, F_OK) == 0)
			return path;
	}
	return NULL;
}

int import_config(struct import *import)
{
	struct tool *tool = &import->tool;

	import->config_path = tool->arguments[0];
	if (import->opt.config)
		return read_option(import);
	if (!import->opt.activation && import_own(import, "config").size) {
		buf_append_span(&import->config, import_own(import, "config"));
		return import->config.failed ? err_memory(&tool->err) : 0;
	}
	if (import->opt.activation)
		return infer_unstated(import, strcmp(import->opt.activation, "quick_gelu") == 0);
	if (weights_are_scripted(&import->weights))
		return infer_unstated(import, true);
	const char *found = find_configuration(import);
	return tool_usage(tool,
		"%s: the activation cannot be inferred from shapes; use --config %s, or --activation gelu|quick_gelu (OpenAI's weights, and "
		"those trained from them, use quick_gelu)",
		tool->arguments[0], found ? found : "FILE");
}
