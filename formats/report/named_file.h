/* An argument that is a file, perhaps with a name for it: "FILE" or "NAME=FILE". */
#ifndef REPORT_NAMED_FILE_H
#define REPORT_NAMED_FILE_H

#include "core/buf.h"

/* The path, and the name: the file's own up to its first dot where none is given.  Both are parts of the argument.  A
 * file that is called A=B is one. */
const char *named_file(const char *argument, struct span *name);

#endif
