/* The normal form of a name, wherever it comes from: a folder, a tar, a table, a list of keys or of classes.  Parts with one slash
 * between them; no slash in front, no "." part; Unicode composed (NFC), because macOS stores names decomposed.  Names that are in this
 * form already are only looked at. */
#ifndef TAR_MEMBER_NAME_H
#define TAR_MEMBER_NAME_H

#include "core/buf.h"

#include <stdbool.h>

enum member_kind {
	MEMBER_FILE,
	MEMBER_IGNORED, /* hidden (a part begins with a dot), or left by an operating system: __MACOSX, Thumbs.db, *:Zone.Identifier ... */
	MEMBER_ESCAPES, /* has a ".." part, also between backslashes, or begins with a Windows drive: never a name of ours */
};

/* *normal is the name itself, or in scratch, where it stays until the next call with it.  scratch->failed: no memory. */
enum member_kind member_name(struct span name, struct span *normal, struct buf *scratch);

/* Unicode composed, nothing else changed.  What is not UTF-8 stays as it is.  Result and scratch as above. */
struct span name_compose(struct span name, struct buf *scratch);

/* Are they one name when composed?  Out of memory: only equal bytes are. */
bool name_same(struct span a, struct span b);

/* Is this one part of a path (no slash in it) to be ignored? */
bool name_part_ignored(struct span part);

/* Is the file called as a tar is, compressed or not? */
bool name_is_tar(const char *name);

/* The same for the name of a field, as in tar or tar.gz. */
bool field_is_tar(struct span field);

/* Appends the path of a file as the key of its record: normal parts, ".." and the ending left out; dots in the last part, and the dot in
 * front of another one, become "_", and "_" follows a part that would be ignored.  Any path gives a key that a tar can hold.
 * ending: bytes at the end to leave out. */
void name_of_path(struct buf *key, struct span path, size_t ending);

#endif
