/* cc-model config: prints a model's configuration as open_clip's JSON. */
#include "formats/text/json.h"
#include "tools/cli/print.h"
#include "formats/model/checkpoint.h"
#include "formats/model/model_file.h"
#include "tools/model/verbs.h"

#include "image/preprocess.h"

#include <string.h>

static const struct option_spec options[] = {
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model config",
	.summary = "print a model's configuration as open_clip's JSON",
	.usage = "MODEL|CONFIG [-o FILE]",
	.text = "Prints the file that open_clip calls open_clip_config.json: model_cfg, and preprocess_cfg with all preprocessing settings. "
		"Only the metadata of a model file is read. In a configuration, missing preprocessing settings are filled with their "
		"defaults.\n\n"
		"open_clip loads a folder that contains this file and the model as open_clip_model.safetensors under the name "
		"local-dir:FOLDER.",
	.example = "mkdir cleaned\n"
		   "cc-model config good.safetensors -o cleaned/open_clip_config.json\n"
		   "cp good.safetensors cleaned/open_clip_model.safetensors\n"
		   "python3 -c 'import open_clip; model = open_clip.create_model(\"local-dir:cleaned\")'\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.files = 1,
};

/* Copies a given list digit for digit. */
static int put_three(struct value *map, const char *name, const struct value *given, const float three[3], struct arena *arena)
{
	struct value list = value_array();

	if (given && given->kind == VALUE_ARRAY)
		return value_set(map, name, *given, arena);
	for (size_t i = 0; i < 3; i++)
		if (value_push(&list, json_rounded((double)three[i]), arena))
			return -1;
	return value_set(map, name, list, arena);
}

/* model_cfg is copied, preprocess_cfg is completed. */
static int compose(const struct checkpoint *checkpoint, struct value *whole, struct arena *arena, struct err *err)
{
	const struct clip_config *config = &checkpoint->clip->config;
	const struct value *given = &checkpoint->config, *model = value_get(given, "model_cfg");
	const struct value *old = value_get(given, "preprocess_cfg");
	struct value bare = value_map(), pixels = value_map();
	int status = 0;

	for (size_t i = 0; !model && i < given->list.count; i++) {
		const struct value *pair = &given->list.items[2 * i];
		char *name = arena_string(arena, pair[0].string.data, pair[0].string.size);
		if (name && strcmp(name, "preprocess_cfg") != 0)
			status |= value_add(&bare, span_of(name, pair[0].string.size), pair[1], arena);
	}
	status |= put_three(&pixels, "mean", value_get(old, "mean"), config->mean, arena) |
		  put_three(&pixels, "std", value_get(old, "std"), config->std, arena) |
		  preprocess_config_write(&checkpoint->pixels, &pixels, arena);
	*whole = value_map();
	status |= value_set(whole, "model_cfg", model ? *model : bare, arena) | value_set(whole, "preprocess_cfg", pixels, arena);
	return status || arena->failed ? err_memory(err) : 0;
}

static int run(struct tool *tool, struct checkpoint *checkpoint)
{
	const char *path = tool->arguments[0];
	struct model_file file;
	struct value whole;
	struct buf text = { 0 };

	int status = model_file_read(&file, path, &tool->err);
	if (status == 0 && checkpoint_new(checkpoint, buf_span(&file.config), buf_span(&file.vocabulary), &tool->err))
		status = err_add(&tool->err, "%s", path);
	model_file_free(&file);
	if (status)
		return -1;
	if (strcmp(checkpoint->clip->config.tower->name, "resnet_basic") == 0)
		tool_say(tool, "warning: %s: open_clip does not have its image tower, resnet_basic", path);
	status = compose(checkpoint, &whole, &tool->arena, &tool->err) || json_write_indented(&whole, &text, &tool->err);
	buf_append_byte(&text, '\n');
	if (status == 0)
		status = tool_print(tool, buf_span(&text));
	buf_free(&text);
	return status;
}

int model_config(int argc, char **argv)
{
	struct checkpoint checkpoint = { 0 };
	struct tool tool;
	char unused;
	int status = tool_start(&tool, &about, &unused, argc, argv) || run(&tool, &checkpoint);

	checkpoint_free(&checkpoint);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
