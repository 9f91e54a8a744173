/* Where an output goes: links are followed, so that the file behind them is replaced and not they, and one of our own descriptors
 * is told, so that what they lead to is written and not replaced. */
#ifndef STREAM_OUTPUT_PLACE_H
#define STREAM_OUTPUT_PLACE_H

#include "core/err.h"

#include <stdbool.h>

struct output_place {
	char *path;  /* behind the links; the caller frees it */
	int fd;      /* of ours, as /dev/stdout and /dev/fd/3 name them, or a file that standard output or error goes to; -1: none */
	bool direct; /* somebody else's descriptor: opened as it is */
};

/* Errors: a name that is too long, links in a circle, a folder that is none, or may not be searched. */
int output_place_find(struct output_place *place, const char *path, struct err *err);

/* Do both lead to the same file, which may not be there yet? */
bool output_place_same(const char *a, const char *b);

#endif
