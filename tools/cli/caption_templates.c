#include "tools/cli/caption_templates.h"

#include "tools/cli/option_file.h"

#include <string.h>

int tool_option_templates(struct tool *tool, const char *value, struct buf *text, struct templates *templates)
{
	if (strcmp(value, "default") == 0) {
		templates_default(templates);
		return 0;
	}
	if (tool_option_file(tool, "templates", value, text))
		return -1;
	return templates_parse(templates, buf_span(text), &tool->err) ? err_add(&tool->err, "%s", value) : 0;
}

void tool_compare_templates(struct tool *tool, const char *what, const struct templates *ours, const char *other,
	const struct templates *theirs, const char *hint)
{
	struct buf first = { 0 }, second = { 0 };

	if (!ours->count || !theirs->count || templates_equal(ours, theirs))
		return;
	templates_describe(&first, ours, theirs);
	templates_describe(&second, theirs, ours);
	tool_warn(tool, "warning: %s %s, %s %s: %s", what, buf_string(&first), other, buf_string(&second), hint);
	buf_free(&first);
	buf_free(&second);
}
