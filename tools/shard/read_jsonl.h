/* cc-shard read --jsonl: the lines of `cc-view --jsonl --full` back to the stream that they show. */
#ifndef SHARD_READ_JSONL_H
#define SHARD_READ_JSONL_H

#include "tools/cli/tool.h"

/* The files among the arguments, one behind the other, "-" being standard input, to tool->out; the caller finishes.
 * Header, marks, records and tail come out as they stand there; without a header, the tail has the digest of the records.
 * Errors name file and line; a header without its tail was cut off. */
int read_jsonl(struct tool *tool);

#endif
