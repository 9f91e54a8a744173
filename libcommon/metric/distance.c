#include "metric/distance.h"

#include <math.h>

double distance_add(struct distance *distance, const float *a, const float *b, size_t width)
{
	double apart = 0, aa = 0, bb = 0, ab = 0;

	for (size_t i = 0; i < width; i++) {
		double x = a[i], y = b[i];
		apart += (x - y) * (x - y);
		aa += x * x;
		bb += y * y;
		ab += x * y;
	}
	distance->n++;
	distance->sum += sqrt(apart);
	distance->squares += apart;
	distance->cosines += aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
	return sqrt(apart);
}

double distance_mean(const struct distance *distance)
{
	return distance->sum / (double)distance->n;
}

double distance_spread(const struct distance *distance)
{
	const double n = (double)distance->n;
	const double variance = n > 1 ? (distance->squares - distance->sum * distance->sum / n) / (n - 1) : 0;

	return variance > 0 ? sqrt(variance) : 0;
}

double distance_margin(const struct distance *distance)
{
	return 1.959963984540054 * distance_spread(distance) / sqrt((double)distance->n);
}
