/* The caption templates of an option, of data and of models, and whether they agree. */
#ifndef CLI_CAPTION_TEMPLATES_H
#define CLI_CAPTION_TEMPLATES_H

#include "text/template.h"
#include "tools/cli/tool.h"

/* Reads the file that --templates names; 'default' is CLIP's 80.  text holds the sentences. */
int tool_option_templates(struct tool *tool, const char *value, struct buf *text, struct templates *templates);

/* Warns where both are known and differ: "WHAT 10 templates (..), OTHER CLIP's 80 templates: HINT". */
void tool_compare_templates(struct tool *tool, const char *what, const struct templates *ours, const char *other,
	const struct templates *theirs, const char *hint);

#endif
