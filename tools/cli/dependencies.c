#include "tools/cli/dependencies.h"

#include "tools/cli/tool.h"

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

/* Names that GNU make 4.3 cannot read in any escaped form; a name that ends in a parenthesis means an archive member. */
static bool is_unwritable(const char *name)
{
	const size_t size = strlen(name);
	const char *percent = strchr(name, '%');

	return size == 0 || *name == '~' || strpbrk(name, "\n\r\t;|") || strchr(" \\&)", name[size - 1]) ||
	       (percent && percent > name && percent[-1] == '\\');
}

static void append_escaped(struct buf *rule, const char *name, const char *special)
{
	size_t backslashes = 0;

	for (const char *c = name; *c; c++) {
		if (strchr(special, *c))
			for (size_t i = 0; i <= backslashes; i++) /* make halves the backslashes before a special character */
				buf_append_byte(rule, '\\');
		backslashes = *c == '\\' ? backslashes + 1 : 0;
		if (*c == '=')
			buf_append_string(rule, "$(cc_equals)"); /* a plain = would make the line an assignment */
		else
			buf_append_string(rule, *c == '$' ? "$$" : (const char[]){ *c, 0 });
	}
}

/* A % must be escaped in a target, which is a pattern otherwise, and must not be in a prerequisite. */
static int append_name(struct buf *rule, const char *name, bool target, struct err *err)
{
	if (is_unwritable(name))
		return err_set(err, "-MF: '%s': make cannot read this name in a rule; rename the file", name);
	append_escaped(rule, name, target ? " #:*?[%" : " #:*?[");
	return 0;
}

/* "target: a b", and an empty rule for each prerequisite, so that make does not fail if one is missing. */
static int append_rules(struct tool *tool, struct buf *rules)
{
	const struct text_list *paths = &tool->inputs;
	const char *target = tool->dependency_target ? tool->dependency_target : tool->output_path;
	bool equals = strchr(target, '=');

	for (size_t i = 0; i < paths->count; i++)
		equals = equals || strchr(paths->items[i], '=');
	if (equals)
		buf_append_string(rules, "cc_equals := =\n\n");
	if (append_name(rules, target, true, &tool->err))
		return -1;
	buf_append_byte(rules, ':');
	for (size_t i = 0; i < paths->count; i++) {
		buf_append_string(rules, " \\\n  ");
		if (append_name(rules, paths->items[i], false, &tool->err))
			return -1;
	}
	for (size_t i = 0; i < paths->count; i++) {
		buf_append_string(rules, "\n\n");
		if (append_name(rules, paths->items[i], true, &tool->err))
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
		return tool_usage(tool, "-MT needs -MF FILE, the file to write the rule to");
	if (tool->dependency_path && !tool->dependency_target && (!tool->output_path || strcmp(tool->output_path, "-") == 0))
		return tool_usage(tool, "-MF needs a target: -o FILE, or -MT TARGET if a later program of the pipe writes it");
	return tool->dependency_path ? file_kind_replaces(FILE_OTHER, tool->dependency_path, &tool->err) : 0;
}

const char *named_file(const char *argument, struct span *name)
{
	const char *equals = strchr(argument, '=');
	const bool named = equals && equals > argument && access(argument, F_OK) != 0;
	const char *path = named ? equals + 1 : argument, *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	*name = named ? span_of(argument, (size_t)(equals - argument)) : span_of(base, strcspn(base, "."));
	if (name->size == 0)
		*name = span_string(base);
	return path;
}
