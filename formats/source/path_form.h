/* A path whose parts the file system may store in another Unicode form: tables are mostly composed (NFC), what macOS unpacked is
 * decomposed (NFD). */
#ifndef SOURCE_PATH_FORM_H
#define SOURCE_PATH_FORM_H

#include "core/buf.h"

#include <stdbool.h>

/* To be called where `path` does not exist.  True: the file exists under another form of the name, which is *found. */
bool path_find_form(const char *path, struct buf *found);

#endif
