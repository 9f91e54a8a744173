/* What every tool shares: options, streams, bad records, messages, exit codes.
 *
 *	if (tool_start(&tool, &about, &opt, argc, argv) || tool_read(&tool) || tool_write(&tool))
 *		return tool_fail(&tool);
 *	...
 *	return tool_finish(&tool);
 */
#ifndef CLI_TOOL_H
#define CLI_TOOL_H

#include "core/err.h"
#include "formats/stream/stream.h"
#include "formats/stream/file_kind.h"
#include "tools/cli/options.h"
#include "formats/stream/output.h"
#include "tools/cli/progress.h"

#define TOOL_VERSION "0.2.0"
#define TOOL_DATE    "2026-11-28" /* of the release, on manual pages */

enum { TOOL_DONE = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

struct tool_about {
	const char *name;      /* "cc-shard read" */
	const char *summary;   /* noun phrase without a full stop: "records from files" */
	const char *usage;     /* arguments, after the name: "[OPTION]... SOURCE..." */
	const char *text;      /* man page: description, paragraphs separated by empty lines; may be "" */
	const char *details;   /* man page: more paragraphs (C limits the length of a string literal), or NULL */
	const char *example;   /* commands that run, one per line */
	const char *more;      /* man page: more examples, or NULL */
	const struct option_spec *options;
	size_t arguments_min, arguments_max; /* SIZE_MAX: any number */
	size_t files;          /* number of leading arguments that name input files, as FILE or NAME=FILE */
	const struct tool_verb *verbs; /* of a tool that also works without a verb, or NULL */
};

struct tool {
	const struct tool_about *about;
	struct err err;
	int exit_code; /* returned by tool_fail */

	/* common options */
	uint64_t jobs, seed;
	double max_bad;
	bool quiet, verbose;
	const char *output_path;
	const char *dependency_path, *dependency_target; /* -MF, -MT */
	struct text_list inputs;                         /* files read, for -MF */
	struct limits limits;
	bool help, man, version;

	struct options options;
	char **arguments;
	size_t argument_count;
	struct value words; /* array: words to append to prog's args after the options; optional, set by the tool */

	struct stream_reader in;
	struct stream_writer out;
	struct output output; /* of -o */
	bool reading, writing;
	struct arena arena;   /* freed when the tool ends */
	struct progress progress;
	uint64_t bad, kept; /* faulty records dropped; kept because the user asked for that */
	struct value bad_reasons;
};

/* Parses the tool's own options into `variables` (the struct that about->options' offsets refer to) and the common options into `tool`.
 * Nonzero: return tool_fail(tool).  That exits with 0 after -h, --man and -V. */
int tool_start(struct tool *tool, const struct tool_about *about, void *variables, int argc, char **argv);

/* Flushes and closes standard output; some file systems report a full disk only on close.  Nothing may be printed afterwards. */
int tool_flush(struct err *err);

/* Opens the record stream and reads its header: from the first argument if there is one, else (or for "-") from standard input. */
int tool_read(struct tool *tool);
int tool_read_file(struct tool *tool, const char *path); /* NULL or "-": standard input */

/* Opens -o or standard output for records (a terminal is refused) and writes the header: tool->in.header with this tool's entry
 * appended to prog.  Tools that add fields, or read no stream, change tool->in.header first. */
int tool_write(struct tool *tool);

/* Opens the file of -o, which must have been given.  An existing file of another kind is not overwritten. */
int tool_output(struct tool *tool, enum file_kind kind);

/* This tool's entry in `prog`: {"name", "version", "seed", "args"}, in tool->arena. */
struct value tool_prog(struct tool *tool);

/* Appends that entry to the header, for outputs that are not streams: checkpoints, scores. */
int tool_append_prog(struct tool *tool, struct value *header);

/* Counts an unusable record, prints key and reason; the caller drops the record.
 * -1 with tool->err if there are now more than --max-bad allows: of the larger of the records announced by the header (1,000 if it
 * announces none) and the records read. */
int tool_bad(struct tool *tool, struct span key, const char *reason);

/* Counts a faulty record that the user asked to keep, and prints key and reason.  --max-bad does not apply. */
int tool_keep_bad(struct tool *tool, struct span key, const char *reason);

/* At the end of the stream: -1 if more records were bad than --max-bad allows, or all of them.  Called by tool_finish. */
int tool_check_bad(struct tool *tool);

/* Reads the next record and updates the progress line: 1, STREAM_EPOCH, 0 at the end, -1. */
int tool_next(struct tool *tool, struct record *record);

/* Writes the tail, commits -o, prints how many records were bad.  Returns the exit code. */
int tool_finish(struct tool *tool);

/* Prints the error, discards -o, frees.  Returns the exit code. */
int tool_fail(struct tool *tool);

/* Reports wrong usage found after parsing: sets tool->err and the exit code 2.  Returns -1. */
int tool_usage(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print "NAME: ..." as one line on standard error, with terminal control characters escaped (text/printable.h).
 * tool_say prints nothing under -q. */
void tool_say(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tool_warn(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Verbs of a tool, as in `cc-shard read`; a table ends with a NULL name. */
struct tool_verb {
	const char *name, *about;
	int (*main)(int argc, char **argv); /* argv[0] is the verb */
};
const struct tool_verb *tool_verb_find(const struct tool_verb *verbs, const char *name); /* NULL: not found */

/* Runs the verb in argv[1], or prints its help for `help VERB`.  Returns its exit code; -1 if argv[1] is neither. */
int tool_verb_main(const char *name, const struct tool_verb *verbs, int argc, char **argv);

/* main() of a tool that needs a verb. */
int tool_verbs(const char *name, const char *summary, const struct tool_verb *verbs, int argc, char **argv);

#endif
