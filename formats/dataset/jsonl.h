/* Writes the items of a record stream as JSON lines. */
#ifndef DATASET_JSONL_H
#define DATASET_JSONL_H

#include "formats/stream/stream.h"

struct jsonl {
	bool full; /* exact, with bytes as {"base64": ".."}; otherwise for people, with bytes as {"bytes": n, "type": ..} */
	struct limits limits;
	struct arena arena;
	struct msgpack_zone *zone;
	struct buf text;
};

/* Each appends one line.  Control characters are escaped, so that lines are safe to print on a terminal.
 * -1: a value that JSON cannot express exactly (if full), or out of memory. */
int jsonl_record(struct jsonl *jsonl, const struct record *record, struct buf *out, struct err *err);
int jsonl_value(struct jsonl *jsonl, const struct value *value, struct buf *out, struct err *err);
int jsonl_epoch(struct jsonl *jsonl, uint64_t epoch, struct buf *out, struct err *err);
int jsonl_tail(struct jsonl *jsonl, const struct stream_tail *tail, struct buf *out, struct err *err);
void jsonl_free(struct jsonl *jsonl);

#endif
