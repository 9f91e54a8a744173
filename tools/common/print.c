#include "tools/common/print.h"

#include <string.h>
#include <unistd.h>

int tool_print(struct tool *tool, struct span text)
{
	struct output standard = { .fd = STDOUT_FILENO };
	bool file = tool->output_path && strcmp(tool->output_path, "-") != 0;

	if (file && tool->output.fd < 0 && tool_output(tool, FILE_OTHER))
		return -1;
	return output_write(file ? &tool->output : &standard, text, &tool->err);
}
