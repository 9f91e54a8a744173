#include "image/geometry.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

static void swap(struct image *a, struct image *b)
{
	const struct image was = *a;

	*a = *b;
	*b = was;
}

static bool fits_fixed(const double m[6], double x, double y)
{
	return fabs(x * m[0] + y * m[1] + m[2]) < 32768.0 && fabs(x * m[3] + y * m[4] + m[5]) < 32768.0;
}

static int64_t to_fixed(double value)
{
	return (int64_t)floor(value * 65536.0 + 0.5);
}

/* In 16.16 fixed point, like Pillow if the corners permit. */
static void affine_fixed(struct image *to, const struct image *from, const double m[6])
{
	const int64_t across_x = to_fixed(m[0]), across_y = to_fixed(m[3]);
	const int64_t down_x = to_fixed(m[1]), down_y = to_fixed(m[4]);
	unsigned char *pixel = to->pixels;
	int64_t row_x = to_fixed(m[2] + m[0] * 0.5 + m[1] * 0.5);
	int64_t row_y = to_fixed(m[5] + m[3] * 0.5 + m[4] * 0.5);

	for (size_t y = 0; y < to->height; y++, row_x += down_x, row_y += down_y) {
		int64_t at_x = row_x, at_y = row_y;
		for (size_t x = 0; x < to->width; x++, pixel += 3, at_x += across_x, at_y += across_y) {
			/* Negative values wrap around to very large ones. */
			const size_t from_x = (size_t)(at_x >> 16), from_y = (size_t)(at_y >> 16);
			if (from_x < from->width && from_y < from->height)
				memcpy(pixel, from->pixels + 3 * (from_y * from->width + from_x), 3);
		}
	}
}

static size_t to_place(double value, size_t side)
{
	return value < 0.0 || value >= (double)side ? side : (size_t)value;
}

static void affine_double(struct image *to, const struct image *from, const double m[6])
{
	unsigned char *pixel = to->pixels;
	double row_x = m[2] + m[1] * 0.5 + m[0] * 0.5, row_y = m[5] + m[4] * 0.5 + m[3] * 0.5;

	for (size_t y = 0; y < to->height; y++, row_x += m[1], row_y += m[4]) {
		double at_x = row_x, at_y = row_y;
		for (size_t x = 0; x < to->width; x++, pixel += 3, at_x += m[0], at_y += m[3]) {
			const size_t from_x = to_place(at_x, from->width);
			const size_t from_y = to_place(at_y, from->height);
			if (from_x < from->width && from_y < from->height)
				memcpy(pixel, from->pixels + 3 * (from_y * from->width + from_x), 3);
		}
	}
}

/* Swaps the image with spare and makes the image black, to be drawn from spare. */
static int start_over(struct image *image, struct image *spare, struct err *err)
{
	if (image_resize_buffer(spare, image->width, image->height, err))
		return -1;
	swap(image, spare);
	memset(image->pixels, 0, image_bytes(image));
	return 0;
}

int image_affine(struct image *image, const double m[6], struct image *spare, struct err *err)
{
	const double width = (double)image->width, height = (double)image->height;

	if (start_over(image, spare, err))
		return -1;
	if (fits_fixed(m, 0, 0) && fits_fixed(m, width, height) && fits_fixed(m, 0, height) && fits_fixed(m, width, 0))
		affine_fixed(image, spare, m);
	else
		affine_double(image, spare, m);
	return 0;
}

/* Python's round(value, 15). */
static double round_15(double value)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%.15f", value);
	return strtod(digits, NULL);
}

static void turn_half(struct image *image)
{
	unsigned char *left = image->pixels, *right = left + image_bytes(image) - 3;

	for (; left < right; left += 3, right -= 3)
		for (int i = 0; i < 3; i++) {
			const unsigned char was = left[i];
			left[i] = right[i];
			right[i] = was;
		}
}

int image_rotate(struct image *image, double degrees, struct image *spare, struct err *err)
{
	const double centre_x = (double)image->width / 2, centre_y = (double)image->height / 2;
	double angle = fmod(degrees, 360.0);

	if (angle < 0)
		angle += 360.0;
	if (angle == 0)
		return 0;
	if (angle == 180) {
		turn_half(image);
		return 0;
	}
	angle = -(angle * (pi / 180.0));
	const double cosine = round_15(cos(angle)), sine = round_15(sin(angle)), minus_sine = -sine;
	const double m[6] = {
		cosine,
		sine,
		cosine * -centre_x + sine * -centre_y + centre_x,
		minus_sine,
		cosine,
		minus_sine * -centre_x + cosine * -centre_y + centre_y,
	};
	return image_affine(image, m, spare, err);
}

static double tangent_of(double slope)
{
	const double degrees = atan(slope) * (180.0 / pi);

	return tan(degrees * (pi / 180.0));
}

int image_shear(struct image *image, double horizontal, double vertical, struct image *spare, struct err *err)
{
	const double m[6] = { 1, tangent_of(horizontal), 0, tangent_of(vertical), 1, 0 };

	return m[1] == 0 && m[3] == 0 ? 0 : image_affine(image, m, spare, err);
}

int image_translate(struct image *image, long right, long down, struct image *spare, struct err *err)
{
	const size_t width = image->width, height = image->height;
	const size_t to_x = right > 0 ? (size_t)right : 0, from_x = right < 0 ? (size_t)-right : 0;
	const size_t to_y = down > 0 ? (size_t)down : 0, from_y = down < 0 ? (size_t)-down : 0;

	if (start_over(image, spare, err))
		return -1;
	if (to_x + from_x >= width)
		return 0;
	for (size_t y = 0; to_y + from_y + y < height; y++)
		memcpy(image->pixels + 3 * ((to_y + y) * width + to_x), spare->pixels + 3 * ((from_y + y) * width + from_x),
			3 * (width - to_x - from_x));
	return 0;
}

void image_flip(struct image *image)
{
	for (size_t y = 0; y < image->height; y++) {
		unsigned char *left = image->pixels + 3 * y * image->width;
		unsigned char *right = left + 3 * (image->width - 1);
		for (; left < right; left += 3, right -= 3)
			for (int i = 0; i < 3; i++) {
				const unsigned char was = left[i];
				left[i] = right[i];
				right[i] = was;
			}
	}
}
