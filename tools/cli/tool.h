/* What every tool has in common: options, streams, bad records, messages, exit codes.
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

enum { TOOL_DONE = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

struct tool_about {
	const char *name;      /* "cc-shard read" */
	const char *summary;   /* half a sentence: "records from files" */
	const char *usage;     /* behind the name: "[OPTION]... SOURCE..." */
	const char *text;      /* for the man page: what it does, in paragraphs; "" is fine */
	const char *details;   /* further paragraphs (C limits the length of one string), or NULL */
	const char *example;   /* lines that can be run */
	const char *more;      /* further ones, for the man page alone; NULL: none */
	const struct option_spec *options;
	size_t arguments_min, arguments_max; /* SIZE_MAX: any number */
	size_t files; /* so many of the arguments, the first ones, are files that are read: "FILE" or "NAME=FILE" */
};

struct tool {
	const struct tool_about *about;
	struct err err;
	int exit_code; /* what tool_fail returns */

	/* common options */
	uint64_t jobs, seed;
	double max_bad;
	bool quiet, verbose;
	const char *output_path;
	const char *dependency_path, *dependency_target; /* -MF, -MT */
	struct text_list inputs;                         /* what was read, for -MF */
	struct limits limits;
	bool help, man, version;

	struct options options;
	char **arguments;
	size_t argument_count;
	struct value words; /* what arguments say beside names of files, for prog's args; none unless the tool sets it */

	struct stream_reader in;
	struct stream_writer out;
	struct output output; /* of -o */
	bool reading, writing;
	struct arena arena;   /* what lives as long as the tool */
	struct progress progress;
	uint64_t bad, mended;
	struct value bad_reasons;
};

/* Parses options into `variables` (the struct that about->options' offsets mean) and the common ones.
 * Nonzero: return tool_fail(tool) (help was asked for: then that returns 0). */
int tool_start(struct tool *tool, const struct tool_about *about, void *variables, int argc, char **argv);

/* Flushes and closes standard output, for some file systems report a full disk only then.  Nothing can be printed after it. */
int tool_flush(struct err *err);

/* Opens the record stream: the one file among the arguments, where the tool takes one and it is there, or standard
 * input ("-").  Reads its header. */
int tool_read(struct tool *tool);
int tool_read_file(struct tool *tool, const char *path); /* NULL or "-": standard input */

/* Opens -o or standard output for records (never a terminal) and writes the header: the one read, with this tool's
 * entry appended to prog.  A tool that has more to say, or reads no stream, changes tool->in.header before. */
int tool_write(struct tool *tool);

/* Opens -o, which must be there, for a file of that kind: one of another kind is not overwritten. */
int tool_output(struct tool *tool, enum file_kind kind);

/* This tool's entry in `prog`: {"name", "version", "seed"?, "args"}; lives in tool->arena. */
struct value tool_prog(struct tool *tool);

/* The header with the entry appended: what a checkpoint keeps. */
int tool_append_prog(struct tool *tool, struct value *header);

/* A record that cannot be used: counted, named on standard error with the reason, to be dropped.
 * -1: it was one too many of those that the header announces (1,000 where it tells nothing) or that came (--max-bad); tool->err says
 * so. */
int tool_bad(struct tool *tool, struct span key, const char *reason);

/* The same of all that came, at the end, and whether any was usable: tool_finish asks. */
int tool_check_bad(struct tool *tool);

/* A record that has a fault and goes on all the same, because that was asked for: counted and named, whatever --max-bad says. */
int tool_mended(struct tool *tool, struct span key, const char *reason);

/* The next usable record for a tool that goes through a stream alone: 1, STREAM_EPOCH, 0 at the end, -1. */
int tool_next(struct tool *tool, struct record *record);

/* Writes the tail, commits -o, says how many were bad.  Returns the exit code. */
int tool_finish(struct tool *tool);

/* Prints the error, discards -o, frees.  Returns the exit code. */
int tool_fail(struct tool *tool);

/* Wrong usage found after parsing: sets the exit code to 2.  Returns -1. */
int tool_usage(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "NAME: ..." as one line on standard error, not under -q; what could steer a terminal is escaped (text/printable.h). */
void tool_say(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tool_warn(struct tool *tool, const char *format, ...) __attribute__((format(printf, 2, 3))); /* under -q too */

/* tool with verbs: `cc-shard read ...`.  One line each in a table that ends with a NULL name. */
struct tool_verb {
	const char *name, *about;
	int (*main)(int argc, char **argv); /* argv[0] is the verb */
};
const struct tool_verb *tool_verb_find(const struct tool_verb *verbs, const char *name); /* NULL: there is none */

/* The verb's exit code; -1: argv[1] is none. */
int tool_verb_main(const struct tool_verb *verbs, int argc, char **argv);
void tool_verbs_complete(const struct tool_verb *verbs, const char *word);
int tool_verbs(const char *name, const char *summary, const struct tool_verb *verbs, int argc, char **argv);

#endif
