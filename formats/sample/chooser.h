/* Which records are poisoned: exactly N of a known number, a share by key, those of a list, or all. */
#ifndef SAMPLE_CHOOSER_H
#define SAMPLE_CHOOSER_H

#include "core/map.h"
#include "formats/dataset/record_filter.h"

enum chooser_rule { CHOOSE_EXACTLY, CHOOSE_RATE, CHOOSE_KEYS, CHOOSE_ALL };

struct chooser {
	enum chooser_rule rule;
	struct where where; /* records that do not match are never chosen, and not counted */
	uint64_t seed, round; /* round: how often the stream was poisoned before, so that each time others are chosen */
	uint64_t wanted, of; /* EXACTLY */
	double rate;         /* RATE */
	struct map keys;     /* KEYS */
	uint64_t seen, chosen; /* candidates so far */
};

/* 1 or 0; to be asked once for each record, in stream order.  RATE and KEYS look at the key alone, and EXACTLY at the
 * position too.  -1: there are more candidates than `of`. */
int chooser_choose(struct chooser *chooser, const struct record *record, struct err *err);

/* At the end of the stream.  -1: there were fewer candidates than `of`. */
int chooser_finish(const struct chooser *chooser, struct err *err);
void chooser_free(struct chooser *chooser);

#endif
