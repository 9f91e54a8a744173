/* The name of a shard by its number: "train-%04d.tar".  Never a printf format: it is taken apart here. */
#ifndef DATASET_PATTERN_H
#define DATASET_PATTERN_H

#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

struct pattern {
	struct span before, after; /* the number; borrowed from the text, with %% still double */
	int width;                 /* of the number, with zeros in front */
	bool numbered;             /* false: one shard of that name */
};

/* At most one %d or %0Nd, and any number of %%. */
int pattern_parse(struct pattern *pattern, const char *text, struct err *err);

/* Appends the name, and a zero byte that is not counted. */
void pattern_name(const struct pattern *pattern, uint64_t number, struct buf *name);

#endif
