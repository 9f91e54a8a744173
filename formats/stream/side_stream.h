/* Another record stream in the same order, of which the records are wanted whose keys are in the first: it is read once, forwards, and
 * may have more. */
#ifndef STREAM_SIDE_STREAM_H
#define STREAM_SIDE_STREAM_H

#include "formats/stream/stream.h"

struct beside {
	const char *path;
	int fd; /* -1: not open */
	struct stream_reader reader;
	struct record record; /* what was found last; borrowed until the next search */
};

#define BESIDE_CLOSED ((struct beside){ .fd = -1 })

int beside_open(struct beside *beside, const char *path, const struct limits *limits, struct err *err);

/* Goes on to the record with that key.  -1: there is none from here on. */
int beside_find(struct beside *beside, struct span key, struct err *err);
void beside_close(struct beside *beside);

#endif
