#include "text/printable.h"
#include "tools/cli/help.h"
#include "text/words.h"

#include <stdio.h>
#include <string.h>

const struct tool_verb *tool_verb_find(const struct tool_verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

/* Lists the verbs that exist.  Returns the exit code. */
static int unknown_verb(const char *name, const struct tool_verb *verbs, const char *word)
{
	struct nearest nearest = nearest_to(word);
	struct buf message = { 0 };

	buf_printf(&message, "%s: unknown verb '", name);
	append_printable(&message, span_string(word));
	buf_append_string(&message, "'");
	for (const struct tool_verb *verb = verbs; verb->name; verb++)
		nearest_consider(&nearest, verb->name);
	if (nearest.name)
		buf_printf(&message, "; did you mean `%s %s`?", name, nearest.name);
	buf_append_string(&message, "\nVerbs:");
	for (const struct tool_verb *verb = verbs; verb->name; verb++)
		buf_printf(&message, " %s", verb->name);
	fprintf(stderr, "%s\nRun `%s -h` for help.\n", buf_string(&message), name);
	buf_free(&message);
	return TOOL_USAGE;
}

static int verb_help(const char *name, const struct tool_verb *verbs, const char *word)
{
	const struct tool_verb *verb = tool_verb_find(verbs, word);
	char help[] = "-h", *arguments[] = { (char *)word, help, NULL };

	return verb ? verb->main(2, arguments) : unknown_verb(name, verbs, word);
}

/* `TOOL --complete VERB WORD...` is passed on as `VERB --complete WORD...`. */
int tool_verb_main(const char *name, const struct tool_verb *verbs, int argc, char **argv)
{
	const bool completes = argc > 3 && strcmp(argv[1], "--complete") == 0;
	const struct tool_verb *verb = argc > 1 ? tool_verb_find(verbs, argv[completes ? 2 : 1]) : NULL;

	if (argc > 2 && strcmp(argv[1], "help") == 0)
		return verb_help(name, verbs, argv[2]);
	if (!verb)
		return -1;
	if (completes) {
		argv[2] = argv[1];
		argv[1] = (char *)verb->name;
	}
	return verb->main(argc - 1, argv + 1);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int tool_verbs(const char *name, const char *summary, const struct tool_verb *verbs, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const int code = tool_verb_main(name, verbs, argc, argv);
	struct err err;

	if (code >= 0)
		return code;
	if (is_one_of(word, "-h", "--help", "help"))
		help_verbs(name, summary, verbs, stdout);
	else if (is_one_of(word, "-V", "--version", "--version"))
		help_version(name);
	else if (strcmp(word, "--man") == 0)
		help_man_verbs(name, summary, verbs);
	else if (strcmp(word, "--complete") == 0)
		complete_verbs(verbs, argc > 2 ? argv[argc - 1] : "");
	else if (*word)
		return unknown_verb(name, verbs, word);
	else {
		help_verbs(name, summary, verbs, stderr);
		return TOOL_USAGE;
	}
	if (tool_flush(&err) == 0)
		return TOOL_DONE;
	fprintf(stderr, "%s: %s\n", name, err.text);
	return TOOL_FAILED;
}
