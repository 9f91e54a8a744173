#include "tools/model/import.h"

#include "clip/published.h"
#include "formats/model/model_file.h"
#include "formats/model/model_pixels.h"
#include "formats/stream/file_magic.h"
#include "formats/stream/io.h"
#include "formats/text/json.h"
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
		return err_set(&tool->err, "--activation: %s contradicts %s", import->opt.activation, import->opt.config);
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

static int read_preprocess_file(struct import *import, const char *path, struct value *json)
{
	struct tool *tool = &import->tool;
	const struct limits limits = LIMITS_DEFAULT;
	struct buf text = { 0 };
	int status = 0;

	if (io_read_file(path, limits.record, &text, &tool->err)) {
		buf_free(&text);
		return -1;
	}
	const struct file_magic *magic = file_magic(buf_span(&text));
	if (magic && magic->magic != MAGIC_JSON)
		status = file_magic_refuse_model(buf_span(&text), "a preprocessing configuration (JSON)", &tool->err);
	else
		status = json_read(buf_span(&text), &limits, &tool->arena, json, &tool->err);
	if (status)
		err_add(&tool->err, "%s", path);
	buf_free(&text);
	return status;
}

/* Accepts each of the three forms.  *found: false if the file has no preprocessing settings. */
static int convert(struct import *import, const struct value *json, struct value *pixels, bool *found)
{
	const struct value *part = hf_pixels_of(json), *cfg = value_get(json, "preprocess_cfg");

	*found = true;
	if (part)
		return hf_pixels(pixels, part, &import->tool.arena, &import->tool.err);
	*found = cfg || !value_get(json, "processor_class");
	*pixels = cfg ? *cfg : *json;
	return 0;
}

/* --preprocess. */
static int read_preprocess_option(struct import *import, struct value *pixels)
{
	struct tool *tool = &import->tool;
	const char *path = import->opt.preprocess;
	struct buf text = { 0 };
	struct value json;
	bool found = false;

	int status = tool_option_file(tool, "preprocess", path, &text); /* records its digest in prog */
	buf_free(&text);
	if (status || read_preprocess_file(import, path, &json))
		return -1;
	if (convert(import, &json, pixels, &found))
		return err_add(&tool->err, "%s", path);
	return found ? 0 : err_set(&tool->err, "%s: has no image_processor", path);
}

static const char *const preprocess_names[] = { "processor_config.json", "preprocessor_config.json" };

/* Looks for Hugging Face's files in the folder of `sibling`: transformers 5 writes processor_config.json, earlier versions
 * preprocessor_config.json.  If both have the settings, they must agree.  *path: the file found, or NULL. */
static int find_in_folder_of(struct import *import, const char *sibling, const char **path, struct value *pixels)
{
	struct tool *tool = &import->tool;
	struct value json, other;
	bool found = false;

	*path = NULL;
	for (size_t i = 0; i < sizeof preprocess_names / sizeof *preprocess_names; i++) {
		const char *name = sibling_path(&tool->arena, sibling, preprocess_names[i]);
		if (!name)
			return err_memory(&tool->err);
		if (access(name, F_OK))
			continue;
		if (read_preprocess_file(import, name, &json))
			return -1;
		if (convert(import, &json, *path ? &other : pixels, &found))
			return err_add(&tool->err, "%s", name);
		if (found && *path && !value_equal(&other, pixels))
			return err_set(&tool->err, "%s and %s disagree; choose one with --preprocess FILE", *path, name);
		if (found && !*path)
			*path = name;
	}
	return 0;
}

static int set_preprocess(struct import *import, const struct value *pixels)
{
	struct tool *tool = &import->tool;
	const struct limits limits = LIMITS_DEFAULT;
	struct value old, new = value_map();

	if (json_read(buf_span(&import->config), &limits, &tool->arena, &old, &tool->err))
		return err_add(&tool->err, "%s", import->config_path);
	for (size_t i = 0; old.kind == VALUE_MAP && i < old.list.count; i++) {
		const struct value *pair = &old.list.items[2 * i];
		char *name = arena_string(&tool->arena, pair[0].string.data, pair[0].string.size);
		if (!name || value_set(&new, name, pair[1], &tool->arena))
			return err_memory(&tool->err);
	}
	if (value_set(&new, "preprocess_cfg", *pixels, &tool->arena))
		return err_memory(&tool->err);
	buf_clear(&import->config);
	return json_write(&new, &import->config, &tool->err);
}

/* Whether the configuration has preprocessing settings.  Those of a published name do not count: the weights may have been trained with
 * others. */
static int has_pixels(struct import *import, bool *has)
{
	struct tool *tool = &import->tool;
	const struct limits limits = LIMITS_DEFAULT;
	struct value config;

	if (json_read(buf_span(&import->config), &limits, &tool->arena, &config, &tool->err))
		return err_add(&tool->err, "%s", import->config_path);
	*has = value_get(&config, "preprocess_cfg") && (!import->opt.config || access(import->opt.config, F_OK) == 0);
	return 0;
}

int import_pixels(struct import *import)
{
	struct tool *tool = &import->tool;
	const bool openai = weights_are_scripted(&import->weights) && !import->opt.config;
	const char *path = NULL;
	struct value pixels;
	bool has = false;

	if (import->opt.preprocess)
		return read_preprocess_option(import, &pixels) || set_preprocess(import, &pixels) ? -1 : 0;
	if (has_pixels(import, &has))
		return -1;
	if (has || openai)
		return 0;
	if (import->opt.config && find_in_folder_of(import, import->opt.config, &path, &pixels))
		return -1;
	if (!path && find_in_folder_of(import, tool->arguments[0], &path, &pixels))
		return -1;
	if (path) {
		import->opt.preprocess = path;
		options_give(&tool->options, "preprocess", path);
		return read_preprocess_option(import, &pixels) || set_preprocess(import, &pixels) ? -1 : 0;
	}
	tool_say(tool,
		"%s: no %s or %s in its folder; assuming CLIP's preprocessing (bicubic, shorter side to the image size, center crop, CLIP's mean "
		"and std); --preprocess FILE sets another",
		import->config_path, preprocess_names[1], preprocess_names[0]);
	return 0;
}
