#define _XOPEN_SOURCE 700
#include "formats/source/metadata.h"

#include "formats/stream/key_set.h"
#include "formats/source/folder.h"
#include "formats/source/image_path.h"
#include "formats/source/source_folder.h"
#include "formats/source/sources.h"
#include "formats/source/table_rows.h"
#include "formats/tar/member_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* 1: `path` is the table of the folder; 0: it has none. */
static int find_table(struct buf *path, const char *folder, struct err *err)
{
	const bool csv = is_file(path_join(path, folder, "metadata.csv"));

	if (is_file(path_join(path, folder, "metadata.jsonl")))
		return csv ? err_set(err, "%s: contains both metadata.jsonl and metadata.csv; name the one to read", folder) : 1;
	if (csv) {
		path_join(path, folder, "metadata.csv");
		return 1;
	}
	if (!is_file(path_join(path, folder, "metadata.parquet")))
		return 0;
	return err_set(err, "%s: Parquet; convert it: duckdb -c \"copy (from 'metadata.parquet') to 'metadata.jsonl' (format json)\"",
		buf_string(path));
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

struct finding {
	int (*take)(void *context, const char *path, const char *prefix, struct err *err);
	void *context;
	struct buf path, prefix;
};

static int find_in_subfolder(struct finding *finding, const char *folder, const char *name, struct err *err)
{
	struct buf below = { 0 };
	int state = find_table(&finding->path, path_join(&below, folder, name), err);

	if (state == 1) {
		path_join(&finding->prefix, name, "");
		state = finding->take(finding->context, buf_string(&finding->path), buf_string(&finding->prefix), err) ? -1 : 1;
	}
	buf_free(&below);
	return state;
}

static int find_in_subfolders(struct finding *finding, const char *folder, struct err *err)
{
	struct dirent **entries;
	const int count = scandir(folder, &entries, is_visible, compare_entries);
	int state = 0;

	if (count < 0)
		return err_errno(err, "%s", folder);
	for (int i = 0; i < count; i++) {
		const int found = state < 0 ? 0 : find_in_subfolder(finding, folder, entries[i]->d_name, err);
		state = found ? found : state;
		free(entries[i]);
	}
	free(entries);
	return state;
}

int metadata_find(const char *folder, int (*take)(void *context, const char *path, const char *prefix, struct err *err), void *context,
	struct err *err)
{
	struct finding finding = { .take = take, .context = context };
	int state = find_table(&finding.path, folder, err);

	if (state == 1 && take(context, buf_string(&finding.path), NULL, err))
		state = -1;
	if (state == 0)
		state = find_in_subfolders(&finding, folder, err);
	buf_free(&finding.path);
	buf_free(&finding.prefix);
	return state;
}

struct unlisted {
	const struct table_options *options;
	const struct limits *limits;
	struct key_set listed;
	struct buf image, plain, composed;
};

/* The path without empty parts, "." and "..", in NFC, so that two paths of one file are equal. */
static struct span plain_path(struct unlisted *unlisted)
{
	const struct span path = buf_span(&unlisted->image);
	struct buf *plain = &unlisted->plain;

	buf_clear(plain);
	buf_clear(&unlisted->composed);
	for (size_t at = 0, end; at < path.size; at = end + 1) {
		for (end = at; end < path.size && path.data[end] != '/'; end++)
			;
		const struct span part = span_of(path.data + at, end - at);
		if (part.size == 0 || span_is(part, "."))
			continue;
		if (span_is(part, "..")) {
			while (plain->size && plain->data[--plain->size] != '/')
				;
			continue;
		}
		buf_append_byte(plain, '/');
		buf_append_span(plain, part);
	}
	return name_compose(buf_span(plain), &unlisted->composed);
}

/* Adds the path to the listed ones.  1: it was listed before; -1: out of memory. */
static int add_path(struct unlisted *unlisted, const char *prefix, struct span image)
{
	uint64_t line = 0;

	buf_clear(&unlisted->image);
	buf_append_string(&unlisted->image, prefix ? prefix : "");
	buf_append_span(&unlisted->image, image);
	image_path_slashes(&unlisted->image);
	const struct span path = plain_path(unlisted);
	if (unlisted->image.failed || unlisted->plain.failed || unlisted->composed.failed)
		return -1;
	return key_set_add(&unlisted->listed, path, &line);
}

static int read_table(struct unlisted *unlisted, const struct source *source, struct err *err)
{
	struct table_rows rows;
	const int fd = open(source->path, O_RDONLY | O_CLOEXEC);
	int state = fd < 0 ? err_errno(err, "open") : table_rows_open(&rows, fd, source->path, unlisted->options, unlisted->limits, err);

	if (fd < 0)
		return err_add(err, "%s", source->path);
	while (state == 0 && (state = table_rows_next(&rows, err)) == 1)
		state = add_path(unlisted, source->prefix, table_rows_cell(&rows, TABLE_IMAGE)) < 0 ? err_memory(err) : 0;
	table_rows_close(&rows);
	close(fd);
	return state ? err_add(err, "%s", source->path) : 0;
}

static int read_tables(struct unlisted *unlisted, const struct sources *sources, const char *folder, struct err *err)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];
		if (source->image_folder && strcmp(source->image_folder, folder) == 0 && source->pass == 0 &&
			read_table(unlisted, source, err))
			return -1;
	}
	return 0;
}

static int walk(struct unlisted *unlisted, const char *root,
	int (*take)(void *context, const char *path, const char *folder, struct err *err), void *context, struct err *err)
{
	struct folder folder;
	struct span name;
	uint64_t offset, size;
	int state = folder_open(&folder, root, false, err);
	const struct member_feed feed = folder_feed(&folder);

	while (state == 0 && (state = feed.next(feed.from, &name, &offset, &size, err)) == 1) {
		state = 0;
		if (!image_path_field(name).size)
			continue;
		const int listed = add_path(unlisted, NULL, name);
		if (listed < 0)
			state = err_memory(err);
		else if (listed == 0)
			state = take(context, buf_string(&unlisted->image), root, err);
	}
	folder_close(&folder);
	return state;
}

static bool folder_was_walked(const struct sources *sources, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (sources->items[i].image_folder && strcmp(sources->items[i].image_folder, sources->items[number].image_folder) == 0)
			return true;
	return false;
}

int metadata_unlisted(const struct sources *sources, const struct table_options *options, const struct limits *limits,
	int (*take)(void *context, const char *path, const char *folder, struct err *err), void *context, struct err *err)
{
	struct unlisted unlisted = { .options = options, .limits = limits };
	int state = 0;

	for (size_t i = 0; i < sources->count && state == 0; i++) {
		const char *folder = sources->items[i].image_folder;
		if (!folder || folder_was_walked(sources, i))
			continue;
		key_set_free(&unlisted.listed);
		unlisted.listed = (struct key_set){ 0 };
		state = read_tables(&unlisted, sources, folder, err) ? -1 : walk(&unlisted, folder, take, context, err);
	}
	key_set_free(&unlisted.listed);
	buf_free(&unlisted.image);
	buf_free(&unlisted.plain);
	buf_free(&unlisted.composed);
	return state;
}
