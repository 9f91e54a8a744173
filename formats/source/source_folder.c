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

/* What the folders below one that holds neither images nor tars contain: a downloaded repository keeps its shards in data/. */
struct shards_below {
	const char *folders[2]; /* that hold tars: the first two, in the order of their names */
	size_t count;           /* of all of them */
	const char *image;      /* the first image; the search ends there */
	const char *foreign;    /* the first Parquet, Arrow or TFRecord file */
	bool texts;             /* there are fields of samples: txt, cls, npy */
	bool cut;               /* there are more folders than were searched */
	size_t searched;
	struct arena *arena;    /* of the paths */
};

/* A folder and those that it lies in: a link back to one of them is not followed. */
struct above {
	dev_t device;
	ino_t inode;
	const struct above *next;
};

enum { DEPTH_MOST = 16, SEARCHED_MOST = 100000 };

static int is_wanted(const struct dirent *entry)
{
	const struct span name = span_string(entry->d_name);

	return !span_is(name, ".") && !span_is(name, "..") && !name_part_ignored(name);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
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

static const char *path_of(struct buf *path, const char *folder, const char *name)
{
	buf_clear(path);
	buf_append_string(path, folder);
	if (path->size && path->data[path->size - 1] != '/')
		buf_append_byte(path, '/');
	buf_append_string(path, name);
	return buf_string(path);
}

static const char *keep(struct shards_below *below, const char *path)
{
	return arena_string(below->arena, path, strlen(path));
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* -1: no memory. */
static int look_at(struct shards_below *below, const char *folder, const char *path, bool *tars)
{
	static const char *const foreign[] = { ".parquet", ".arrow", ".tfrecord", ".tfrecords", NULL };
	static const char *const texts[] = { ".txt", ".cls", ".npy", NULL };
	size_t ending;

	if (name_is_tar(path)) {
		if (!*tars && below->count++ < 2 && !(below->folders[below->count - 1] = keep(below, folder)))
			return -1;
		*tars = true;
	} else if (name_ends_as_image(span_string(path), &ending)) {
		return (below->image = keep(below, path)) ? 0 : -1;
	} else if (!below->foreign && ends_in_one_of(path, foreign)) {
		return (below->foreign = keep(below, path)) ? 0 : -1;
	}
	below->texts = below->texts || ends_in_one_of(path, texts);
	return 0;
}

/* Is the folder to be searched?  Then *self is set. */
static bool enter(struct shards_below *below, const char *folder, const struct above *above, int depth, struct above *self)
{
	struct stat status;

	if (stat(folder, &status))
		return false;
	*self = (struct above){ status.st_dev, status.st_ino, above };
	for (; above; above = above->next)
		if (above->device == self->device && above->inode == self->inode)
			return false;
	if (depth >= DEPTH_MOST || below->searched >= SEARCHED_MOST) {
		below->cut = true;
		return false;
	}
	below->searched++;
	return true;
}

static int walk(struct shards_below *below, const char *folder, const struct above *above, int depth)
{
	struct above self;
	struct dirent **entries = NULL;
	struct buf path = { 0 };
	const int count = enter(below, folder, above, depth, &self) ? scandir(folder, &entries, is_wanted, by_bytes) : 0;
	bool tars = false;
	int state = 0;

	for (int pass = 0; pass < 2; pass++) /* a folder's files before its folders */
		for (int i = 0; i < count && state == 0 && !below->image; i++) {
			const char *name = path_of(&path, folder, entries[i]->d_name);
			const bool down = is_folder(name);
			if (path.failed)
				state = -1;
			else if (down == (pass == 1))
				state = down ? walk(below, name, &self, depth + 1) : look_at(below, folder, name, &tars);
		}
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	buf_free(&path);
	return state;
}

/* below->arena is set.  Names that member_name ignores are left out, and so are folders that cannot be read. */
static int shards_below(struct shards_below *below, const char *folder, struct err *err)
{
	return walk(below, folder, NULL, 0) ? err_memory(err) : 0;
}

/* The names in a folder, and what they are. */
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
	size_t ending;

	return name_is_tar(name) ? PART_TAR : name_ends_as_image(span_string(name), &ending) ? PART_IMAGE : PART_NONE;
}

/* img2dataset leaves _tmp where it was stopped.  A broken link is what its name says, so that opening it fails and it is not lost. */
static enum part part_of(struct listing *listing, const char *name)
{
	struct stat status;

	if (stat(path_of(&listing->path, listing->folder, name), &status))
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

static int with_names(const struct listing *listing, bool check, enum crawl_form *form, struct err *err)
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

static int give(struct listing *listing, enum part part, source_part *take, void *context, struct err *err)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->parts[i] == part && take(context, path_of(&listing->path, listing->folder, listing->entries[i]->d_name), err))
			return -1;
	return listing->path.failed ? err_memory(err) : 1;
}

static int mixed(const struct listing *listing, const char *tar, const char *other, struct err *err)
{
	return err_set(err, "%s: holds tars (%s) beside images or folders (%s): name the ones or the others", listing->folder, tar, other);
}

/* Neither images nor tars are in the folder itself. */
static int give_below(struct listing *listing, bool subset, source_part *take, void *context, struct err *err)
{
	struct arena arena = { 0 };
	struct shards_below below = { .arena = &arena };
	int state = shards_below(&below, listing->folder, err) ? -1 : 0;

	if (state == 0 && below.count && below.image)
		state = mixed(listing, below.folders[0], below.image, err);
	else if (state == 0 && below.count > 1)
		state = err_set(err, "%s: shards lie in %zu folders below it (%s, %s%s): name those to read", listing->folder, below.count,
			below.folders[0], below.folders[1], below.count > 2 ? ", ..." : "");
	else if (state == 0 && below.count && below.cut)
		state = err_set(err, "%s: shards lie in %s, and more folders lie below it than are searched: name those to read",
			listing->folder, below.folders[0]);
	else if (state == 0 && below.count)
		state = source_folder_parts(below.folders[0], subset, take, context, err);
	else if (state == 0 && below.foreign && !below.image && !below.texts)
		state = err_set(err,
			"%s: no record that can be read is in it, but files of another format (%s): `cc-shard read` on one of them "
			"names what converts it",
			listing->folder, below.foreign);
	arena_free(&arena);
	return state;
}

/* A crawl by img2dataset in another form than tars. */
static int give_crawl(struct listing *listing, enum crawl_form form, source_part *take, void *context, struct err *err)
{
	static const char convert[] =
		"write its images and captions to tars with Python (\"A crawl by img2dataset\" in pipelines/MANUAL.md has "
		"the lines), or run img2dataset with --output_format webdataset";

	if (form == CRAWL_PARQUET)
		return err_set(err, "%s: the parquet output of img2dataset: %s", listing->folder, convert);
	if (form == CRAWL_TFRECORD)
		return err_set(err, "%s: the tfrecord output of img2dataset: %s", listing->folder, convert);
	if (form == CRAWL_LOST)
		return err_set(err, "%s: img2dataset left the _stats.json of its shards, and none of the shards is there", listing->folder);
	const char *shard = first(listing, PART_NUMBERED), *other = first(listing, PART_FOLDER);
	if (shard && other)
		return err_set(err, "%s: holds the folders of a crawl (%s) beside another folder (%s): name the ones or the other",
			listing->folder, shard, other);
	return give(listing, PART_NUMBERED, take, context, err);
}

static int give_parts(struct listing *listing, bool subset, source_part *take, void *context, struct err *err)
{
	enum crawl_form form = CRAWL_NONE;

	listing->parts = calloc((size_t)listing->count + 1, sizeof *listing->parts);
	if (!listing->parts)
		return err_memory(err);
	for (int i = 0; i < listing->count; i++)
		listing->parts[i] = part_of(listing, listing->entries[i]->d_name);
	if (first(listing, PART_BATCH))
		return give(listing, PART_BATCH, take, context, err);
	const char *tar = first(listing, PART_TAR), *image = first(listing, PART_IMAGE), *folder = first(listing, PART_FOLDER);
	if (!folder)
		folder = first(listing, PART_NUMBERED);
	if (tar && (image || folder))
		return mixed(listing, tar, image ? image : folder, err);
	if (with_names(listing, false, &form, err) ||
		(!subset && (form == CRAWL_TARS || form == CRAWL_FOLDERS) && with_names(listing, true, &form, err)))
		return -1;
	if (tar)
		return give(listing, PART_TAR, take, context, err);
	if (form != CRAWL_NONE && form != CRAWL_TARS && !image)
		return give_crawl(listing, form, take, context, err);
	return image ? 0 : give_below(listing, subset, take, context, err);
}

static int refuse_python(struct listing *listing, struct err *err)
{
	path_of(&listing->path, listing->folder, "");
	return cifar_is_python(buf_span(&listing->path)) ? err_set(err, "%s: " CIFAR_PYTHON, listing->folder) : 0;
}

int source_folder_parts(const char *folder, bool subset, source_part *take, void *context, struct err *err)
{
	struct listing listing = { .folder = folder };
	int state = refuse_python(&listing, err);

	if (state == 0 && (listing.count = scandir(folder, &listing.entries, is_wanted, by_bytes)) < 0)
		state = err_errno(err, "%s", folder);
	if (state == 0)
		state = give_parts(&listing, subset, take, context, err);
	for (int i = 0; i < listing.count; i++)
		free(listing.entries[i]);
	free(listing.entries);
	free(listing.parts);
	buf_free(&listing.path);
	return state;
}
