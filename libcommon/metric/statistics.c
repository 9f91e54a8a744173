#include "metric/statistics.h"

#include <math.h>
#include <stdlib.h>

double share_logit(struct share share)
{
	return log(((double)share.hits + .5) / ((double)(share.n - share.hits) + .5));
}

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), from its inner end: for
 * x < (a + 1) / (a + b + 2), 200 terms give 12 digits up to 100 degrees of freedom and 9 up to 200,000. */
static double beta_fraction(double a, double b, double x)
{
	double value = 1;

	for (int m = 200; m >= 1; m--) {
		const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		value = 1 + even / (1 + odd / value);
	}
	return 1 / (1 - (a + b) * x / (a + 1) / value);
}

/* Regularised: I_x(a, b). */
static double incomplete_beta(double a, double b, double x)
{
	if (x <= 0 || x >= 1)
		return x >= 1;
	const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));

	return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_two_sided(double t, double df)
{
	return isinf(t) ? 0 : incomplete_beta(df / 2, .5, df / (df + t * t));
}

double student_quantile_975(double df)
{
	double low = 0, high = 16; /* 12.71 at one degree of freedom, the largest */

	for (int i = 0; i < 60; i++) { /* halves 16 down to a double's last bit */
		const double middle = (low + high) / 2;
		if (student_two_sided(middle, df) > .05)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

struct paired paired_test(const double *differences, size_t runs)
{
	struct paired result = { .runs = runs, .low = NAN, .high = NAN, .t = NAN, .p = NAN };
	double squares = 0;

	for (size_t i = 0; i < runs; i++)
		result.mean += differences[i] / (double)runs;
	for (size_t i = 0; i < runs; i++)
		squares += (differences[i] - result.mean) * (differences[i] - result.mean);
	if (runs < 2)
		return result;
	const double df = (double)(runs - 1), error = sqrt(squares / df / (double)runs);
	result.t = result.mean == 0 ? 0 : result.mean / error;
	result.p = student_two_sided(result.t, df);
	const double half = student_quantile_975(df) * error;
	result.low = result.mean - half;
	result.high = result.mean + half;
	return result;
}

struct ranked {
	double p;
	size_t place;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

int holm_adjust(double *p, size_t count)
{
	struct ranked *ranked = malloc((count + 1) * sizeof *ranked);
	size_t tests = 0;
	double highest = 0;

	if (!ranked)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (!isnan(p[i]))
			ranked[tests++] = (struct ranked){ p[i], i };
	qsort(ranked, tests, sizeof *ranked, compare_ranked);
	for (size_t i = 0; i < tests; i++) {
		highest = fmax(highest, fmin(1, ranked[i].p * (double)(tests - i)));
		p[ranked[i].place] = highest;
	}
	free(ranked);
	return 0;
}

double share_value(struct share share)
{
	return (double)share.hits / (double)share.n;
}

struct interval share_interval(struct share share)
{
	const double z = 1.959963984540054; /* the normal distribution's 97.5 % point */
	const double n = (double)share.n, p = share_value(share);
	const double middle = p + z * z / (2 * n);
	const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
	const double whole = 1 + z * z / n;

	return (struct interval){
		.low = share.hits == 0 ? 0 : (middle - half) / whole,
		.high = share.hits == share.n ? 1 : (middle + half) / whole,
	};
}
