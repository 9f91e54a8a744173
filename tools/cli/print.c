#include "tools/cli/print.h"

#include "text/printable.h"

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

/* What a terminal shows is escaped; into files and pipes go the bytes as they are. */
static int print_to(struct output *output, struct span text, struct err *err)
{
	struct buf shown = { 0 };

	if (!isatty(output->fd))
		return output_write(output, text, err);
	append_printable_lines(&shown, text);
	const int result = shown.failed ? err_memory(err) : output_write(output, buf_span(&shown), err);
	buf_free(&shown);
	return result;
}

int tool_print(struct tool *tool, struct span text)
{
	struct output standard = { .fd = STDOUT_FILENO, .folder = -1 };

	if (tool_print_ready(tool))
		return -1;
	if (memory_failed()) /* the text may be incomplete */
		return err_memory(&tool->err);
	return print_to(to_file(tool) ? &tool->output : &standard, text, &tool->err);
}
