/* Attack success rate: of the triggered images whose true class is not the target's, the share that is taken for the
 * target; and of the same images the share that is still recognised for what it is. */
#ifndef METRIC_ASR_H
#define METRIC_ASR_H

#include <stddef.h>
#include <stdint.h>

struct asr {
	size_t target;
	uint64_t n;        /* images of other classes */
	uint64_t excluded; /* images of the target's class: nothing can be told from them */
	uint64_t hits, correct;
};

/* One triggered image: its true label and what it is taken for. */
void asr_add(struct asr *asr, size_t label, size_t predicted);

#endif
