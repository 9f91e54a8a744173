#include "metric/similarity.h"

#include <math.h>

enum { MOMENTS = 5, CHANNELS = 3 }; /* of a, b, aa, bb, ab */

double mean_square_difference(const unsigned char *a, const unsigned char *b, size_t bytes)
{
	double sum = 0;

	for (size_t i = 0; i < bytes; i++) {
		const double difference = (double)a[i] - b[i];
		sum += difference * difference;
	}
	return sum / (double)bytes;
}

static void make_window(double window[SSIM_WINDOW])
{
	const double sigma = 1.5;
	double sum = 0;

	for (int i = 0; i < SSIM_WINDOW; i++) {
		const double x = i - SSIM_WINDOW / 2;
		window[i] = exp(-x * x / (2 * sigma * sigma));
		sum += window[i];
	}
	for (int i = 0; i < SSIM_WINDOW; i++)
		window[i] /= sum;
}

/* Along a row: moments[m][x], for complete windows. */
static void blur_row(const unsigned char *a, const unsigned char *b, size_t width, const double window[SSIM_WINDOW], double *moments)
{
	for (size_t x = 0; x + SSIM_WINDOW <= width; x++) {
		double sum[MOMENTS] = { 0 };
		for (size_t i = 0; i < SSIM_WINDOW; i++) {
			const double p = a[CHANNELS * (x + i)], q = b[CHANNELS * (x + i)], w = window[i];
			sum[0] += w * p;
			sum[1] += w * q;
			sum[2] += w * p * p;
			sum[3] += w * q * q;
			sum[4] += w * p * q;
		}
		for (size_t m = 0; m < MOMENTS; m++)
			moments[m * width + x] = sum[m];
	}
}

static double similarity(const double moment[MOMENTS])
{
	const double c1 = .01 * 255 * .01 * 255, c2 = .03 * 255 * .03 * 255;
	const double a = moment[0], b = moment[1];
	const double variances = moment[2] - a * a + moment[3] - b * b, covariance = moment[4] - a * b;

	return (2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (variances + c2));
}

/* Down the columns: the sum over one row of windows. */
static double sum_row(const double *rows, size_t width, const double window[SSIM_WINDOW])
{
	double sum = 0;

	for (size_t x = 0; x + SSIM_WINDOW <= width; x++) {
		double moment[MOMENTS] = { 0 };
		for (size_t i = 0; i < SSIM_WINDOW; i++)
			for (size_t m = 0; m < MOMENTS; m++)
				moment[m] += window[i] * rows[(i * MOMENTS + m) * width + x];
		sum += similarity(moment);
	}
	return sum;
}

double structural_similarity(const unsigned char *a, const unsigned char *b, size_t width, size_t height, double *scratch)
{
	const size_t stride = CHANNELS * width;
	double window[SSIM_WINDOW], sum = 0;

	make_window(window);
	for (size_t c = 0; c < CHANNELS; c++) {
		for (size_t y = 0; y < height; y++)
			blur_row(a + y * stride + c, b + y * stride + c, width, window, scratch + y * MOMENTS * width);
		for (size_t y = 0; y + SSIM_WINDOW <= height; y++)
			sum += sum_row(scratch + y * MOMENTS * width, width, window);
	}
	return sum / (double)(CHANNELS * (width - SSIM_WINDOW + 1) * (height - SSIM_WINDOW + 1));
}
