/* The decompressed bytes of a tar, for libarchive's reader and for checks of the archive's end, which libarchive does not make.
 * They come from a descriptor (compression is detected by contents, not by name), or in pieces from given places of plain files, so that
 * samples can be read in any order without opening an archive for each. */
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
	struct archive *unpacked; /* decompressor; also for pipes */
	struct gzip *gzip;        /* decompressor for gzip.  If both are NULL, a plain file is read */
	ssize_t sniffed;          /* bytes in the buffer that were read to detect compression, and not yet returned */
	unsigned char *buffer;
	size_t block;            /* size of the next read of a plain file */
	struct span last;        /* the block returned last */
	uint64_t delivered;      /* bytes returned or skipped */
	uint64_t size;           /* of a plain file; UINT64_MAX: unknown */
	bool compressed;
	bool ended;              /* it decompresses to nothing */
	uint64_t place, left;    /* offset and size of the rest of the piece */
	bool pieces;
	bool header_first;       /* return the header of an empty member before the first piece */
	struct err err;          /* of a failed read */
};

/* fd is borrowed and read from its current offset.  Errors: unreadable, a folder. */
int tar_bytes_open(struct tar_bytes *bytes, int fd, struct err *err);
int tar_bytes_open_pieces(struct tar_bytes *bytes, struct err *err);
void tar_bytes_close(struct tar_bytes *bytes);

/* Sets the next piece: `size` bytes at `offset` of a plain file.  The last one must be used up. */
void tar_bytes_piece(struct tar_bytes *bytes, int fd, uint64_t offset, uint64_t size);

/* Returns the size of the next block, which is borrowed until the next call; 0: the end; -1: see bytes->err. */
ssize_t tar_bytes_next(struct tar_bytes *bytes, const void **block);

/* Skips up to `wanted` bytes without reading them.  Returns how many; 0 if it cannot seek or if reading is faster. */
uint64_t tar_bytes_skip(struct tar_bytes *bytes, uint64_t wanted);

/* Is it a plain file that is read as it is? */
bool tar_bytes_seekable(const struct tar_bytes *bytes);

/* Reads from `position`, in the last block or after it, to the end.  0: all bytes are zero, and *end is the offset of the end; 1: they
 * are not; -1: error. */
int tar_bytes_drain(struct tar_bytes *bytes, uint64_t position, uint64_t *end, struct err *err);

#endif
