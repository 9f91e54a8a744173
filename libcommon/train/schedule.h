/* The learning rate over a run: linear warm-up, then down to 0. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include "core/err.h"

#include <stdint.h>

enum schedule {
	SCHEDULE_COSINE,        /* half a cosine to 0 (Loshchilov and Hutter 2017, "SGDR") */
	SCHEDULE_LINEAR_COSINE, /* linearly to a tenth in the first half, then half a cosine to 0 (PAR) */
};

/* Steps are counted from 0; step warmup - 1 has the full rate, and so has the next. */
double schedule_rate(enum schedule schedule, double lr, uint64_t warmup, uint64_t steps, uint64_t step);

/* epochs * floor(records / batch).  Errors: fewer records than a batch, a product that overflows. */
int schedule_steps(uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err);

/* "50" steps, or "10%" of all. */
int schedule_warmup(const char *text, uint64_t steps, uint64_t *warmup, struct err *err);

#endif
