/* gzip decompression with checks.  libarchive's filter ignores the checksum and the length at the end of a member, so a flipped bit would
 * change an image silently. */
#ifndef STREAM_GZIP_H
#define STREAM_GZIP_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* The compressed bytes.  more() returns the size of the next block, which is borrowed until the next call; 0: the end; -1: error. */
struct gzip_feed {
	ssize_t (*more)(void *from, const void **block, struct err *err);
	void *from;
};

struct gzip;

/* Do these bytes begin a gzip file? */
bool gzip_begins(struct span bytes);

/* NULL: out of memory. */
struct gzip *gzip_open(const struct gzip_feed *feed);

/* Returns the size of the next decompressed block, borrowed until the next call; 0: the end.  There may be several members, and zeros
 * after the last.  -1: damaged, truncated, or followed by other data; blocks before that point are returned first. */
ssize_t gzip_next(struct gzip *gzip, const void **block, struct err *err);
void gzip_close(struct gzip *gzip);

/* Decompresses `bytes` and appends the result.  More than `most` bytes are an error. */
int gzip_unpack(struct span bytes, size_t most, struct buf *content, struct err *err);

#endif
