#include "tools/common/tool.h"

#include <stdio.h>
#include <string.h>

static void list(const char *name, const char *summary, const struct tool_verb *verbs, FILE *out)
{
	fprintf(out, "%s: %s\n\nUsage: %s VERB [OPTION]...\n\n", name, summary, name);
	for (; verbs->name; verbs++)
		fprintf(out, "  %-10s %s\n", verbs->name, verbs->about);
	fprintf(out, "\n%s VERB -h tells about one.\n", name);
}

int tool_verbs(const char *name, const char *summary, const struct tool_verb *verbs, int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";

	for (const struct tool_verb *verb = verbs; verb->name; verb++)
		if (strcmp(verb->name, wanted) == 0)
			return verb->main(argc - 1, argv + 1);
	if (strcmp(wanted, "-h") == 0 || strcmp(wanted, "--help") == 0) {
		list(name, summary, verbs, stdout);
		return TOOL_DONE;
	}
	if (strcmp(wanted, "--version") == 0) {
		printf("%s %s\n", name, TOOL_VERSION);
		return TOOL_DONE;
	}
	if (*wanted)
		fprintf(stderr, "%s: there is no verb '%s'\n", name, wanted);
	list(name, summary, verbs, stderr);
	return TOOL_USAGE;
}
