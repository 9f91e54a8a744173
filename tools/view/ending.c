#include "tools/view/verbs.h"

#include <string.h>
#include <strings.h>

int check_ending(struct tool *tool, const char *ending)
{
	static const char *const known[] = { ".svg", ".png", ".html", ".htm", ".pdf", ".eps", ".ps", ".jpg", ".jpeg", ".gif", ".webp",
		".ppm", ".md", ".json", ".csv", ".tsv", ".txt" };
	const char *path = tool->output_path ? tool->output_path : "", *dot = strrchr(path, '.');

	/* Four characters: .htm is .html. */
	for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++)
		if (strcasecmp(dot, known[i]) == 0 && strncasecmp(dot, ending, 4) != 0)
			return tool_usage(tool, "-o %s: this writes %s: end the name with it", path, ending);
	return 0;
}
