#include "tools/common/print.h"

#include <string.h>
#include <unistd.h>

static bool to_file(const struct tool *tool)
{
	return tool->output_path && strcmp(tool->output_path, "-") != 0;
}

int tool_print_ready(struct tool *tool)
{
	return to_file(tool) && tool->output.fd < 0 ? tool_output(tool, FILE_OTHER) : 0;
}

int tool_print(struct tool *tool, struct span text)
{
	struct output standard = { .fd = STDOUT_FILENO, .folder = -1 };

	if (tool_print_ready(tool))
		return -1;
	if (memory_failed()) /* the text may be incomplete */
		return err_memory(&tool->err);
	return output_write(to_file(tool) ? &tool->output : &standard, text, &tool->err);
}
