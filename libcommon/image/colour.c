#include "image/colour.h"

#include "core/parallel.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

void image_invert(struct image *image)
{
	unsigned char *const pixels = image->pixels;
	const size_t bytes = image_bytes(image);

	for (size_t i = 0; i < bytes; i++)
		pixels[i] = (unsigned char)~pixels[i];
}

void image_posterize(struct image *image, int bits)
{
	const unsigned char mask = (unsigned char)(0xFF << (8 - bits));
	unsigned char *const pixels = image->pixels;
	const size_t bytes = image_bytes(image);

	for (size_t i = 0; i < bytes; i++)
		pixels[i] &= mask;
}

void image_solarize(struct image *image, double threshold)
{
	const int first = threshold >= 256 ? 256 : threshold <= 0 ? 0 : (int)ceil(threshold);
	unsigned char *const pixels = image->pixels;
	const size_t bytes = image_bytes(image);

	for (size_t i = 0; i < bytes; i++) {
		const unsigned char value = pixels[i];
		pixels[i] = (unsigned char)(value < first ? value : 255 - value);
	}
}

/* One table for each channel. */
struct tables {
	unsigned char of[3][256];
};

static void look_up(struct image *image, const struct tables *tables)
{
	unsigned char *const pixels = image->pixels;
	const size_t bytes = image_bytes(image);

	for (size_t i = 0; i < bytes; i += 3)
		for (size_t colour = 0; colour < 3; colour++)
			pixels[i + colour] = tables->of[colour][pixels[i + colour]];
}

struct histogram {
	size_t of[3][256];
};

/* Counts into two tables alternately, because an increment waits for the previous one of the same number. */
static void count(struct histogram *histogram, const struct image *image)
{
	uint32_t counts[2][3][256] = { 0 };
	const size_t pixels = image->width * image->height;
	const unsigned char *pixel = image->pixels;

	for (size_t i = 0; i < pixels; i++, pixel += 3)
		for (size_t colour = 0; colour < 3; colour++)
			counts[i & 1][colour][pixel[colour]]++;
	for (size_t colour = 0; colour < 3; colour++)
		for (size_t i = 0; i < 256; i++)
			histogram->of[colour][i] = (size_t)counts[0][colour][i] + counts[1][colour][i];
}

static void unchanged(unsigned char table[256])
{
	for (int i = 0; i < 256; i++)
		table[i] = (unsigned char)i;
}

static void stretch(unsigned char table[256], const size_t counts[256])
{
	int low = 0, high = 255;

	while (low < 255 && !counts[low])
		low++;
	while (high > 0 && !counts[high])
		high--;
	if (high <= low) {
		unchanged(table);
		return;
	}
	const double scale = 255.0 / (high - low), offset = -low * scale;
	for (int i = 0; i < 256; i++) {
		const int value = (int)(i * scale + offset);
		table[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
	}
}

void image_autocontrast(struct image *image)
{
	struct histogram histogram;
	struct tables tables;

	count(&histogram, image);
	for (int colour = 0; colour < 3; colour++)
		stretch(tables.of[colour], histogram.of[colour]);
	look_up(image, &tables);
}

static void flatten(unsigned char table[256], const size_t counts[256])
{
	size_t sum = 0, values = 0, last = 0;

	for (int i = 0; i < 256; i++)
		if (counts[i]) {
			sum += counts[i];
			last = counts[i];
			values++;
		}
	const size_t step = (sum - last) / 255;
	if (values <= 1 || step == 0) {
		unchanged(table);
		return;
	}
	size_t below = step / 2;
	for (int i = 0; i < 256; i++) {
		table[i] = (unsigned char)(below / step > 255 ? 255 : below / step);
		below += counts[i];
	}
}

void image_equalize(struct image *image)
{
	struct histogram histogram;
	struct tables tables;

	count(&histogram, image);
	for (int colour = 0; colour < 3; colour++)
		flatten(tables.of[colour], histogram.of[colour]);
	look_up(image, &tables);
}

/* Interpolates between base (factor 0) and value (factor 1), or extrapolates, in float32 and truncated like Pillow's blend. */
INLINE unsigned char blend(int base, int value, float factor)
{
	const float mixed = (float)base + factor * (float)(value - base);

	return (unsigned char)(mixed < 0 ? 0 : mixed > 255 ? 255 : mixed);
}

static int grey_of(const unsigned char *pixel)
{
	return (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16;
}

static void blend_with(struct image *image, int base, float factor)
{
	unsigned char table[256];
	unsigned char *const pixels = image->pixels;
	const size_t bytes = image_bytes(image);

	for (int i = 0; i < 256; i++)
		table[i] = blend(base, i, factor);
	for (size_t i = 0; i < bytes; i++)
		pixels[i] = table[pixels[i]];
}

void image_brightness(struct image *image, float factor)
{
	blend_with(image, 0, factor);
}

void image_contrast(struct image *image, float factor)
{
	const size_t pixels = image->width * image->height;
	uint64_t sum = 0;

	for (size_t i = 0; i < pixels; i++)
		sum += (uint64_t)grey_of(image->pixels + 3 * i);
	blend_with(image, (int)((double)sum / (double)pixels + 0.5), factor);
}

enum { STRIP = 256 };

SIMD static void blend_strip(unsigned char *values, const unsigned char *bases, size_t count, float factor)
{
	for (size_t i = 0; i < count; i++)
		values[i] = blend(bases[i], values[i], factor);
}

/* Computes the greys of a strip first, so that the main loop has no steps of 3 and becomes SIMD. */
void image_saturation(struct image *image, float factor)
{
	const size_t pixels = image->width * image->height;
	unsigned char greys[3 * STRIP];

	for (size_t start = 0; start < pixels; start += STRIP) {
		const size_t count = pixels - start < STRIP ? pixels - start : STRIP;
		unsigned char *strip = image->pixels + 3 * start;
		for (size_t i = 0; i < count; i++)
			memset(greys + 3 * i, grey_of(strip + 3 * i), 3);
		blend_strip(strip, greys, 3 * count, factor);
	}
}

/* One row except its first and last pixel.  Blends each pixel with the mean of its 3 x 3 neighbourhood, rounded, in which it counts five
 * times.  from: the row's first byte in the unchanged copy. */
SIMD static void sharpen_row(unsigned char *to, const unsigned char *from, size_t stride, float factor)
{
	for (size_t i = 3; i + 3 < stride; i++) {
		const unsigned char *above = from + i - stride, *here = from + i, *below = from + i + stride;
		const int sum = above[-3] + above[0] + above[3] + here[-3] + 5 * here[0] + here[3] + below[-3] + below[0] + below[3];
		to[i] = blend((2 * sum + 13) / 26, here[0], factor);
	}
}

/* The outermost pixels have no full neighbourhood and do not change. */
int image_sharpness(struct image *image, float factor, struct image *spare, struct err *err)
{
	const size_t stride = 3 * image->width;

	if (image_copy(spare, image, err))
		return -1;
	if (image->width < 3)
		return 0;
	for (size_t y = 1; y + 1 < image->height; y++)
		sharpen_row(image->pixels + y * stride, spare->pixels + y * stride, stride, factor);
	return 0;
}
