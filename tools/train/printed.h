/* Lines that standard output holds already, where it is a file that is appended to: a run that goes on makes the steps
 * since its last state again, and the same lines. */
#ifndef TOOLS_PRINTED_H
#define TOOLS_PRINTED_H

#include "core/err.h"
#include "core/map.h"

#include <stdbool.h>

struct printed {
	struct map lines;
	struct buf torn; /* what is behind the last newline: a line that was cut short */
};

/* What the file that fd writes to holds; nothing where it is none.  The caller frees with printed_free, also after an
 * error. */
int printed_load(struct printed *printed, int fd, struct err *err);
void printed_free(struct printed *printed);

/* What is left to be written of a line (which ends with a newline); buffer is for what must be put together.  Empty: it
 * is there. */
struct span printed_rest(struct printed *printed, struct span line, struct buf *buffer);

#endif
