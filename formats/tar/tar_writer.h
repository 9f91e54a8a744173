/* A tar whose bytes depend on names and contents alone: owner 0, time 0, mode 644.  ustar; where a name does not fit into that, pax.
 * By libarchive, whose formatter writes through a callback, so that large contents are not copied. */
#ifndef TAR_TAR_WRITER_H
#define TAR_TAR_WRITER_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

struct archive;
struct archive_entry;

struct tar_writer {
	int fd;
	struct archive *ustar, *pax; /* they write to the same file, turn by turn */
	struct archive_entry *entry;
	struct buf buffer, name;
	uint64_t size;  /* bytes of the tar up to here */
	bool finished;  /* what libarchive still writes is dropped */
	struct err err; /* why a write failed */
};

/* fd is borrowed, and at its beginning. */
int tar_writer_open(struct tar_writer *writer, int fd, struct err *err);

/* One member; its content is head, then body. */
int tar_write(struct tar_writer *writer, struct span name, struct span head, struct span body, struct err *err);

/* The end-of-archive blocks; everything is given to the file. */
int tar_writer_finish(struct tar_writer *writer, struct err *err);

/* Overwrites bytes of a finished tar.  The file must be seekable. */
int tar_writer_replace(struct tar_writer *writer, uint64_t offset, struct span bytes, struct err *err);
void tar_writer_free(struct tar_writer *writer);

#endif
