/* Chooses the records to poison: exactly N of a known number, a share by key, the keys of a list, or all. */
#ifndef SAMPLE_CHOOSER_H
#define SAMPLE_CHOOSER_H

#include "core/map.h"
#include "formats/dataset/record_filter.h"

enum chooser_rule { CHOOSE_EXACTLY, CHOOSE_RATE, CHOOSE_KEYS, CHOOSE_ALL };

struct chooser {
	enum chooser_rule rule;
	struct where where; /* records that do not match are neither chosen nor counted */
	uint64_t seed, round; /* round: number of earlier poisonings of the stream; each chooses different records */
	uint64_t wanted, of; /* CHOOSE_EXACTLY: how many of how many */
	double rate;         /* CHOOSE_RATE */
	struct map keys;     /* CHOOSE_KEYS */
	uint64_t seen, chosen; /* candidates so far */
};

/* 1 or 0.  Call once per record, in stream order.  CHOOSE_RATE and CHOOSE_KEYS depend only on the key, CHOOSE_EXACTLY also on the
 * position.  -1: more candidates than `of`. */
int chooser_choose(struct chooser *chooser, const struct record *record, struct err *err);

/* Call at the end of the stream.  -1: fewer candidates than `of`. */
int chooser_finish(const struct chooser *chooser, struct err *err);
void chooser_free(struct chooser *chooser);

#endif
