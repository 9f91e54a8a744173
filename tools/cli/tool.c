#include "tools/cli/tool.h"

#include "tools/cli/machine.h"
#include "tools/cli/dependencies.h"
#include "tools/cli/help.h"
#include "formats/stream/output_place.h"
#include "text/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MOST 0x1p32 /* of a value in msgpack */

static const struct option_spec common_options[] = {
	{ "output", OPTION_TEXT, offsetof(struct tool, output_path), "FILE", "write to FILE, whole or not at all", 'o', .output = true },
	{ "jobs", OPTION_COUNT, offsetof(struct tool, jobs), "N", "threads (default: $CC_JOBS, or the CPUs it may use)", 'j', .min = 1,
		.max = 1024 },
	{ "seed", OPTION_COUNT, offsetof(struct tool, seed), "N", "of everything random (default 0)" },
	{ "max-bad", OPTION_SHARE, offsetof(struct tool, max_bad), "SHARE",
		"fail when more of the records are unusable (default 1%; one is allowed until 100 are seen)" },
	{ "max-record", OPTION_BYTES, offsetof(struct tool, limits.record), "BYTES", "refuse a larger record (default 256M)", .min = 64,
		.max = BYTES_MOST },
	{ "max-string", OPTION_BYTES, offsetof(struct tool, limits.string), "BYTES", "refuse a longer text (default 1M)", .min = 64,
		.max = BYTES_MOST },
	{ "max-depth", OPTION_COUNT, offsetof(struct tool, limits.depth), "N", "refuse deeper nesting (default 32)", .min = 2, .max = 32 },
	{ "max-pixels", OPTION_COUNT, offsetof(struct tool, limits.pixels), "N",
		"refuse a larger image before it is decoded; the coefficients of a JPEG in several scans count as pixels (default 64M)",
		.min = 1, .max = 1e10 },
	{ "MF", OPTION_TEXT, offsetof(struct tool, dependency_path), "FILE",
		"write what was read as a rule for make, as compilers do; its target is -o's FILE", .output = true },
	{ "MT", OPTION_TEXT, offsetof(struct tool, dependency_target), "TARGET",
		"another target for -MF: what a later stage of the pipe makes" },
	{ "quiet", OPTION_FLAG, offsetof(struct tool, quiet), NULL, "say only what is wrong", 'q' },
	{ "verbose", OPTION_FLAG, offsetof(struct tool, verbose), NULL, "say more", 'v' },
	{ "help", OPTION_FLAG, offsetof(struct tool, help), NULL, "this page", 'h' },
	{ "man", OPTION_FLAG, offsetof(struct tool, man), NULL, "the manual page, as roff" },
	{ "version", OPTION_FLAG, offsetof(struct tool, version), NULL, "versions of this and of its libraries" },
	{ 0 },
};

/* In one write: the other tools of the pipe print on the same terminal.  Names and keys in the text come from outside. */
static void print_message(struct tool *tool, const char *text)
{
	struct buf line = { 0 };

	progress_clear(&tool->progress);
	buf_printf(&line, "%s: ", tool->about->name);
	append_printable(&line, span_string(text));
	buf_append_byte(&line, '\n');
	if (line.failed)
		fprintf(stderr, "%s: out of memory\n", tool->about->name);
	else
		fwrite(line.data, 1, line.size, stderr);
	buf_free(&line);
}

void tool_say(struct tool *tool, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	if (tool->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	print_message(tool, text);
}

void tool_warn(struct tool *tool, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	print_message(tool, text);
}

int tool_usage(struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tool->err.text, ERR_TEXT, format, args);
	va_end(args);
	tool->exit_code = TOOL_USAGE;
	return -1;
}

int tool_flush(struct err *err)
{
	if (fflush(stdout) || ferror(stdout) || (close(STDOUT_FILENO) && errno != EBADF))
		return err_errno(err, "standard output");
	return 0;
}

/* 1: the page was printed, there is nothing else to do. */
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
		return tool_usage(tool, "'%s' is one argument too many", tool->arguments[about->arguments_max]);
	if (tool->argument_count < about->arguments_min)
		return tool_usage(tool, "an argument is missing: %s %s", about->name, about->usage);
	return 0;
}

enum { OUTPUTS_MOST = 8 };

/* The files that options name to be written. */
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
			if (output_place_same(paths[i], paths[k]))
				return tool_usage(tool, "%s: two outputs cannot be one file", paths[i]);
	return 0;
}

/* $CC_JOBS, or the CPUs that this process may use. */
static uint64_t default_jobs(void)
{
	const char *wanted = getenv("CC_JOBS");
	const long jobs = wanted ? strtol(wanted, NULL, 10) : 0;

	return jobs >= 1 && jobs <= 1024 ? (uint64_t)jobs : cpus_usable();
}

/* A closed one's number would be that of the next file, and a model would begin with what is printed.  What takes the place is
 * opened the wrong way round: to use it is an error. */
static void fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int tool_start(struct tool *tool, const struct tool_about *about, void *variables, int argc, char **argv)
{
	int first;

	fill_descriptors();
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
	if (options_parse(&tool->options, argc, argv, &first, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return -1;
	}
	tool->arguments = argv + first;
	tool->argument_count = (size_t)(argc - first);
	return print_page(tool) || check_arguments(tool) || check_outputs(tool) || dependencies_check(tool) ? -1 : 0;
}

/* No stream?  What is it, then, and which command takes it? */
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
			"records are expected on standard input, and that is a terminal: "
			"begin with `cc-shard read SOURCE | %s ...`",
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
		return tool_usage(tool, "standard output is a terminal and records are binary: "
					"end with `| cc-view`, or give -o FILE");
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

/* BLIS calls this instead of its own function, which raises SIGABRT, when it gets no memory; it has printed a message then. */
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

/* Whatever an error says that was found after a failed allocation, it may be a consequence of that. */
static void blame_memory(struct tool *tool)
{
	if (tool->exit_code == TOOL_DONE || !strstr(tool->err.text, "memory"))
		err_memory(&tool->err);
	tool->exit_code = TOOL_FAILED;
}

int tool_fail(struct tool *tool)
{
	if (memory_failed())
		blame_memory(tool);
	if (tool->exit_code != TOOL_DONE && tool->err.text[0])
		print_message(tool, tool->err.text);
	if (tool->exit_code == TOOL_USAGE)
		fprintf(stderr, "%s -h tells how it is used.\n", tool->about->name);
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
		tool_warn(tool, "the streams put behind one another name different caption templates%s",
			tool->writing ? ": the header that was written names those of the first" : "");
	if (tool->mended)
		tool_say(tool, "%llu of %llu records have a fault and were kept", (unsigned long long)tool->mended,
			(unsigned long long)tool->in.records);
	tool_free(tool);
	return TOOL_DONE;
}
