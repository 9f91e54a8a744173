/* How far a stream has been read: what a run must know to go on in the same stream at the same place. */
#ifndef TOOLS_PLACE_H
#define TOOLS_PLACE_H

#include "tools/cli/tool.h"

#include <xxhash.h>

struct place {
	uint64_t records, epoch;
	struct digest digest; /* of the bytes of these records, in their order */
	uint64_t bad;         /* of them, so many could not be used */
	struct buf reasons;   /* {reason: count}, as JSON */
};

/* Goes with the reader of a stream. */
struct place_meter {
	XXH3_state_t *hash;
};

int place_meter_init(struct place_meter *meter, struct err *err);
void place_meter_free(struct place_meter *meter);
void place_meter_record(struct place_meter *meter, const struct record *record);
void place_meter_epoch(struct place_meter *meter, uint64_t epoch);

/* Where the tool's stream is now. */
int place_set(struct place *place, const struct place_meter *meter, const struct tool *tool, struct err *err);
int place_copy(struct place *to, const struct place *from, struct err *err);
void place_free(struct place *place);

/* The tool's stream has been read up to there, by a run that went before: -1: by its digest it is another stream; else
 * the bad records of the first are taken over. */
int place_arrive(const struct place *place, const struct place_meter *meter, struct tool *tool);

#endif
