#define _XOPEN_SOURCE 700
#include "tools/shard/source_folder.h"

#include "formats/cifar.h"
#include "tools/shard/crawl.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The names in a folder, and what they are. */
struct listing {
	const char *folder;
	struct dirent **entries;
	int count;
	enum part { PART_NONE, PART_BATCH, PART_TAR, PART_OTHER /* what only a folder of files would hold */ } *parts;
	struct buf path;
};

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool ends_in_one_of(const char *name, const char *const *ends)
{
	for (const char *const *end = ends; *end; end++) {
		const size_t length = strlen(name), wanted = strlen(*end);
		if (length > wanted && strcmp(name + length - wanted, *end) == 0)
			return true;
	}
	return false;
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

/* img2dataset leaves _tmp behind where it was stopped. */
static enum part part_of(struct listing *listing, const char *name)
{
	static const char *const tars[] = { ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", NULL };
	static const char *const images[] = { ".jpg", ".jpeg", ".png", ".webp", ".ppm", ".JPG", ".JPEG", ".PNG", NULL };
	struct stat status;

	if (stat(path_of(listing, name), &status))
		return PART_NONE;
	if (S_ISDIR(status.st_mode))
		return strcmp(name, "_tmp") == 0 ? PART_NONE : PART_OTHER;
	if (cifar_is_batch(span_string(name), (uint64_t)status.st_size))
		return PART_BATCH;
	return ends_in_one_of(name, tars) ? PART_TAR : ends_in_one_of(name, images) ? PART_OTHER : PART_NONE;
}

/* The first name of that part; NULL: none. */
static const char *first(const struct listing *listing, enum part part)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->parts[i] == part)
			return listing->entries[i]->d_name;
	return NULL;
}

static int check_crawl(const struct listing *listing, struct err *err)
{
	const char **names = calloc((size_t)listing->count, sizeof *names);
	int state = names ? 0 : err_memory(err);

	for (int i = 0; names && i < listing->count; i++)
		names[i] = listing->entries[i]->d_name;
	if (state == 0)
		state = crawl_check_folder(listing->folder, names, (size_t)listing->count, err);
	free(names);
	return state;
}

static int give(struct listing *listing, enum part part, int (*take)(void *context, const char *path, struct err *err), void *context,
	struct err *err)
{
	for (int i = 0; i < listing->count; i++)
		if (listing->parts[i] == part && take(context, path_of(listing, listing->entries[i]->d_name), err))
			return -1;
	return listing->path.failed ? err_memory(err) : 1;
}

static int give_parts(struct listing *listing, bool subset, int (*take)(void *context, const char *path, struct err *err), void *context,
	struct err *err)
{
	listing->parts = calloc((size_t)listing->count + 1, sizeof *listing->parts);
	if (!listing->parts)
		return err_memory(err);
	for (int i = 0; i < listing->count; i++)
		listing->parts[i] = part_of(listing, listing->entries[i]->d_name);
	if (first(listing, PART_BATCH))
		return give(listing, PART_BATCH, take, context, err);
	const char *tar = first(listing, PART_TAR), *other = first(listing, PART_OTHER);
	if (!tar)
		return 0;
	if (other)
		return err_set(err, "%s: holds tars (%s) beside images or folders (%s): name the ones or the others", listing->folder, tar, other);
	return !subset && check_crawl(listing, err) ? -1 : give(listing, PART_TAR, take, context, err);
}

static int refuse_python(struct listing *listing, struct err *err)
{
	path_of(listing, "");
	return cifar_is_python(buf_span(&listing->path)) ? err_set(err, "%s: " CIFAR_PYTHON, listing->folder) : 0;
}

int source_folder_parts(const char *folder, bool subset, int (*take)(void *context, const char *path, struct err *err), void *context,
	struct err *err)
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
