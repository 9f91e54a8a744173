/* Tar files (ustar, pax and GNU, through libarchive): a reader of members one after the other, and a writer.
 * libarchive accepts a tar without its end-of-archive blocks, and data after them; this reader does not.
 * Names are converted by the locale: call setlocale(LC_CTYPE, "C.UTF-8") first, or names that are not ASCII are garbled. */
#ifndef TAR_TAR_H
#define TAR_TAR_H

#include "formats/stream/tar_bytes.h"

#include <stdbool.h>

struct archive;
struct archive_entry;

enum tar_kind { TAR_FILE, TAR_FOLDER, TAR_LINK, TAR_SPECIAL };

struct tar_member {
	struct span name;  /* borrowed until the next member */
	enum tar_kind kind;
	uint64_t offset;   /* of its header in the decompressed tar */
	uint64_t size;     /* of its contents */
};

struct tar_reader {
	struct archive *archive;
	struct archive_entry *entry;
	struct tar_bytes bytes;
	uint64_t members;
	uint64_t offset; /* of the current member */
	bool ended;
};

/* fd is borrowed.  Reads only enough to detect compression. */
int tar_open(struct tar_reader *reader, int fd, struct err *err);

/* A reader of members at known places: tar_piece, then tar_next and tar_read until tar_piece_done. */
int tar_open_pieces(struct tar_reader *reader, struct err *err);
void tar_piece(struct tar_reader *reader, int fd, uint64_t offset, uint64_t size);
bool tar_piece_done(const struct tar_reader *reader); /* call it after the contents of a member were read or skipped */
void tar_close(struct tar_reader *reader);

/* 1: a member; unread contents of the one before are skipped.  0: the end.  -1: not a tar, empty, all zero, damaged, truncated, without
 * end-of-archive blocks, or with data after them; err names the byte. */
int tar_next(struct tar_reader *reader, struct tar_member *member, struct err *err);

/* Appends the contents of the member.  Error: more than `most` bytes. */
int tar_read(struct tar_reader *reader, struct buf *content, size_t most, struct err *err);

/* Reads the next `size` bytes of the contents.  1: done; 0: the contents have ended; -1: error, or they end within the part. */
int tar_read_part(struct tar_reader *reader, void *part, size_t size, struct err *err);

/* Skips the rest of the contents, so that tar_end is right. */
int tar_skip(struct tar_reader *reader, struct err *err);

/* The offset of the next member, after the contents of this one were read or skipped. */
uint64_t tar_end(const struct tar_reader *reader);

/* Writes a tar whose bytes depend on names and contents alone: owner 0, time 0, mode 644.  ustar, and pax for names that do not fit. */
struct tar_writer {
	int fd;
	struct archive *ustar, *pax; /* both write to the same file */
	struct archive_entry *entry;
	struct buf buffer, name;
	uint64_t size;  /* bytes written */
	bool finished;  /* what libarchive still writes is discarded */
	struct err err; /* of a failed write */
};

/* fd is borrowed, and at its beginning. */
int tar_writer_open(struct tar_writer *writer, int fd, struct err *err);

/* One member; its contents are head, then body. */
int tar_write(struct tar_writer *writer, struct span name, struct span head, struct span body, struct err *err);

/* Writes the end-of-archive blocks and flushes. */
int tar_writer_finish(struct tar_writer *writer, struct err *err);

/* Overwrites bytes of a finished tar.  The file must be seekable. */
int tar_writer_replace(struct tar_writer *writer, uint64_t offset, struct span bytes, struct err *err);
void tar_writer_free(struct tar_writer *writer);

#endif
