#include "metric/interval.h"

#include <math.h>

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
