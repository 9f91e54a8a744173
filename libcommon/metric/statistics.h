/* Statistics of reported shares: intervals, and paired comparison over runs. */
#ifndef METRIC_STATISTICS_H
#define METRIC_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

/* A share: `hits` of `n`. */
struct share {
	uint64_t hits, n;
};

struct interval {
	double low, high;
};

double share_value(struct share share); /* n >= 1 */

/* Wilson's 95 % interval (1927), which stays inside 0..1 and is accurate near both ends.  n >= 1. */
struct interval share_interval(struct share share);

/* Paired comparison of a share over runs: does one method's rate differ from another's, if both were measured with the same seeds? */

/* The logit of a share, ln((hits + 1/2) / (n - hits + 1/2)): finite also for 0 and n hits. */
double share_logit(struct share share);

struct paired {
	size_t runs;
	double mean;      /* of the differences */
	double low, high; /* its 95 % interval by Student's t with runs - 1 degrees of freedom; NAN for one run */
	double t, p;      /* two-sided p-value of "the mean is 0"; NAN for one run; 1 where all differences are 0, and 0 where all are
	                   * the same and not 0 */
};

/* Of `runs` >= 1 differences. */
struct paired paired_test(const double *differences, size_t runs);

/* Holm's step-down adjustment (1979): the smallest p times count, the next times count - 1 and so on, never below an earlier
 * one, at most 1.  NAN stays and does not count.  p: [count], adjusted in place.  -1: no memory. */
int holm_adjust(double *p, size_t count);

/* Student's distribution: P(|T| >= t), and the t that a share of .05 exceeds on both sides.  df >= 1. */
double student_two_sided(double t, double df);
double student_quantile_975(double df);

#endif
