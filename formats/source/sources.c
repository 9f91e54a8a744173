#define _XOPEN_SOURCE 700
#include "formats/source/sources.h"

#include "formats/tar/cifar.h"
#include "formats/stream/file_magic.h"
#include "formats/source/crawl.h"
#include "formats/source/metadata.h"
#include "formats/source/mix.h"
#include "formats/source/shard_list.h"
#include "formats/source/source_folder.h"
#include "formats/source/table_rows.h"
#include "formats/stream/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* @FILE: sources, one a line. */

enum { LONGEST = 64 << 10 };

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct span trim(struct span line)
{
	while (line.size && is_blank(line.data[line.size - 1]))
		line.size--;
	while (line.size && is_blank(*line.data))
		line = span_of(line.data + 1, line.size - 1);
	return line;
}

/* 1: it named something. */
static int take_line(struct span line, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	line = trim(line);
	if (line.size == 0 || *line.data == '#')
		return 0;
	if (memchr(line.data, 0, line.size))
		return err_set(err, "a zero byte: @FILE is a text that names sources, one a line");
	char *text = span_copy_string(line);
	int state = text ? take(context, text, err) : err_memory(err);
	free(text);
	return state ? -1 : 1;
}

static int read_lines(int fd, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	struct line_reader lines;
	struct span line;
	bool any = false;
	int state;

	line_reader_init(&lines, fd, LONGEST);
	while ((state = line_read(&lines, &line, err)) == 1) {
		int taken = lines.number == 1 && file_magic_expect_list(line, "a list of sources", err)
				    ? -1
				    : take_line(line, take, context, err);
		any = any || taken > 0;
		if (taken < 0) {
			state = err_add(err, "line %zu", lines.number);
			break;
		}
	}
	line_reader_free(&lines);
	return state ? -1 : any ? 0 : err_set(err, "it names no source");
}

/* Gives every line to `take`, without white space around it; those that are empty or begin with # are left out.  "-": standard
 * input.  Errors name the file and the line; a file that names nothing is one. */
static int source_list_read(const char *path, int (*take)(void *context, const char *line, struct err *err), void *context, struct err *err)
{
	const bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "@%s", path);
	int state = read_lines(fd, take, context, err);
	if (!standard)
		close(fd);
	return state ? err_add(err, "@%s", path) : 0;
}

const char *source_command(const char *path)
{
	return strncmp(path, "pipe:", 5) == 0 ? path + 5 : NULL;
}

static int append(struct sources *sources, const struct source *source, struct err *err)
{
	if (sources->count == sources->capacity) {
		size_t capacity = sources->capacity ? 2 * sources->capacity : 16;
		struct source *items = realloc(sources->items, capacity * sizeof *items);
		if (!items)
			return err_memory(err);
		sources->items = items;
		sources->capacity = capacity;
	}
	struct source *copy = &sources->items[sources->count];
	*copy = *source;
	copy->weight = copy->share = 1;
	copy->number = sources->count;
	copy->by_image = sources->by_image && (source->kind == SOURCE_TAR || source->kind == SOURCE_FOLDER);
	copy->path = arena_string(&sources->arena, source->path, strlen(source->path));
	if (!copy->path)
		return err_memory(err);
	sources->count++;
	return 0;
}

/* A file or a folder.  One whose name would mean something else as a source's path begins with "./". */
static int add(struct sources *sources, struct source source, struct err *err)
{
	struct buf plain = { 0 };

	if (!source_command(source.path) && strcmp(source.path, "-") != 0)
		return append(sources, &source, err);
	buf_printf(&plain, "./%s", source.path);
	source.path = buf_string(&plain);
	const int status = plain.failed ? err_memory(err) : append(sources, &source, err);
	buf_free(&plain);
	return status;
}

static int add_file(struct sources *sources, const char *path, const struct stat *status, struct err *err)
{
	uint64_t size = S_ISREG(status->st_mode) ? (uint64_t)status->st_size : 0;
	bool file = S_ISREG(status->st_mode);
	enum source_kind kind = table_is(path) || table_is_array(path)    ? SOURCE_TABLE
				: cifar_is_batch(span_string(path), size) ? SOURCE_BATCH
									  : SOURCE_TAR;
	struct source source = { .path = path, .kind = kind, .again = file, .repeats = file, .size = size };

	if (file && kind == SOURCE_TAR && side_count_find(&sources->sides, path, &source.told, &source.told_by, &sources->arena, err))
		return -1;
	return add(sources, source, err);
}

/* A folder of files; of a crawl, with the count that lies beside it. */
static int add_files(struct sources *sources, const char *folder, struct err *err)
{
	struct source source = { .path = folder, .kind = SOURCE_FOLDER, .again = true, .repeats = true };

	if (crawl_is_folder(folder) && side_count_find(&sources->sides, folder, &source.told, &source.told_by, &sources->arena, err))
		return -1;
	return add(sources, source, err);
}

static int add_part(void *context, const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status))
		return err_errno(err, "%s", path);
	return S_ISDIR(status.st_mode) ? add_files(context, path, err) : add_file(context, path, &status, err);
}

struct metadata_folder {
	struct sources *sources;
	const char *folder;
};

static int add_metadata(void *context, const char *path, const char *prefix, struct err *err)
{
	const struct metadata_folder *metadata = context;
	struct sources *sources = metadata->sources;

	if (add_part(sources, path, err))
		return -1;
	struct source *source = &sources->items[sources->count - 1];
	source->below = metadata->folder;
	source->prefix = prefix ? arena_string(&sources->arena, prefix, strlen(prefix)) : NULL;
	return prefix && !source->prefix ? err_memory(err) : 0;
}

static int add_folder(struct sources *sources, const char *folder, struct err *err)
{
	const int parts = source_folder_parts(folder, sources->subset, add_part, sources, err);

	struct metadata_folder metadata = { sources, arena_string(&sources->arena, folder, strlen(folder)) };
	const int found = parts ? parts : metadata.folder ? metadata_find(folder, add_metadata, &metadata, err) : err_memory(err);

	return found ? found < 0 ? -1 : 0 : add_files(sources, folder, err);
}

struct listed {
	struct sources *sources;
	const char *list;
};

static int add_listed(void *context, const struct listed_shard *shard, struct err *err)
{
	const struct listed *listed = context;
	struct sources *sources = listed->sources;
	struct stat status;

	if (stat(shard->path, &status))
		return err_errno(err, "%s", shard->path);
	if (!S_ISREG(status.st_mode) || shard_list_is(shard->path))
		return err_set(err, "%s: not a tar", shard->path);
	if (shard->sized && shard->bytes != (uint64_t)status.st_size)
		return err_set(err, "%s has %lld bytes, and the list says %llu: one of them was changed (cc-shard index makes it anew)",
			shard->path, (long long)status.st_size, (unsigned long long)shard->bytes);
	if (add_file(sources, shard->path, &status, err))
		return -1;
	struct source *source = &sources->items[sources->count - 1];
	source->told = shard->records;
	source->told_by = arena_string(&sources->arena, listed->list, strlen(listed->list));
	return source->told_by ? 0 : err_memory(err);
}

/* A list of shards. */
static int add_list(struct sources *sources, const char *path, struct err *err)
{
	struct listed listed = { sources, path };

	if (names_add(&sources->lists, path, strlen(path), &sources->arena))
		return err_memory(err);
	return shard_list_read(path, add_listed, &listed, err);
}

static int add_path(struct sources *sources, const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status))
		return err_errno(err, "%s", path);
	return S_ISDIR(status.st_mode)                        ? add_folder(sources, path, err)
	       : shard_list_is(path) && !table_is_array(path) ? add_list(sources, path, err)
							      : add_file(sources, path, &status, err);
}

/* "a.tar*2": where the star stands; NULL: no number stands behind one.  The stars of a command are the shell's. */
static const char *find_weight(const char *argument, double *weight)
{
	const char *star = source_command(argument) ? NULL : strrchr(argument, '*');
	char *end;

	if (!star || star == argument || star[-1] == '/' || !star[1] || strchr(" \t+", star[1]))
		return NULL;
	*weight = strtod(star + 1, &end);
	return *end ? NULL : star;
}

enum { DEPTH_MOST = 8 };

struct adding {
	struct sources *sources;
	int depth; /* of lists within one another */
};

static int add_argument(void *context, const char *argument, struct err *err);

static int add_weighted(struct adding *adding, const char *argument, const char *star, double weight, struct err *err)
{
	struct sources *sources = adding->sources;
	const size_t before = sources->count;

	if (!(weight > 0 && weight <= MIX_WEIGHT_MOST))
		return err_set(err, "%s: a weight is more than 0 and at most %d, as in a.tar*2 or a.tar*0.5", argument, MIX_WEIGHT_MOST);
	char *name = span_copy_string(span_of(argument, (size_t)(star - argument)));
	int state = name ? add_argument(adding, name, err) : err_memory(err);
	const size_t lane = sources->lanes + 1;
	for (size_t i = before; i < sources->count; i++) {
		struct source *source = &sources->items[i];
		source->weight *= weight;
		if (!source->lane)
			source->lane = sources->lanes = lane;
	}
	free(name);
	return state;
}

/* A dangling link, or what lies in a folder that cannot be searched, is a name, too.  The text of a command may be longer than names are. */
static bool is_name(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

static int add_expanded(struct sources *sources, const char *argument, struct err *err)
{
	struct names names = { 0 };
	const bool command = source_command(argument);

	if (braces_expand(&names, argument, &sources->arena, err))
		return err_add(err, "%s", argument);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		if (command && !is_name(name)
				? append(sources, &(struct source){ .path = name, .kind = SOURCE_TAR, .again = false, .repeats = true },
					  err)
				: add_path(sources, name, err))
			return -1;
	}
	return 0;
}

static int add_standard_input(struct sources *sources, const char *argument, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->items[i].path, argument) == 0)
			return err_set(err, "standard input ('-') is named twice, and can be read once");
	return append(sources, &(struct source){ .path = argument, .kind = SOURCE_TAR, .again = false, .repeats = false }, err);
}

static int add_argument(void *context, const char *argument, struct err *err)
{
	struct adding *adding = context, deeper = { adding->sources, adding->depth + 1 };
	struct stat status;
	double weight;

	if (strcmp(argument, "-") == 0)
		return add_standard_input(adding->sources, argument, err);
	if (source_command(argument) ? is_name(argument) : stat(argument, &status) == 0)
		return add_path(adding->sources, argument, err);
	if (source_command(argument) && adding->depth > 0 && !adding->sources->allow_pipe)
		return err_set(err, "%s: a list does not run commands; use --allow-pipe if you trust it", argument);
	const char *star = find_weight(argument, &weight);
	if (star)
		return add_weighted(adding, argument, star, weight, err);
	if (file_magic_refuse_url(span_string(argument), err))
		return err_add(err, "%s", argument);
	if (*argument != '@')
		return add_expanded(adding->sources, argument, err);
	if (deeper.depth > DEPTH_MOST)
		return err_set(err, "%s: more than %d lists within one another", argument, DEPTH_MOST);
	if (names_add(&adding->sources->lists, argument + 1, strlen(argument + 1), &adding->sources->arena))
		return err_memory(err);
	return source_list_read(argument + 1, add_argument, &deeper, err);
}

int sources_add(struct sources *sources, const char *argument, struct err *err)
{
	struct adding adding = { sources, 0 };

	return add_argument(&adding, argument, err);
}

void sources_take_tables(struct sources *sources)
{
	bool named = !sources->tables || !table_options_given(sources->tables);

	for (size_t i = 0; i < sources->count; i++)
		named = named || sources->items[i].kind == SOURCE_TABLE;
	for (size_t i = 0; !named && i < sources->count; i++) {
		struct source *source = &sources->items[i];
		if (source->kind == SOURCE_TAR && !source->told_by && (source_command(source->path) || !table_is_not(source->path)))
			source->kind = SOURCE_TABLE;
	}
}

void sources_split(struct sources *sources, uint64_t part, uint64_t parts)
{
	size_t kept = 0;

	for (size_t i = 0; i < sources->count; i++)
		if (i % parts == part)
			sources->items[kept++] = sources->items[i];
	sources->count = kept;
}

void sources_free(struct sources *sources)
{
	free(sources->items);
	side_counts_free(&sources->sides);
	arena_free(&sources->arena);
	*sources = (struct sources){ 0 };
}
