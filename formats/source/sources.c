#define _XOPEN_SOURCE 700
#include "formats/source/sources.h"

#include "formats/tar/cifar.h"
#include "formats/stream/file_magic.h"
#include "formats/source/crawl.h"
#include "formats/source/metadata.h"
#include "formats/source/shard_list.h"
#include "formats/source/source_folder.h"
#include "formats/source/table_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Adds a file or folder.  A name that would be taken for a command or for standard input gets "./" in front. */
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
	struct source source = { .path = path, .kind = kind, .rereadable_cheaply = file, .rereadable = file, .size = size };

	if (file && kind == SOURCE_TAR &&
		side_count_find(&sources->sides, path, &source.declared, &source.declared_by, &sources->arena, err))
		return -1;
	return add(sources, source, err);
}

/* Adds a folder of files.  For a crawl's folder the record count comes from its _stats.json. */
static int add_files(struct sources *sources, const char *folder, struct err *err)
{
	struct source source = { .path = folder, .kind = SOURCE_FOLDER, .rereadable_cheaply = true, .rereadable = true };

	if (crawl_is_folder(folder) &&
		side_count_find(&sources->sides, folder, &source.declared, &source.declared_by, &sources->arena, err))
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
	source->image_folder = metadata->folder;
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
		return err_set(err, "%s: %lld bytes, but the list says %llu; one of them has changed (cc-shard index rebuilds the list)",
			shard->path, (long long)status.st_size, (unsigned long long)shard->bytes);
	if (add_file(sources, shard->path, &status, err))
		return -1;
	struct source *source = &sources->items[sources->count - 1];
	source->declared = shard->records;
	source->declared_by = arena_string(&sources->arena, listed->list, strlen(listed->list));
	return source->declared_by ? 0 : err_memory(err);
}

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

/* The star in "a.tar*2"; NULL: no number follows a star.  In a command, stars belong to the shell. */
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
	int depth; /* nested lists */
};

static int add_argument(void *context, const char *argument, struct err *err);

static int add_weighted(struct adding *adding, const char *argument, const char *star, double weight, struct err *err)
{
	struct sources *sources = adding->sources;
	const size_t before = sources->count;

	if (!(weight > 0 && weight <= SOURCES_WEIGHT_MOST))
		return err_set(
			err, "%s: a weight must be more than 0 and at most %d, as in a.tar*2 or a.tar*0.5", argument, SOURCES_WEIGHT_MOST);
	char *name = span_copy_string(span_of(argument, (size_t)(star - argument)));
	int state = name ? add_argument(adding, name, err) : err_memory(err);
	const size_t group = sources->weight_groups + 1;
	for (size_t i = before; i < sources->count; i++) {
		struct source *source = &sources->items[i];
		source->weight *= weight;
		if (!source->weight_group)
			source->weight_group = sources->weight_groups = group;
	}
	free(name);
	return state;
}

/* Does a file have this name?  Also true for a broken link and for a name in a folder that cannot be searched, but not for text that is
 * too long for a file name, as a command may be. */
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
				? append(sources, &(struct source){ .path = name, .kind = SOURCE_TAR, .rereadable = true }, err)
				: add_path(sources, name, err))
			return -1;
	}
	return 0;
}

static int add_standard_input(struct sources *sources, const char *argument, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (strcmp(sources->items[i].path, argument) == 0)
			return err_set(err, "standard input ('-') is named twice but can be read only once");
	return append(sources, &(struct source){ .path = argument, .kind = SOURCE_TAR }, err);
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
		return err_set(err, "%s: commands in lists are not run; use --allow-pipe if you trust the list", argument);
	const char *star = find_weight(argument, &weight);
	if (star)
		return add_weighted(adding, argument, star, weight, err);
	if (file_magic_refuse_url(span_string(argument), err))
		return err_add(err, "%s", argument);
	if (*argument != '@')
		return add_expanded(adding->sources, argument, err);
	if (deeper.depth > DEPTH_MOST)
		return err_set(err, "%s: lists are nested more than %d deep", argument, DEPTH_MOST);
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
		if (source->kind == SOURCE_TAR && !source->declared_by && (source_command(source->path) || !table_is_tar(source->path)))
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

static int check_repeats(const struct sources *sources, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].weight > 1 && !sources->items[i].rereadable)
			return err_set(err, "%s*%g: can be read only once; its weight must be 1 or less", sources->items[i].path,
				sources->items[i].weight);
	return 0;
}

/* Appends the sources whose weight is above `pass`; to NULL: only counts them. */
static size_t append_pass(struct source *to, const struct sources *sources, unsigned pass)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const double left = sources->items[i].weight - pass;
		if (left <= 0)
			continue;
		if (to) {
			to[count] = sources->items[i];
			to[count].pass = pass;
			to[count].share = left < 1 ? left : 1;
		}
		count++;
	}
	return count;
}

static bool same(double a, double b)
{
	return !(a < b) && !(a > b);
}

int sources_weight_words(struct value *words, const struct sources *sources, struct arena *arena)
{
	bool plain = true;

	*words = value_array();
	for (size_t i = 0; i < sources->count; i++)
		plain = plain && same(sources->items[i].weight, 1);
	for (size_t i = 0; !plain && i < sources->count; i++) {
		const double weight = sources->items[i].weight;
		char word[32];
		if (i > 0 && same(weight, sources->items[i - 1].weight))
			continue;
		snprintf(word, sizeof word, "*%.9g", weight);
		const char *kept = arena_string(arena, word, strlen(word));
		if (!kept || value_push(words, value_string(kept), arena))
			return -1;
	}
	return 0;
}

int sources_apply_weights(struct sources *sources, struct err *err)
{
	enum { SOURCES_MOST = 1 << 24 };
	size_t total = 0, count;
	unsigned passes = 0;

	if (check_repeats(sources, err))
		return -1;
	while (total <= SOURCES_MOST && (count = append_pass(NULL, sources, passes)) > 0) {
		total += count;
		passes++;
	}
	if (total > SOURCES_MOST || passes > SOURCES_WEIGHT_MOST)
		return err_set(err, "the weights need more than %d passes", SOURCES_WEIGHT_MOST);
	if (total == 0)
		return 0;
	struct source *items = calloc(total, sizeof *items);
	if (!items)
		return err_memory(err);
	sources->capacity = total;
	total = 0;
	for (unsigned pass = 0; pass < passes; pass++)
		total += append_pass(items + total, sources, pass);
	free(sources->items);
	sources->items = items;
	sources->count = total;
	return 0;
}

int sources_refuse_weights(const struct sources *sources, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++)
		if (sources->items[i].weight < 1 || sources->items[i].weight > 1)
			return err_set(err, "%s: only cc-shard read supports weights", sources->items[i].path);
	return 0;
}

void sources_free(struct sources *sources)
{
	free(sources->items);
	side_counts_free(&sources->sides);
	arena_free(&sources->arena);
	*sources = (struct sources){ 0 };
}
