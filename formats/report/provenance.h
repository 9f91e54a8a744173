/* How a file was made: the chain of programs that is stored in it. */
#ifndef REPORT_PROVENANCE_H
#define REPORT_PROVENANCE_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

struct provenance {
	const char *kind;    /* "stream", "shard", "checkpoint", "json" */
	struct value header; /* a map; its prog is an array of {"name", "version", "seed", "args"}, oldest first */
	struct value concatenated; /* an array of the progs of streams that were concatenated to it */
	struct span digest;  /* of a checkpoint, by which other files refer to it; otherwise empty */
	struct arena arena;  /* owns everything above */
};

/* The first bytes decide which kind of file it is.  "-": standard input.  The caller frees with provenance_free, also after an
 * error.  -1: unreadable, truncated, or without provenance. */
int provenance_read(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err);

/* Appends one program per line, quoted for a shell, with version and seed in a comment.  Comment lines before them list facts about
 * the data and the model that was trained, with its own chain indented. */
int provenance_print(const struct provenance *provenance, struct buf *out, struct err *err);

/* Appends the same programs joined by pipes, to run them again; a new pipe begins with each `cc-shard read`.  Provenance does not
 * record the names of files: FILES stands for those that were read or written, digests for those that options named. */
int provenance_pipe(const struct provenance *provenance, struct buf *out, struct err *err);

/* Appends {"file", "kind", "prog": [..], ..} on one line: the header of the file. */
int provenance_print_json(struct provenance *provenance, const char *path, struct buf *out, struct err *err);
void provenance_free(struct provenance *provenance);

#endif
