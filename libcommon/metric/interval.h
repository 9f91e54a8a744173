/* How sure a share is. */
#ifndef METRIC_INTERVAL_H
#define METRIC_INTERVAL_H

#include <stdint.h>

/* hits of n: a share as it is reported. */
struct share {
	uint64_t hits, n;
};

struct interval {
	double low, high;
};

double share_value(struct share share); /* n >= 1 */

/* Wilson's 95 % interval (1927), inside 0..1 and of use near both ends.  n >= 1. */
struct interval share_interval(struct share share);

#endif
