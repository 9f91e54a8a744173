/* How a file was made: the chain of programs that it carries. */
#ifndef REPORT_PROVENANCE_H
#define REPORT_PROVENANCE_H

#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

struct provenance {
	const char *kind;    /* "stream", "shard", "checkpoint", "json" */
	struct value header; /* a map; its prog is an array of {"name", "version", "seed", "args"}, the first one first */
	struct value behind; /* the progs of streams that were put behind it */
	struct span digest;  /* of a checkpoint: what others call it by; else empty */
	struct arena arena;  /* of all */
};

/* What kind of file it is is told by its first bytes.  "-": standard input.
 * -1: unreadable, cut off, or nothing that these tools write. */
int provenance_read(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err);

/* One program a line, as one would type it, and behind a # its version and seed.  What went in besides comes first,
 * behind a #: facts about the data, the model that was trained on with its own chain indented. */
int provenance_print(const struct provenance *provenance, struct buf *out, struct err *err);

/* The same programs as one would run them again: joined by pipes, a new one where a program wrote files and the next read them.  What
 * they read and wrote is not kept in the chain, and stands there as FILES; files that options named stand there as their digests. */
int provenance_pipe(const struct provenance *provenance, struct buf *out, struct err *err);

/* {"file", "kind", "prog": [..], ..} on one line: what the file says of itself. */
int provenance_print_json(struct provenance *provenance, const char *path, struct buf *out, struct err *err);
void provenance_free(struct provenance *provenance);

#endif
