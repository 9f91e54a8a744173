/* The normal form of a name, whether it comes from a folder, a tar, a table, or a list of keys or classes: components separated by one slash,
 * no leading slash, no ".", Unicode composed (NFC), because macOS stores names decomposed.  Names in this form are not copied. */
#ifndef TAR_MEMBER_NAME_H
#define TAR_MEMBER_NAME_H

#include "core/buf.h"

#include <stdbool.h>

enum member_kind {
	MEMBER_FILE,
	MEMBER_IGNORED, /* hidden (a component begins with a dot), or left by an operating system: __MACOSX, Thumbs.db, *:Zone.Identifier ... */
	MEMBER_ESCAPES, /* has a ".." component, also between backslashes, or begins with a Windows drive; cc-shard never writes such a name */
};

/* *normal is the name itself, or is in scratch and valid until the next call with it.  scratch->failed: out of memory. */
enum member_kind member_name(struct span name, struct span *normal, struct buf *scratch);

/* Composes Unicode and changes nothing else.  Names that are not UTF-8 are returned unchanged.  Result and scratch as above. */
struct span name_compose(struct span name, struct buf *scratch);

/* Are the names equal once composed?  If out of memory, only equal bytes are. */
bool name_same(struct span a, struct span b);

/* Is this component of a path (without a slash) ignored? */
bool name_part_ignored(struct span part);

/* Is it the name of a tar, plain or compressed? */
bool name_is_tar(const char *name);

/* The same for the name of a field, as in tar or tar.gz. */
bool field_is_tar(struct span field);

/* Appends the path of a file as the key of its record: normalised, without ".." and without the extension.  Dots in the last component and
 * a leading dot of any component become "_", and "_" is appended to a component that would be ignored.  Any path gives a key that a tar can
 * hold.  extension_size: bytes of the extension, with its dot. */
void name_of_path(struct buf *key, struct span path, size_t extension_size);

#endif
