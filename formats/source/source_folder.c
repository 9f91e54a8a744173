#define _XOPEN_SOURCE 700
#include "formats/source/source_folder.h"

#include "formats/tar/cifar.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"
#include "formats/source/crawl.h"
#include "core/arena.h"

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the folders below a folder contain if it has neither images nor tars itself.  A downloaded repository keeps its shards in data/. */
struct shards_below {
	const char *folders[2]; /* the first two folders with tars, in the order of their names */
	size_t count;           /* all folders with tars */
	const char *image;      /* the first image, which ends the search */
	const char *foreign;    /* the first Parquet, Arrow or TFRecord file */
	bool texts;             /* sample fields were found: txt, cls, npy */
	bool incomplete;        /* not all folders were searched */
	size_t searched;
	struct arena *arena;    /* of the paths */
};

/* A folder and its ancestors.  A link to an ancestor is not followed. */
struct ancestors {
	dev_t device;
	ino_t inode;
	const struct ancestors *next;
};

enum { DEPTH_MOST = 16, SEARCHED_MOST = 100000 };

static int is_wanted(const struct dirent *entry)
{
	const struct span name = span_string(entry->d_name);

	return !span_is(name, ".") && !span_is(name, "..") && !name_part_ignored(name);
}

int compare_entries(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool ends_in_one_of(const char *name, const char *const *ends)
{
	for (; *ends; ends++) {
		const size_t length = strlen(name), wanted = strlen(*ends);
		if (length > wanted && strcmp(name + length - wanted, *ends) == 0)
			return true;
	}
	return false;
}

const char *path_join(struct buf *path, const char *folder, const char *name)
{
	buf_clear(path);
	buf_append_string(path, folder);
	if (path->size && path->data[path->size - 1] != '/')
		buf_append_byte(path, '/');
	buf_append_string(path, name);
	return buf_string(path);
}

static const char *copy_path(struct shards_below *below, const char *path)
{
	return arena_string(below->arena, path, strlen(path));
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* -1: out of memory. */
static int look_at_file(struct shards_below *below, const char *folder, const char *path, bool *tars)
{
	static const char *const foreign[] = { ".parquet", ".arrow", ".tfrecord", ".tfrecords", NULL };
	static const char *const texts[] = { ".txt", ".cls", ".npy", NULL };
	size_t extension_size;

	if (name_is_tar(path)) {
		if (!*tars && below->count++ < 2 && !(below->folders[below->count - 1] = copy_path(below, folder)))
			return -1;
		*tars = true;
	} else if (name_ends_as_image(span_string(path), &extension_size)) {
		return (below->image = copy_path(below, path)) ? 0 : -1;
	} else if (!below->foreign && ends_in_one_of(path, foreign)) {
		return (below->foreign = copy_path(below, path)) ? 0 : -1;
	}
	below->texts = below->texts || ends_in_one_of(path, texts);
	return 0;
}

/* Should the folder be searched?  If so, sets *self. */
static bool enter(struct shards_below *below, const char *folder, const struct ancestors *ancestors, int depth, struct ancestors *self)
{
	struct stat status;

	if (stat(folder, &status))
		return false;
	*self = (struct ancestors){ status.st_dev, status.st_ino, ancestors };
	for (; ancestors; ancestors = ancestors->next)
		if (ancestors->device == self->device && ancestors->inode == self->inode)
			return false;
	if (depth >= DEPTH_MOST || below->searched >= SEARCHED_MOST) {
		below->incomplete = true;
		return false;
	}
	below->searched++;
	return true;
}

static int walk(struct shards_below *below, const char *folder, const struct ancestors *ancestors, int depth)
{
	struct ancestors self;
	struct dirent **entries = NULL;
	struct buf path = { 0 };
	const int count = enter(below, folder, ancestors, depth, &self) ? scandir(folder, &entries, is_wanted, compare_entries) : 0;
	bool tars = false;
	int state = 0;

	for (int pass = 0; pass < 2; pass++) /* a folder's files before its folders */
		for (int i = 0; i < count && state == 0 && !below->image; i++) {
			const char *name = path_join(&path, folder, entries[i]->d_name);
			const bool down = is_folder(name);
			if (path.failed)
				state = -1;
			else if (down == (pass == 1))
				state = down ? walk(below, name, &self, depth + 1) : look_at_file(below, folder, name, &tars);
		}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	buf_free(&path);
	return state;
}

/* below->arena is set.  Skips names that member_name ignores and folders that cannot be read. */
static int find_shards_below(struct shards_below *below, const char *folder, struct err *err)
{
	return walk(below, folder, NULL, 0) ? err_memory(err) : 0;
}

/* The entries of a folder and what each of them is. */
struct listing {
	const char *folder;
	struct dirent **entries;
	int count;
	enum part {
		PART_NONE,
		PART_BATCH,
		PART_TAR,
		PART_FOLDER,
		PART_NUMBERED, /* a folder that img2dataset may have made */
		PART_IMAGE,
	} *
		parts;
	struct buf path;
};

static enum part part_of_file(const char *name)
{
	size_t extension_size;

	return name_is_tar(name) ? PART_TAR : name_ends_as_image(span_string(name), &extension_size) ? PART_IMAGE : PART_NONE;
}

/* _tmp is left by an interrupted img2dataset.  A broken link counts by its name, so that opening it reports an error. */
static enum part part_of(struct listing *listing, const char *name)
{
	struct stat status;

	if (stat(path_join(&listing->path, listing->folder, name), &status))
		return part_of_file(name);
	if (S_ISDIR(status.st_mode))
		return strcmp(name, "_tmp") == 0 ? PART_NONE : crawl_is_folder(name) ? PART_NUMBERED : PART_FOLDER;
	if (cifar_is_batch(span_string(name), (uint64_t)status.st_size))
		return PART_BATCH;
	return part_of_file(name);
}

/* The first name of that part; NULL: none. */
static const char *first(const struct listing *listing, enum part part)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->parts[i] == part)
			return listing->entries[i]->d_name;
	return NULL;
}

static int check_crawl(const struct listing *listing, bool check, enum crawl_form *form, struct err *err)
{
	const size_t count = (size_t)listing->count;
	const char **names = calloc(count + 1, sizeof *names);

	if (!names)
		return err_memory(err);
	for (size_t i = 0; i < count; i++)
		names[i] = listing->entries[i]->d_name;
	*form = crawl_form_of(names, count);
	int state = check ? crawl_check_folder(listing->folder, names, count, *form != CRAWL_TARS, err) : 0;
	free(names);
	return state;
}

static int take_parts(struct listing *listing, enum part part, source_part *take, void *context, struct err *err)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->parts[i] == part &&
			take(context, path_join(&listing->path, listing->folder, listing->entries[i]->d_name), err))
			return -1;
	return listing->path.failed ? err_memory(err) : 1;
}

static int refuse_mixed(const struct listing *listing, const char *tar, const char *other, struct err *err)
{
	return err_set(err, "%s: contains both tars (%s) and images or folders (%s); name the ones to read", listing->folder, tar, other);
}

/* For a folder with neither images nor tars of its own. */
static int take_parts_below(struct listing *listing, bool subset, source_part *take, void *context, struct err *err)
{
	struct arena arena = { 0 };
	struct shards_below below = { .arena = &arena };
	int state = find_shards_below(&below, listing->folder, err) ? -1 : 0;

	if (state == 0 && below.count && below.image)
		state = refuse_mixed(listing, below.folders[0], below.image, err);
	else if (state == 0 && below.count > 1)
		state = err_set(err, "%s: %zu folders below it contain shards (%s, %s%s); name the ones to read", listing->folder,
			below.count, below.folders[0], below.folders[1], below.count > 2 ? ", ..." : "");
	else if (state == 0 && below.count && below.incomplete)
		state = err_set(err, "%s: %s contains shards, but there are too many folders to search them all; name the ones to read",
			listing->folder, below.folders[0]);
	else if (state == 0 && below.count)
		state = source_folder_parts(below.folders[0], subset, take, context, err);
	else if (state == 0 && below.foreign && !below.image && !below.texts)
		state = err_set(err,
			"%s: contains no samples, only files in another format (%s); `cc-shard read` of one of them names a converter",
			listing->folder, below.foreign);
	arena_free(&arena);
	return state;
}

/* A crawl by img2dataset in a format other than tars. */
static int take_crawl(struct listing *listing, enum crawl_form form, source_part *take, void *context, struct err *err)
{
	static const char convert[] =
		"convert it to tars with Python (see \"A crawl by img2dataset\" in the manual), or run img2dataset with "
		"--output_format webdataset";

	if (form == CRAWL_PARQUET)
		return err_set(err, "%s: img2dataset output in parquet format; %s", listing->folder, convert);
	if (form == CRAWL_TFRECORD)
		return err_set(err, "%s: img2dataset output in tfrecord format; %s", listing->folder, convert);
	if (form == CRAWL_LOST)
		return err_set(err, "%s: contains _stats.json files of img2dataset, but none of its shards", listing->folder);
	const char *shard = first(listing, PART_NUMBERED), *other = first(listing, PART_FOLDER);
	if (shard && other)
		return err_set(err, "%s: contains folders of a crawl (%s) and another folder (%s); name the ones to read", listing->folder,
			shard, other);
	return take_parts(listing, PART_NUMBERED, take, context, err);
}

static int take_listing(struct listing *listing, bool subset, source_part *take, void *context, struct err *err)
{
	enum crawl_form form = CRAWL_NONE;

	listing->parts = calloc((size_t)listing->count + 1, sizeof *listing->parts);
	if (!listing->parts)
		return err_memory(err);
	for (int i = 0; i < listing->count; i++)
		listing->parts[i] = part_of(listing, listing->entries[i]->d_name);
	if (first(listing, PART_BATCH))
		return take_parts(listing, PART_BATCH, take, context, err);
	const char *tar = first(listing, PART_TAR), *image = first(listing, PART_IMAGE), *folder = first(listing, PART_FOLDER);
	if (!folder)
		folder = first(listing, PART_NUMBERED);
	if (tar && (image || folder))
		return refuse_mixed(listing, tar, image ? image : folder, err);
	if (check_crawl(listing, false, &form, err) ||
		(!subset && (form == CRAWL_TARS || form == CRAWL_FOLDERS) && check_crawl(listing, true, &form, err)))
		return -1;
	if (tar)
		return take_parts(listing, PART_TAR, take, context, err);
	if (form != CRAWL_NONE && form != CRAWL_TARS && !image)
		return take_crawl(listing, form, take, context, err);
	return image ? 0 : take_parts_below(listing, subset, take, context, err);
}

static int refuse_python(struct listing *listing, struct err *err)
{
	path_join(&listing->path, listing->folder, "");
	return cifar_is_python(buf_span(&listing->path)) ? err_set(err, "%s: " CIFAR_PYTHON, listing->folder) : 0;
}

int source_folder_parts(const char *folder, bool subset, source_part *take, void *context, struct err *err)
{
	struct listing listing = { .folder = folder };
	int state = refuse_python(&listing, err);

	if (state == 0 && (listing.count = scandir(folder, &listing.entries, is_wanted, compare_entries)) < 0)
		state = err_errno(err, "%s", folder);
	if (state == 0)
		state = take_listing(&listing, subset, take, context, err);
	for (int i = 0; i < listing.count; i++)
		free(listing.entries[i]);
	free(listing.entries);
	free(listing.parts);
	buf_free(&listing.path);
	return state;
}
