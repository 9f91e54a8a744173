/* A tar's members one after the other (ustar, pax and GNU, by libarchive).
 * libarchive takes a tar without its end-of-archive blocks, and one that goes on behind them, for whole; this reader does not.
 * Names are converted by the locale: setlocale(LC_CTYPE, "C.UTF-8") comes first, or names that are not ASCII are mangled. */
#ifndef TAR_TAR_H
#define TAR_TAR_H

#include "formats/stream/tar_bytes.h"

struct archive_entry;

enum tar_kind { TAR_FILE, TAR_FOLDER, TAR_LINK, TAR_SPECIAL };

struct tar_member {
	struct span name;  /* borrowed until the next member */
	enum tar_kind kind;
	uint64_t offset;   /* of its header in the decompressed tar */
	uint64_t size;     /* of its content */
};

struct tar_reader {
	struct archive *archive;
	struct archive_entry *entry;
	struct tar_bytes bytes;
	uint64_t members;
	uint64_t offset; /* of the member that was read last */
	bool ended;
};

/* fd is borrowed.  Nothing but sniffing is read. */
int tar_open(struct tar_reader *reader, int fd, struct err *err);

/* A reader of members at known places: tar_piece, then tar_next and tar_read until tar_piece_done. */
int tar_open_pieces(struct tar_reader *reader, struct err *err);
void tar_piece(struct tar_reader *reader, int fd, uint64_t offset, uint64_t size);
bool tar_piece_done(const struct tar_reader *reader); /* after the content of a member was read or skipped */
void tar_close(struct tar_reader *reader);

/* 1: a member; what was not read of the last one is skipped.  0: the end, whole.  -1: not a tar, empty, all zero, damaged, cut off,
 * without its end blocks, or going on behind them; err says at which byte. */
int tar_next(struct tar_reader *reader, struct tar_member *member, struct err *err);

/* Appends the member's content, of at most `most` bytes. */
int tar_read(struct tar_reader *reader, struct buf *content, size_t most, struct err *err);

/* Reads the next `size` bytes of the content.  1: they are there; 0: the content is at its end; -1: also where it ends in between. */
int tar_read_part(struct tar_reader *reader, void *part, size_t size, struct err *err);

/* Goes past what is left of the content.  tar_end is then right. */
int tar_skip(struct tar_reader *reader, struct err *err);

/* The offset behind the member whose content was read or skipped. */
uint64_t tar_end(const struct tar_reader *reader);

#endif
