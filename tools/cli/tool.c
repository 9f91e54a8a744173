#include "tools/cli/tool.h"

#include "tools/cli/machine.h"
#include "tools/cli/dependencies.h"
#include "tools/cli/help.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MOST 0x1p32 /* longest value that msgpack can hold */

static const struct option_spec common_options[] = {
	{ "output", OPTION_TEXT, offsetof(struct tool, output_path), "FILE",
		"write to FILE instead of standard output; FILE appears complete or not at all", 'o', .output = true },
	{ "jobs", OPTION_COUNT, offsetof(struct tool, jobs), "N", "number of threads, 1 to 1024 (default: $CC_JOBS, or the usable CPUs)",
		'j', .min = 1, .max = 1024, .environment = "CC_JOBS" },
	{ "seed", OPTION_COUNT, offsetof(struct tool, seed), "N", "seed of all random choices (default 0)" },
	{ "max-bad", OPTION_SHARE, offsetof(struct tool, max_bad), "SHARE",
		"fail if more than SHARE of the records are unusable (default 1%; unless SHARE is 0, one is always allowed)" },
	{ "max-record", OPTION_BYTES, offsetof(struct tool, limits.record), "BYTES",
		"largest record to accept, 64 bytes to 4G (default 256M)", .min = 64, .max = BYTES_MOST },
	{ "max-string", OPTION_BYTES, offsetof(struct tool, limits.string), "BYTES",
		"largest text field to accept, 64 bytes to 4G (default 1M)", .min = 64, .max = BYTES_MOST },
	{ "max-depth", OPTION_COUNT, offsetof(struct tool, limits.depth), "N", "deepest nesting to accept, 2 to 32 (default 32)", .min = 2,
		.max = 32 },
	{ "max-pixels", OPTION_COUNT, offsetof(struct tool, limits.pixels), "N",
		"largest image to decode, 1 to 10G pixels (default 64M); the coefficients of a multi-scan JPEG count as pixels", .min = 1,
		.max = 1e10 },
	{ "MF", OPTION_TEXT, offsetof(struct tool, dependency_path), "FILE",
		"write a make rule to FILE that lists the input files, as compilers do; its target is the file of -o", .output = true },
	{ "MT", OPTION_TEXT, offsetof(struct tool, dependency_target), "TARGET",
		"target of the rule that -MF writes, such as the file that the last program of the pipe writes" },
	{ "quiet", OPTION_FLAG, offsetof(struct tool, quiet), NULL, "print only errors and warnings", 'q' },
	{ "verbose", OPTION_FLAG, offsetof(struct tool, verbose), NULL, "print more messages", 'v' },
	{ "help", OPTION_FLAG, offsetof(struct tool, help), NULL, "print this help", 'h' },
	{ "man", OPTION_FLAG, offsetof(struct tool, man), NULL, "print the manual page, as roff" },
	{ "version", OPTION_FLAG, offsetof(struct tool, version), NULL, "print the versions of the program and its libraries", 'V' },
	{ 0 },
};

int tool_flush(struct err *err)
{
	if (fflush(stdout) || ferror(stdout) || (close(STDOUT_FILENO) && errno != EBADF))
		return err_errno(err, "standard output");
	return 0;
}

/* 1: a page was printed and the program is done. */
static int print_page(struct tool *tool)
{
	if (tool->help)
		help_print(tool->about, common_options);
	else if (tool->man)
		help_man(tool->about, common_options);
	else if (tool->version)
		help_version(tool->about->name);
	else
		return 0;
	tool->exit_code = tool_flush(&tool->err) ? TOOL_FAILED : TOOL_DONE;
	return 1;
}

static int check_arguments(struct tool *tool)
{
	const struct tool_about *about = tool->about;

	if (tool->argument_count > about->arguments_max)
		return tool_usage(
			tool, "unexpected argument '%s'; usage: %s %s", tool->arguments[about->arguments_max], about->name, about->usage);
	if (tool->argument_count < about->arguments_min)
		return tool_usage(tool, "missing argument; usage: %s %s", about->name, about->usage);
	return 0;
}

enum { OUTPUTS_MOST = 8 };

/* The output files that options name.  Returns their number. */
static size_t list_outputs(const struct options *options, const char **paths)
{
	size_t count = 0;

	for (size_t table = 0; table < 2; table++)
		for (const struct option_spec *spec = options->tables[table]; spec && spec->name; spec++) {
			const char *const *path = (const void *)((const char *)options->variables[table] + spec->offset);
			if (spec->output && *path && strcmp(*path, "-") != 0 && count < OUTPUTS_MOST)
				paths[count++] = *path;
		}
	return count;
}

static int check_outputs(struct tool *tool)
{
	const char *paths[OUTPUTS_MOST];
	const size_t count = list_outputs(&tool->options, paths);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (output_is_same(paths[i], paths[k]))
				return tool_usage(tool, "%s: two options name this output file", paths[i]);
	return 0;
}

static uint64_t default_jobs(void)
{
	const char *wanted = getenv("CC_JOBS");
	const long jobs = wanted ? strtol(wanted, NULL, 10) : 0;

	return jobs >= 1 && jobs <= 1024 ? (uint64_t)jobs : cpus_usable();
}

/* Opens /dev/null for each standard stream that is closed; otherwise the next file opened would get its number, and messages would be
 * written into a model.  The direction is reversed, so that using the stream is still an error. */
static void fill_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* `TOOL help` of a tool that works without a verb; `TOOL help VERB` was handled by tool_verb_main. */
static bool asks_for_help(const struct tool_about *about, int argc, char **argv)
{
	return argc > 1 && strcmp(argv[1], "help") == 0 && !strchr(about->name, ' ');
}

int tool_start(struct tool *tool, const struct tool_about *about, void *variables, int argc, char **argv)
{
	int first = 0;

	fill_standard_streams();
	*tool = (struct tool){ .about = about,
		.exit_code = TOOL_FAILED,
		.jobs = default_jobs(),
		.max_bad = .01,
		.limits = LIMITS_DEFAULT,
		.output = OUTPUT_CLOSED,
		.bad_reasons = value_map(),
		.in = { .header = value_map() } };
	tool->options = (struct options){ .tables = { about->options, common_options }, .variables = { variables, tool } };
	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		tool->exit_code = complete_options(&tool->options, (size_t)argc - 2, argv + 2);
		if (tool_flush(&tool->err))
			tool->exit_code = TOOL_FAILED;
		return -1;
	}
	tool->help = asks_for_help(about, argc, argv);
	if (tool->help && argc > 2)
		return tool_usage(tool, "unknown verb '%s'; %s has no verbs", argv[2], about->name);
	if (!tool->help && options_parse(&tool->options, argc, argv, &first, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return -1;
	}
	tool->arguments = argv + first;
	tool->argument_count = (size_t)(argc - first);
	return print_page(tool) || check_arguments(tool) || check_outputs(tool) || dependencies_check(tool) ? -1 : 0;
}

/* If the file is not a stream, the error names its kind and a command that reads it. */
static int check_kind(struct tool *tool, const char *path, int fd)
{
	const enum file_kind kind = file_kind(fd);

	return kind == FILE_STREAM ? 0 : file_kind_refuse(kind, fd, path, tool->about->name, &tool->err);
}

int tool_read_file(struct tool *tool, const char *path)
{
	bool standard = !path || strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	uint64_t records;

	if (fd < 0)
		return err_errno(&tool->err, "%s", path);
	if (isatty(fd)) {
		help_usage(tool->about, stderr);
		return tool_usage(tool,
			"standard input is a terminal, and a record stream is expected; "
			"start with `cc-shard read SOURCE | %s ...`",
			tool->about->name);
	}
	if (!standard && (check_kind(tool, path, fd) || dependencies_add(tool, path)))
		return -1;
	tool->reading = true;
	if (stream_open(&tool->in, fd, &tool->limits, &tool->err))
		return standard ? -1 : err_add(&tool->err, "%s", path);
	stream_records(&tool->in, &records);
	progress_start(&tool->progress, tool->about->name, records * stream_epochs(&tool->in), tool->quiet);
	return 0;
}

int tool_read(struct tool *tool)
{
	return tool_read_file(tool, tool->argument_count ? tool->arguments[0] : NULL);
}

struct value tool_prog(struct tool *tool)
{
	struct value prog = value_map(), args = value_array();

	options_list(&tool->options, &args, &tool->arena);
	for (size_t i = 0; tool->words.kind == VALUE_ARRAY && i < tool->words.list.count; i++)
		value_push(&args, tool->words.list.items[i], &tool->arena);
	value_set(&prog, "name", value_string(tool->about->name), &tool->arena);
	value_set(&prog, "version", value_string(TOOL_VERSION), &tool->arena);
	value_set(&prog, "seed", value_integer((int64_t)tool->seed), &tool->arena);
	value_set(&prog, "args", args, &tool->arena);
	return prog;
}

int tool_append_prog(struct tool *tool, struct value *header)
{
	const struct value *old = value_get(header, "prog");
	struct value progs = value_array();

	if (!value_get(header, "cc"))
		value_set(header, "cc", value_integer(1), &tool->arena);
	for (size_t i = 0; old && old->kind == VALUE_ARRAY && i < old->list.count; i++)
		value_push(&progs, old->list.items[i], &tool->arena);
	value_push(&progs, tool_prog(tool), &tool->arena);
	value_set(header, "prog", progs, &tool->arena);
	return tool->arena.failed ? err_memory(&tool->err) : 0;
}

int tool_output(struct tool *tool, enum file_kind kind)
{
	return output_open(&tool->output, tool->output_path, kind, &tool->err);
}

int tool_write(struct tool *tool)
{
	int fd = STDOUT_FILENO;

	if (tool->output_path && strcmp(tool->output_path, "-") != 0) {
		if (tool_output(tool, FILE_STREAM))
			return -1;
		fd = tool->output.fd;
	} else if (isatty(fd)) {
		return tool_usage(tool, "standard output is a terminal, and records are binary; "
					"append `| cc-view`, or use -o FILE");
	}
	if (tool_append_prog(tool, &tool->in.header))
		return -1;
	tool->writing = true;
	stream_writer_init(&tool->out, fd);
	tool->out.path = tool->output.name;
	return stream_write_header(&tool->out, &tool->in.header, &tool->err);
}

int tool_next(struct tool *tool, struct record *record)
{
	int state = stream_read(&tool->in, record, &tool->err);

	if (state == STREAM_RECORD)
		progress_tick(&tool->progress, tool->in.records, tool->bad, "");
	return state;
}

/* Replaces BLIS's own function, which raises SIGABRT.  BLIS calls it after printing a message when an allocation fails. */
void bli_abort(void);
void bli_abort(void)
{
	fputs("out of memory\n", stderr);
	_exit(TOOL_FAILED);
}

static void tool_free(struct tool *tool)
{
	progress_clear(&tool->progress);
	output_discard(&tool->output);
	if (tool->reading)
		stream_close(&tool->in);
	stream_writer_free(&tool->out);
	options_free(&tool->options);
	free(tool->inputs.items);
	arena_free(&tool->arena);
}

/* After a failed allocation any other error may be a consequence of it. */
static void report_no_memory(struct tool *tool)
{
	if (tool->exit_code == TOOL_DONE || !strstr(tool->err.text, "memory"))
		err_memory(&tool->err);
	tool->exit_code = TOOL_FAILED;
}

int tool_fail(struct tool *tool)
{
	if (memory_failed())
		report_no_memory(tool);
	if (tool->exit_code != TOOL_DONE && tool->err.text[0])
		tool_warn(tool, "%s", tool->err.text);
	if (tool->exit_code == TOOL_USAGE)
		fprintf(stderr, "Run `%s -h` for help.\n", tool->about->name);
	int code = tool->exit_code;
	tool_free(tool);
	return code;
}

static int write_tail(struct tool *tool)
{
	struct stream_tail *tail = &tool->in.tail;

	if (!tool->reading)
		tail->bad = value_map();
	if (bad_merge(&tail->bad, &tool->bad_reasons, &tool->arena))
		return err_memory(&tool->err);
	return stream_write_tail(&tool->out, tail, &tool->err);
}

int tool_finish(struct tool *tool)
{
	if (memory_failed()) {
		err_memory(&tool->err);
		return tool_fail(tool);
	}
	if (tool_check_bad(tool))
		return tool_fail(tool);
	if (tool->writing && write_tail(tool))
		return tool_fail(tool);
	if (dependencies_write(tool))
		return tool_fail(tool);
	if (tool->output.fd >= 0 && output_commit(&tool->output, &tool->err))
		return tool_fail(tool);
	if (tool_flush(&tool->err))
		return tool_fail(tool);
	if (tool->bad)
		tool_say(tool, "%llu of %llu records could not be used", (unsigned long long)tool->bad,
			(unsigned long long)tool->in.records);
	if (tool->in.styles_differ)
		tool_warn(tool, "warning: the concatenated streams have different caption templates%s",
			tool->writing ? "; the output's header has those of the first" : "");
	if (tool->kept)
		tool_say(tool, "%llu of %llu records are faulty and were kept", (unsigned long long)tool->kept,
			(unsigned long long)tool->in.records);
	tool_free(tool);
	return TOOL_DONE;
}
