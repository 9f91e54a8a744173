/* Several models in one file: what is in front of the names of each, "", "module.", "state_dict_ema." ... */
#ifndef MODEL_WEIGHT_PREFIX_H
#define MODEL_WEIGHT_PREFIX_H

#include "formats/model/weights.h"

enum { MOST_PREFIXES = 16 };

struct prefixes {
	struct span items[MOST_PREFIXES]; /* borrowed from the weights */
	size_t count;
	struct span chosen;
};

/* Finds the prefix of each tensor called logit_scale, which every CLIP model has.  asked: the one to choose, with or without its last dot;
 * NULL: there must be one.  Errors list the prefixes. */
int prefixes_find(struct prefixes *prefixes, const struct weights *weights, const char *asked, struct err *err);

/* Does the name belong to the chosen model?  Not where another model's longer prefix fits, too. */
bool prefixes_own(const struct prefixes *prefixes, struct span name);

#endif
