/* The items of a record stream as JSON lines. */
#ifndef DATASET_JSONL_H
#define DATASET_JSONL_H

#include "formats/stream/stream.h"

struct jsonl {
	bool full; /* exact: what is binary as {"base64": ".."}; else for the eye: {"bytes": n, "type": ..} */
	struct limits limits;
	struct arena arena;
	struct msgpack_zone *zone;
	struct buf text;
};

/* They append one line.  What a terminal could take for a command is escaped, so that any line may be printed.
 * -1: something that JSON cannot say exactly (full), or no memory. */
int jsonl_record(struct jsonl *jsonl, const struct record *record, struct buf *out, struct err *err);
int jsonl_value(struct jsonl *jsonl, const struct value *value, struct buf *out, struct err *err);
int jsonl_epoch(struct jsonl *jsonl, uint64_t epoch, struct buf *out, struct err *err);
int jsonl_tail(struct jsonl *jsonl, const struct stream_tail *tail, struct buf *out, struct err *err);
void jsonl_free(struct jsonl *jsonl);

#endif
