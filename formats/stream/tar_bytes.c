#include "formats/stream/tar_bytes.h"

#include "formats/stream/gzip.h"
#include "formats/stream/io.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* BLOCK: input and output fit into a core's second-level cache.  The first blocks of a file, and those after a gap, are smaller, because
 * often only one header is needed. */
enum { BLOCK = 256 << 10, FIRST_BLOCK = 4 << 10, SNIFF_LEAST = 3, GAP = 32 << 10, HEADER = 512 };

static int archive_failed(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);

	if (archive_errno(archive) == ENOMEM || errno == ENOMEM)
		return err_memory(err);
	return err_set(err, "%s", why && *why ? why : "libarchive failed without saying why");
}

/* The raw bytes of a pipe or a compressed file, beginning with those that were read to detect compression. */
static ssize_t next_raw(void *from, const void **block, struct err *err)
{
	struct tar_bytes *bytes = from;
	const ssize_t got = bytes->sniffed ? bytes->sniffed : io_read(bytes->fd, bytes->buffer, BLOCK, err);

	*block = bytes->buffer;
	bytes->sniffed = 0;
	return got;
}

static la_ssize_t read_callback(struct archive *archive, void *context, const void **block)
{
	struct tar_bytes *bytes = context;
	const ssize_t got = next_raw(bytes, block, &bytes->err);

	if (got < 0)
		archive_set_error(archive, EIO, "%s", bytes->err.text);
	return got;
}

/* libarchive's "raw" format presents any file as one member: a decompressor that detects the format. */
static int open_unpacked(struct tar_bytes *bytes, struct err *err)
{
	struct archive *archive = (errno = 0, archive_read_new());
	struct archive_entry *entry;

	bytes->unpacked = archive;
	if (!archive || errno == ENOMEM) /* the reader may be incomplete */
		return err_memory(err);
	/* A filter that libarchive was built without is a warning; it then runs a program. */
	if (archive_read_support_filter_zstd(archive) < ARCHIVE_WARN || archive_read_support_filter_xz(archive) < ARCHIVE_WARN ||
		archive_read_support_filter_bzip2(archive) < ARCHIVE_WARN || archive_read_support_filter_lz4(archive) < ARCHIVE_WARN ||
		archive_read_support_format_raw(archive) != ARCHIVE_OK || archive_read_support_format_empty(archive) != ARCHIVE_OK)
		return err_memory(err);
	archive_read_set_read_callback(archive, read_callback);
	if (archive_read_set_callback_data(archive, bytes) != ARCHIVE_OK || archive_read_open1(archive) != ARCHIVE_OK)
		return archive_failed(archive, err);
	int state = archive_read_next_header(archive, &entry);
	if (state != ARCHIVE_OK && state != ARCHIVE_EOF)
		return archive_failed(archive, err);
	bytes->ended = state == ARCHIVE_EOF;
	bytes->compressed = archive_filter_code(archive, 0) != ARCHIVE_FILTER_NONE;
	return 0;
}

static void close_unpacked(struct tar_bytes *bytes)
{
	if (bytes->unpacked)
		archive_read_free(bytes->unpacked);
	gzip_close(bytes->gzip);
	bytes->unpacked = NULL;
	bytes->gzip = NULL;
}

/* Reads enough to detect gzip. */
static int sniff(struct tar_bytes *bytes, struct err *err)
{
	ssize_t got = 1;

	while (got > 0 && bytes->sniffed < SNIFF_LEAST) {
		got = io_read(bytes->fd, bytes->buffer + bytes->sniffed, FIRST_BLOCK - (size_t)bytes->sniffed, err);
		bytes->sniffed += got > 0 ? got : 0;
	}
	return got < 0 ? -1 : 0;
}

static int open_by_content(struct tar_bytes *bytes, struct err *err)
{
	if (sniff(bytes, err))
		return -1;
	if (!gzip_begins(span_of(bytes->buffer, (size_t)bytes->sniffed)))
		return open_unpacked(bytes, err);
	bytes->compressed = true;
	bytes->gzip = gzip_open(&(struct gzip_feed){ next_raw, bytes });
	return bytes->gzip ? 0 : err_memory(err);
}

int tar_bytes_open(struct tar_bytes *bytes, int fd, struct err *err)
{
	struct stat status;

	*bytes = (struct tar_bytes){ .fd = fd, .size = UINT64_MAX, .block = FIRST_BLOCK };
	if (fstat(fd, &status))
		return err_errno(err, "stat");
	if (S_ISDIR(status.st_mode))
		return err_set(err, "a folder, not a tar");
	/* If the caller has read part of the file, only the rest is meant. */
	const bool whole = S_ISREG(status.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
	bytes->buffer = malloc(BLOCK);
	if (!bytes->buffer)
		return err_memory(err);
	if (open_by_content(bytes, err))
		return -1;
	if (!whole || bytes->compressed)
		return 0;
	close_unpacked(bytes);
	bytes->size = (uint64_t)status.st_size;
	return lseek(fd, 0, SEEK_SET) ? err_errno(err, "seek") : 0;
}

int tar_bytes_open_pieces(struct tar_bytes *bytes, struct err *err)
{
	*bytes = (struct tar_bytes){ .fd = -1, .size = UINT64_MAX, .pieces = true, .buffer = malloc(BLOCK) };
	return bytes->buffer ? 0 : err_memory(err);
}

void tar_bytes_close(struct tar_bytes *bytes)
{
	close_unpacked(bytes);
	free(bytes->buffer);
	bytes->buffer = NULL;
}

void tar_bytes_piece(struct tar_bytes *bytes, int fd, uint64_t offset, uint64_t size)
{
	bytes->fd = fd;
	bytes->place = offset;
	bytes->left = size;
}

static ssize_t next_unpacked(struct tar_bytes *bytes, const void **block)
{
	size_t size = 0;
	la_int64_t offset;

	*block = NULL;
	if (bytes->ended)
		return 0;
	do {
		int state = archive_read_data_block(bytes->unpacked, block, &size, &offset);
		if (state == ARCHIVE_EOF)
			return 0;
		if (state != ARCHIVE_OK)
			return archive_failed(bytes->unpacked, &bytes->err);
	} while (size == 0);
	return (ssize_t)size;
}

static ssize_t read_at(struct tar_bytes *bytes, uint64_t offset, size_t size)
{
	return io_read_at(bytes->fd, bytes->buffer, size, (off_t)offset, &bytes->err);
}

/* The header of an empty member.  libarchive is strict about the first header of a tar and lenient about later ones.  With this one first,
 * any member is read as it would be in the middle of its tar. */
static ssize_t first_header(struct tar_bytes *bytes)
{
	unsigned char *header = bytes->buffer;
	unsigned sum = 0;

	memset(header, 0, HEADER);
	memcpy(header, "x", 1);
	memcpy(header + 100,
		"0000644\0"
		"0000000\0"
		"0000000\0"
		"00000000000\0"
		"00000000000\0"
		"        "
		"0",
		57);
	memcpy(header + 257,
		"ustar\0"
		"00",
		8);
	for (int i = 0; i < HEADER; i++)
		sum += header[i];
	for (int i = 0; i < 6; i++)
		header[148 + 5 - i] = (unsigned char)('0' + (sum >> 3 * i & 7));
	header[154] = 0;
	bytes->header_first = false;
	return HEADER;
}

static ssize_t next_of_piece(struct tar_bytes *bytes)
{
	if (bytes->header_first)
		return first_header(bytes);
	ssize_t got = read_at(bytes, bytes->place, bytes->left < BLOCK ? (size_t)bytes->left : BLOCK);

	if (got > 0) {
		bytes->place += (uint64_t)got;
		bytes->left -= (uint64_t)got;
	}
	return got;
}

static ssize_t next_of_file(struct tar_bytes *bytes)
{
	ssize_t got = read_at(bytes, bytes->delivered, bytes->block);

	bytes->block = 2 * bytes->block < BLOCK ? 2 * bytes->block : BLOCK;
	return got;
}

ssize_t tar_bytes_next(struct tar_bytes *bytes, const void **block)
{
	ssize_t got;

	*block = bytes->buffer;
	if (bytes->gzip)
		got = gzip_next(bytes->gzip, block, &bytes->err);
	else if (bytes->unpacked)
		got = next_unpacked(bytes, block);
	else if (bytes->pieces)
		got = next_of_piece(bytes);
	else
		got = next_of_file(bytes);
	if (got > 0) {
		bytes->delivered += (uint64_t)got;
		bytes->last = span_of(*block, (size_t)got);
	}
	return got;
}

bool tar_bytes_seekable(const struct tar_bytes *bytes)
{
	return !bytes->unpacked && !bytes->gzip && !bytes->pieces;
}

/* Gaps below GAP are cheaper to read than to skip. */
uint64_t tar_bytes_skip(struct tar_bytes *bytes, uint64_t wanted)
{
	if (!tar_bytes_seekable(bytes) || bytes->delivered >= bytes->size || wanted < GAP)
		return 0;
	uint64_t left = bytes->size - bytes->delivered;
	if (wanted > left)
		wanted = left;
	bytes->delivered += wanted;
	bytes->block = FIRST_BLOCK;
	bytes->last = (struct span){ 0 };
	return wanted;
}

static bool all_zero(struct span bytes)
{
	return bytes.size == 0 || (bytes.data[0] == 0 && memcmp(bytes.data, bytes.data + 1, bytes.size - 1) == 0);
}

int tar_bytes_drain(struct tar_bytes *bytes, uint64_t position, uint64_t *end, struct err *err)
{
	uint64_t left = bytes->delivered - position;
	struct span rest = bytes->last;
	const void *block;
	ssize_t got = 0;

	if (left < rest.size)
		rest = span_of(rest.data + rest.size - left, (size_t)left);
	else if (left > rest.size)
		return 1;
	bool zero = all_zero(rest);
	while (zero && (got = tar_bytes_next(bytes, &block)) > 0)
		zero = all_zero(span_of(block, (size_t)got));
	if (got < 0) {
		*err = bytes->err;
		return -1;
	}
	*end = bytes->delivered;
	return !zero;
}
