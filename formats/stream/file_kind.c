#include "formats/stream/file_kind.h"

#include "formats/stream/file_magic.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	enum file_kind kind;
	size_t offset, size;
	const char *bytes;
} signatures[] = {
	{ FILE_TAR, 257, 5, "ustar" },
	{ FILE_TAR, 0, 3, "\x1f\x8b\x08" },         /* gzip */
	{ FILE_TAR, 0, 4, "\x28\xb5\x2f\xfd" },     /* zstd */
	{ FILE_TAR, 0, 6,
		"\xfd"
		"7zXZ" },
	{ FILE_IMAGE, 0, 3, "\xff\xd8\xff" },       /* JPEG */
	{ FILE_IMAGE, 0, 8, "\x89PNG\r\n\x1a\n" },
	{ FILE_IMAGE, 0, 4, "RIFF" },               /* WebP */
	/* The length before the JSON may look like a map, but it is below 2^32. */
	{ FILE_CHECKPOINT, 4, 5, "\0\0\0\0{" },
	{ FILE_JSON, 0, 1, "{" },
};

/* A map whose first key is a string.  Pickles and HDF5 files also begin with a byte of a map.  An empty file counts as a stream. */
static bool begins_stream(struct span start)
{
	const unsigned char *byte = start.data;

	if (start.size == 0)
		return true;
	const size_t key = *byte == 0xde ? 3 : *byte == 0xdf ? 5 : 1;
	if (start.size < key + 2 || (key == 1 && (*byte <= 0x80 || *byte > 0x8f)))
		return false;
	return (byte[key] > 0xa0 && byte[key] <= 0xbf && byte[key + 1] >= ' ') || (byte[key] >= 0xd9 && byte[key] <= 0xdb);
}

enum file_kind file_kind_of(struct span start)
{
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
		if (start.size >= signatures[i].offset + signatures[i].size &&
			memcmp(start.data + signatures[i].offset, signatures[i].bytes, signatures[i].size) == 0)
			return signatures[i].kind;
	return begins_stream(start) ? FILE_STREAM : FILE_OTHER;
}

enum file_kind file_kind(int fd)
{
	unsigned char start[FILE_KIND_BYTES];
	const ssize_t size = pread(fd, start, sizeof start, 0);

	return file_kind_of(span_of(start, size > 0 ? (size_t)size : 0));
}

static const char *const kind_names[] = {
	[FILE_STREAM] = "a record stream",
	[FILE_CHECKPOINT] = "a model",
	[FILE_JSON] = "text",
	[FILE_TAR] = "a tar",
	[FILE_IMAGE] = "an image",
	[FILE_OTHER] = "text",
};

static bool is_text(enum file_kind kind)
{
	return kind == FILE_JSON || kind == FILE_OTHER;
}

int file_kind_replaces(enum file_kind kind, const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode) || status.st_size == 0)
		return 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s: exists, and cannot be read", path);
	const enum file_kind is = file_kind(fd);
	close(fd);
	if (is == kind || (is_text(is) && is_text(kind)))
		return 0;
	return err_set(err, "%s: exists and is not %s%s%s; refusing to overwrite it (remove it, or choose another name)", path,
		kind_names[kind], is_text(is) ? "" : " but ", is_text(is) ? "" : kind_names[is]);
}

/* Text and unknown files get the advice about tars and folders; a Git LFS pointer, a web page or a pickle gets its own. */
static bool has_own_advice(struct span head)
{
	const struct file_magic *magic = file_magic(head);

	return magic && magic->data && magic->magic != MAGIC_TEXT && magic->magic != MAGIC_STREAM;
}

int file_kind_refuse(enum file_kind kind, int fd, const char *path, const char *tool, struct err *err)
{
	unsigned char start[FILE_MAGIC_BYTES];
	const ssize_t size = pread(fd, start, sizeof start, 0);
	const struct span head = span_of(start, size > 0 ? (size_t)size : 0);

	switch (kind) {
	case FILE_CHECKPOINT: return err_set(err, "%s: a model, not a record stream; `cc-model info FILE` shows it, and -m takes it", path);
	case FILE_JSON:
		return err_set(
			err, "%s: JSON, not a record stream; `cc-shard read --jsonl FILE | %s` takes records as JSON lines", path, tool);
	case FILE_IMAGE:
		return err_set(
			err, "%s: an image, not a record stream; `cc-shard read FOLDER | %s` takes a folder or a tar of them", path, tool);
	case FILE_OTHER:
		if (has_own_advice(head))
			return file_magic_refuse_data(head, "a record stream", err) ? err_add(err, "%s", path) : -1;
		/* fallthrough */
	default: return err_set(err, "%s: not a record stream; `cc-shard read FILE | %s` reads a tar or a folder", path, tool);
	}
}
