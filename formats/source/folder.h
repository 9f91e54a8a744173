/* The files of a folder as members of samples: each folder's files in the order of their names, then its folders.  What member_name
 * ignores is not looked at.  A tar among the files is an error; a link that leads nowhere is a bad record. */
#ifndef SOURCE_FOLDER_H
#define SOURCE_FOLDER_H

#include "core/arena.h"
#include "formats/tar/sample_reader.h"

struct folder {
	const char *root;
	struct folder_level *levels; /* the folders that are being gone through, the root's first */
	size_t depth;
	struct buf path, full;       /* of the file at hand, below the root and with it */
	struct buf as;               /* its name as a member, where it is another one than path */
	uint64_t size, ordinal;
	struct buf *names;           /* where not NULL: every file's path is kept here, and its offset there is the member's */
	uint64_t place, place_end;   /* of names: the files of a piece */
	bool pieces;
	bool by_image;               /* every image is a record: see formats/source/folder_entry.h */
};

/* A feed of all files.  root is borrowed. */
int folder_open(struct folder *folder, const char *root, bool by_image, struct err *err);

/* A feed of the files whose paths an earlier pass kept in names, from offset to end.  It needs no folder_open. */
void folder_piece(struct folder *folder, const char *root, struct buf *names, uint64_t offset, uint64_t end);
struct member_feed folder_feed(struct folder *folder);
void folder_close(struct folder *folder);

#endif
