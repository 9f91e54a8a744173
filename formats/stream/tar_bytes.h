/* The bytes of a tar, for libarchive's reader and for what it does not show: the end of an archive.
 * From a descriptor, decompressed where they are compressed (by content, never by name), or piece by piece from places in plain
 * files, so that samples can be read in any order without opening an archive for each. */
#ifndef STREAM_TAR_BYTES_H
#define STREAM_TAR_BYTES_H

#include "core/buf.h"
#include "core/err.h"

#include <stdint.h>
#include <sys/types.h>

struct archive;
struct gzip;

struct tar_bytes {
	int fd;    /* borrowed */
	struct archive *unpacked; /* of a compressed tar or a pipe */
	struct gzip *gzip;        /* of one compressed so; neither: the file is read as it is */
	ssize_t looked_at;        /* bytes in the buffer by which it was told what it is, and that are still to come */
	unsigned char *buffer;
	size_t block;            /* bytes of a plain file that are read next */
	struct span last;        /* what was handed out last */
	uint64_t delivered;      /* bytes handed out or skipped */
	uint64_t size;           /* of a plain file; UINT64_MAX where that cannot be known */
	bool compressed;
	bool ended;              /* nothing is in it, once decompressed */
	uint64_t place, left;    /* what is still to come of a piece */
	bool pieces;
	bool header_first;       /* the header of an empty member is to come before the first piece */
	struct err err;          /* why a read failed */
};

/* fd is borrowed, and read from where it stands.  Errors: unreadable, a folder. */
int tar_bytes_open(struct tar_bytes *bytes, int fd, struct err *err);
int tar_bytes_open_pieces(struct tar_bytes *bytes, struct err *err);
void tar_bytes_close(struct tar_bytes *bytes);

/* The next piece: `size` bytes at `offset` of a plain file.  To be called when the last one is used up. */
void tar_bytes_piece(struct tar_bytes *bytes, int fd, uint64_t offset, uint64_t size);

/* The next block, borrowed until the next call.  Its size; 0: the end; -1: bytes->err. */
ssize_t tar_bytes_next(struct tar_bytes *bytes, const void **block);

/* Goes past at most `wanted` bytes without reading them.  Returns how many; 0 where it cannot. */
uint64_t tar_bytes_skip(struct tar_bytes *bytes, uint64_t wanted);

/* Can any byte be reached at any time? */
bool tar_bytes_seekable(const struct tar_bytes *bytes);

/* Everything from `position` (within the last block or behind it) to the end.
 * Returns 0 where all of it is zero, 1 where it is not, -1 on error; *end is where it ended. */
int tar_bytes_drain(struct tar_bytes *bytes, uint64_t position, uint64_t *end, struct err *err);

#endif
