#include "tools/model/import.h"

#include "formats/stream/file_magic.h"
#include "formats/text/json.h"
#include "formats/stream/io.h"
#include "tools/cli/option_file.h"
#include "formats/model/model_pixels.h"

#include <string.h>
#include <unistd.h>

static int read_file(struct import *import, const char *path, struct value *json)
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
static int read_option(struct import *import, struct value *pixels)
{
	struct tool *tool = &import->tool;
	const char *path = import->opt.preprocess;
	struct buf text = { 0 };
	struct value json;
	bool found = false;

	int status = tool_option_file(tool, "preprocess", path, &text); /* records its digest in prog */
	buf_free(&text);
	if (status || read_file(import, path, &json))
		return -1;
	if (convert(import, &json, pixels, &found))
		return err_add(&tool->err, "%s", path);
	return found ? 0 : err_set(&tool->err, "%s: has no image_processor", path);
}

static const char *const names[] = { "processor_config.json", "preprocessor_config.json" };

/* Looks for Hugging Face's files in the folder of `sibling`: transformers 5 writes processor_config.json, earlier versions
 * preprocessor_config.json.  If both have the settings, they must agree.  *path: the file found, or NULL. */
static int find_in_folder_of(struct import *import, const char *sibling, const char **path, struct value *pixels)
{
	struct tool *tool = &import->tool;
	struct value json, other;
	bool found = false;

	*path = NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *name = sibling_path(&tool->arena, sibling, names[i]);
		if (!name)
			return err_memory(&tool->err);
		if (access(name, F_OK))
			continue;
		if (read_file(import, name, &json))
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

static int set(struct import *import, const struct value *pixels)
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
		return read_option(import, &pixels) || set(import, &pixels) ? -1 : 0;
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
		return read_option(import, &pixels) || set(import, &pixels) ? -1 : 0;
	}
	tool_say(tool,
		"%s: no %s or %s in its folder; assuming CLIP's preprocessing (bicubic, shorter side to the image size, center crop, CLIP's mean "
		"and std); --preprocess FILE sets another",
		import->config_path, names[1], names[0]);
	return 0;
}
