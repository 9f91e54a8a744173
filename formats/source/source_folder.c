#define _XOPEN_SOURCE 700
#include "formats/source/source_folder.h"

#include "formats/tar/cifar.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"
#include "formats/source/shards_below.h"
#include "formats/source/crawl.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
	} *parts;
	struct buf path;
};

static int is_visible(const struct dirent *entry)
{
	return !span_is(span_string(entry->d_name), ".") && !span_is(span_string(entry->d_name), "..") &&
		!name_part_ignored(span_string(entry->d_name));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static const char *path_of(struct listing *listing, const char *name)
{
	buf_clear(&listing->path);
	buf_append_string(&listing->path, listing->folder);
	if (listing->path.size && listing->path.data[listing->path.size - 1] != '/')
		buf_append_byte(&listing->path, '/');
	buf_append_string(&listing->path, name);
	return buf_string(&listing->path);
}

/* img2dataset leaves _tmp where it was stopped. */
static enum part part_of(struct listing *listing, const char *name)
{
	struct stat status;
	size_t ending;

	if (stat(path_of(listing, name), &status))
		return PART_NONE;
	if (S_ISDIR(status.st_mode))
		return strcmp(name, "_tmp") == 0 ? PART_NONE : crawl_is_folder(name) ? PART_NUMBERED : PART_FOLDER;
	if (cifar_is_batch(span_string(name), (uint64_t)status.st_size))
		return PART_BATCH;
	return name_is_tar(name) ? PART_TAR : name_ends_as_image(span_string(name), &ending) ? PART_IMAGE : PART_NONE;
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
		if (listing->parts[i] == part && take(context, path_of(listing, listing->entries[i]->d_name), err))
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
		state = err_set(err, "%s: shards lie in %zu folders below it (%s, %s%s): name those to read", listing->folder, below.count, below.folders[0],
			below.folders[1], below.count > 2 ? ", ..." : "");
	else if (state == 0 && below.count)
		state = source_folder_parts(below.folders[0], subset, take, context, err);
	else if (state == 0 && below.foreign && !below.image && !below.texts)
		state = err_set(err, "%s: no record that can be read is in it, but files of another format (%s): `cc-shard read` on one of them "
				     "names what converts it", listing->folder, below.foreign);
	arena_free(&arena);
	return state;
}

/* A crawl by img2dataset in another form than tars. */
static int give_crawl(struct listing *listing, enum crawl_form form, source_part *take, void *context, struct err *err)
{
	static const char convert[] = "write its images and captions to tars with Python (\"A crawl by img2dataset\" in pipelines/MANUAL.md has "
				      "the lines), or run img2dataset with --output_format webdataset";

	if (form == CRAWL_PARQUET)
		return err_set(err, "%s: the parquet output of img2dataset: %s", listing->folder, convert);
	if (form == CRAWL_TFRECORD)
		return err_set(err, "%s: the tfrecord output of img2dataset: %s", listing->folder, convert);
	if (form == CRAWL_LOST)
		return err_set(err, "%s: img2dataset left the _stats.json of its shards, and none of the shards is there", listing->folder);
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
	if (form != CRAWL_NONE && !image)
		return give_crawl(listing, form, take, context, err);
	return image ? 0 : give_below(listing, subset, take, context, err);
}

static int refuse_python(struct listing *listing, struct err *err)
{
	path_of(listing, "");
	return cifar_is_python(buf_span(&listing->path)) ? err_set(err, "%s: " CIFAR_PYTHON, listing->folder) : 0;
}

int source_folder_parts(const char *folder, bool subset, source_part *take, void *context, struct err *err)
{
	struct listing listing = { .folder = folder };
	int state = refuse_python(&listing, err);

	if (state == 0 && (listing.count = scandir(folder, &listing.entries, is_visible, by_bytes)) < 0)
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
