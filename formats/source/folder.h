/* Reads the files of a folder as members of samples: the files of each folder in the order of their names, then its subfolders.  Names
 * that member_name ignores are skipped.  A tar among the files is an error; a broken link makes a bad record, and so does a
 * file called KEY.FIELD that is a FIFO, a socket or a device.
 *
 * A photograph often has dots in its name: cat.0.jpg and cat.1.jpg are two records, cat_0 and cat_1.  Files are one sample, as in a tar,
 * if an image has a plain name (0001.jpg) or the sample has another plain field (0001.txt), and the other images' names continue with
 * words (0001.seg.png). */
#ifndef SOURCE_FOLDER_H
#define SOURCE_FOLDER_H

#include "core/arena.h"
#include "formats/tar/sample_reader.h"

struct folder {
	const char *root;
	struct folder_level *levels; /* the open folders, the root first */
	size_t depth;
	struct buf path, full;       /* of the current file, relative to the root and with it */
	struct buf member;           /* its member name, if that differs from path */
	uint64_t size, ordinal;
	struct buf *names; /* NULL, or where to record the path of every file: a member's offset is then the path's offset here */
	uint64_t place, place_end; /* in names: the files of one sample */
	bool pieces; /* opened by folder_piece */
	bool by_image; /* every image is a record */
	bool special; /* the current file is not a regular file */
};

/* Feeds all files.  root is borrowed. */
int folder_open(struct folder *folder, const char *root, bool by_image, struct err *err);

/* Feeds the files whose paths an earlier pass recorded in names, from offset to end.  Does not need folder_open. */
void folder_piece(struct folder *folder, const char *root, struct buf *names, uint64_t offset, uint64_t end);
struct member_feed folder_feed(struct folder *folder);
void folder_close(struct folder *folder);

struct folder_entry {
	const char *name; /* on disk */
	const char *composed; /* in NFC; set by folder_entries_arrange */
	const char *member; /* member name; set by folder_entries_arrange */
	bool is_folder;
	bool unreadable; /* a broken link */
	bool special; /* a FIFO, a socket or a device */
	uint64_t size;
};

/* Sorts the entries of one folder: files first, in bytewise order of their composed names, members of a sample next to each other.
 * Sets `composed` and `member`, which live in the arena.  Error: two names are the same when composed. */
int folder_entries_arrange(struct folder_entry *entries, size_t count, bool by_image, struct arena *arena, struct err *err);

#endif
