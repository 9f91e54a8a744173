#include "text/printable.h"
#include "tools/cli/help.h"
#include "text/words.h"

#include <stdio.h>
#include <string.h>

static void list(const char *name, const char *summary, const struct tool_verb *verbs, FILE *out)
{
	fprintf(out, "%s: %s\n\nUsage: %s VERB [OPTION]...\n\n", name, summary, name);
	for (; verbs->name; verbs++)
		fprintf(out, "  %-10s %s\n", verbs->name, verbs->about);
	fprintf(out, "\n%s VERB -h tells about one.\n", name);
}

const struct tool_verb *tool_verb_find(const struct tool_verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

/* A verb that is there finds its own --complete as if it had come first. */
int tool_verb_main(const struct tool_verb *verbs, int argc, char **argv)
{
	const bool completes = argc > 3 && strcmp(argv[1], "--complete") == 0;
	const struct tool_verb *verb = argc > 1 ? tool_verb_find(verbs, argv[completes ? 2 : 1]) : NULL;

	if (!verb)
		return -1;
	if (completes) {
		argv[2] = argv[1];
		argv[1] = (char *)verb->name;
	}
	return verb->main(argc - 1, argv + 1);
}

void tool_verbs_complete(const struct tool_verb *verbs, const char *word)
{
	for (; verbs->name; verbs++)
		complete_word(verbs->name, word);
}

static int no_such_verb(const char *name, const char *summary, const struct tool_verb *verbs, const char *wanted)
{
	struct nearest nearest = nearest_to(wanted);
	struct buf shown = { 0 };

	for (const struct tool_verb *verb = verbs; verb->name; verb++)
		nearest_consider(&nearest, verb->name);
	append_printable(&shown, span_string(wanted));
	if (nearest.name)
		fprintf(stderr, "%s: there is no verb '%s'; did you mean `%s %s`?\n%s -h lists them.\n", name, buf_string(&shown), name,
			nearest.name, name);
	else if (*wanted)
		fprintf(stderr, "%s: there is no verb '%s'\n", name, buf_string(&shown));
	buf_free(&shown);
	if (!nearest.name)
		list(name, summary, verbs, stderr);
	return TOOL_USAGE;
}

int tool_verbs(const char *name, const char *summary, const struct tool_verb *verbs, int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";
	const int code = tool_verb_main(verbs, argc, argv);
	struct err err;

	if (code >= 0)
		return code;
	if (strcmp(wanted, "-h") == 0 || strcmp(wanted, "--help") == 0)
		list(name, summary, verbs, stdout);
	else if (strcmp(wanted, "--version") == 0)
		help_version(name);
	else if (strcmp(wanted, "--man") == 0)
		help_man_verbs(name, summary, verbs);
	else if (strcmp(wanted, "--complete") == 0)
		tool_verbs_complete(verbs, argc > 2 ? argv[2] : "");
	else
		return no_such_verb(name, summary, verbs, wanted);
	if (tool_flush(&err) == 0)
		return TOOL_DONE;
	fprintf(stderr, "%s: %s\n", name, err.text);
	return TOOL_FAILED;
}
