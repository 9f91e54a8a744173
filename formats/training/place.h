/* A place in a stream: what a resumed run needs to continue in the same stream after the same record. */
#ifndef TRAINING_PLACE_H
#define TRAINING_PLACE_H

#include "core/arena.h"
#include "formats/stream/stream.h"

#include <xxhash.h>

struct place {
	uint64_t records, epoch;
	struct digest digest; /* of the bytes of these records, in order */
	uint64_t bad;         /* number of unusable records among them */
	struct buf reasons;   /* {reason: count}, as JSON */
};

/* Digest of the records that a reader has read so far. */
struct place_meter {
	XXH3_state_t *hash;
};

int place_meter_init(struct place_meter *meter, struct err *err);
void place_meter_free(struct place_meter *meter);
void place_meter_record(struct place_meter *meter, const struct record *record);
void place_meter_epoch(struct place_meter *meter, uint64_t epoch);

/* Sets the current place.  bad: number of bad records so far; reasons: {reason: count}. */
int place_set(struct place *place, const struct place_meter *meter, const struct stream_reader *stream, uint64_t bad,
	const struct value *reasons, struct err *err);
int place_copy(struct place *to, const struct place *from, struct err *err);
void place_free(struct place *place);

/* After the records up to the place were read again.  -1: their digest differs, so it is another stream. */
int place_check(const struct place *place, const struct place_meter *meter, struct err *err);

/* Parses the reasons of the bad records before the place; allocates in the arena. */
int place_reasons(const struct place *place, const struct limits *limits, struct value *reasons, struct arena *arena, struct err *err);

#endif
