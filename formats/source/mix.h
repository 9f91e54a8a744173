/* Sources with weights. */
#ifndef SOURCE_MIX_H
#define SOURCE_MIX_H

#include "formats/source/sources.h"

enum { MIX_WEIGHT_MOST = 1000 };

/* Puts down what the weights ask for: all sources once, then those of more than 1 a second time, and so on; of what is left of a
 * weight a share of the records.  -1: one that can be read only once is asked for more often, or the passes are too many. */
int mix_sources(struct sources *sources, struct err *err);

/* The weights as a list of words for the provenance, "*0.5", "*2": one for each row of sources that have the same; none where all are 1.
 * -1: out of memory. */
int mix_words(struct value *words, const struct sources *sources, struct arena *arena);

/* For who knows no weights.  -1: one is not 1. */
int mix_refuse(const struct sources *sources, struct err *err);

#endif
