/* gzip, decompressed and checked.  libarchive's filter looks at neither the checksum nor the length at a member's end, and a flipped
 * bit in a picture is another picture. */
#ifndef STREAM_GZIP_H
#define STREAM_GZIP_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Where the compressed bytes come from: the next block, borrowed until the next call.  Its size; 0: the end; -1. */
struct gzip_feed {
	ssize_t (*more)(void *from, const void **block, struct err *err);
	void *from;
};

struct gzip;

/* Do these bytes begin a gzip file? */
bool gzip_begins(struct span bytes);

/* NULL: no memory. */
struct gzip *gzip_open(const struct gzip_feed *feed);

/* The next block of what was compressed, in one member or several, borrowed until the next call.  Its size; 0: the end, with zeros
 * behind it at most; -1: damaged, truncated, or going on as something else, told when what was whole before it has been handed out. */
ssize_t gzip_next(struct gzip *gzip, const void **block, struct err *err);
void gzip_close(struct gzip *gzip);

/* Appends what `bytes` unpack to; more than `most` is an error. */
int gzip_unpack(struct span bytes, size_t most, struct buf *content, struct err *err);

#endif
