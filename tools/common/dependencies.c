#include "tools/common/dependencies.h"

#include "tools/common/named_file.h"
#include "tools/common/tool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int dependencies_add(struct tool *tool, const char *path)
{
	struct text_list *paths = &tool->inputs;

	if (!tool->dependency_path || strcmp(path, "-") == 0 || access(path, F_OK))
		return 0;
	for (size_t i = 0; i < paths->count; i++)
		if (strcmp(paths->items[i], path) == 0)
			return 0;
	const char **items = realloc(paths->items, (paths->count + 1) * sizeof *items);
	if (!items)
		return err_memory(&tool->err);
	paths->items = items;
	items[paths->count] = arena_string(&tool->arena, path, strlen(path));
	if (!items[paths->count])
		return err_memory(&tool->err);
	paths->count++;
	return 0;
}

/* What the tool's own options name. */
static int add_options(struct tool *tool)
{
	const struct options *options = &tool->options;

	for (const struct option_spec *spec = tool->about->options; spec && spec->name; spec++) {
		const char *const *path = (const void *)((const char *)options->variables[0] + spec->offset);
		if (spec->input && spec->kind == OPTION_TEXT && *path && dependencies_add(tool, *path))
			return -1;
	}
	return 0;
}

static int add_arguments(struct tool *tool)
{
	struct span name;

	for (size_t i = 0; i < tool->argument_count && i < tool->about->files; i++)
		if (dependencies_add(tool, named_file(tool->arguments[i], &name)))
			return -1;
	return 0;
}

/* As make reads names: backslashes before what would end one, two dollars for one. */
static int append_name(struct buf *rule, const char *name, struct err *err)
{
	if (strpbrk(name, "\n\\%"))
		return err_set(err, "-MF: '%s': make has no way to write this name", name);
	for (const char *c = name; *c; c++) {
		if (strchr(" \t#:", *c))
			buf_append_byte(rule, '\\');
		if (*c == '$')
			buf_append_byte(rule, '$');
		buf_append_byte(rule, (unsigned char)*c);
	}
	return 0;
}

/* "target: a b", and a rule without a recipe for each of them: one that is gone is no error of make's. */
static int append_rules(struct tool *tool, struct buf *rules)
{
	const struct text_list *paths = &tool->inputs;

	if (append_name(rules, tool->dependency_target ? tool->dependency_target : tool->output_path, &tool->err))
		return -1;
	buf_append_byte(rules, ':');
	for (size_t i = 0; i < paths->count; i++) {
		buf_append_string(rules, " \\\n  ");
		if (append_name(rules, paths->items[i], &tool->err))
			return -1;
	}
	for (size_t i = 0; i < paths->count; i++) {
		buf_append_string(rules, "\n\n");
		if (append_name(rules, paths->items[i], &tool->err))
			return -1;
		buf_append_byte(rules, ':');
	}
	buf_append_byte(rules, '\n');
	return rules->failed ? err_memory(&tool->err) : 0;
}

int dependencies_write(struct tool *tool)
{
	struct buf rules = { 0 };

	if (!tool->dependency_path)
		return 0;
	int result = add_options(tool) || add_arguments(tool) || append_rules(tool, &rules) ||
			output_write_file(tool->dependency_path, FILE_OTHER, buf_span(&rules), &tool->err)
		? -1
		: 0;
	buf_free(&rules);
	return result;
}

int dependencies_check(struct tool *tool)
{
	if (tool->dependency_target && !tool->dependency_path)
		return tool_usage(tool, "-MT names the target of the rule that -MF FILE writes: give that, too");
	if (tool->dependency_path && !tool->dependency_target && (!tool->output_path || strcmp(tool->output_path, "-") == 0))
		return tool_usage(tool, "-MF: which file is made? -o FILE, or -MT TARGET where a later stage of the pipe makes it");
	return tool->dependency_path ? file_kind_replaces(FILE_OTHER, tool->dependency_path, &tool->err) : 0;
}
