/* WaNet: warps the image slightly by a smooth or noisy field (Nguyen and Tran 2021, "WaNet: imperceptible warping-based backdoor
 * attack").  The default, noise as fine as the image, is that of the CleanCLIP authors' program; k=4,s=.5 as first published.
 * The field is noise U(-1,1) divided by its mean absolute value, on k x k points, enlarged like PyTorch's bicubic interpolation with
 * align_corners.  Multiplied by s and divided by the image's side, it is added to the grid -1..1, at which grid_sample samples. */
#include "attack/attack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K, S, PATTERN };

struct field {
	size_t width, height; /* points */
	float *across, *down; /* [height, width] */
};

static int make_field(struct field *field, size_t width, size_t height, struct rng *rng, struct err *err)
{
	const size_t points = width * height, count = 2 * points;
	double sum = 0;

	*field = (struct field){ .width = width, .height = height, .across = calloc(count, sizeof(float)) };
	if (!field->across)
		return err_memory(err);
	field->down = field->across + points;
	rng_uniforms(rng, field->across, count);
	for (size_t i = 0; i < count; i++) {
		field->across[i] = field->across[i] * 2 - 1;
		sum += fabs((double)field->across[i]);
	}
	const float mean = (float)(sum / (double)count);
	for (size_t i = 0; i < count; i++)
		field->across[i] /= mean;
	return 0;
}

/* Cubic convolution (Keys 1981) with A = -.75, at a distance of up to 1, and of 1 to 2. */
static float near_weight(float x)
{
	return (1.25f * x - 2.25f) * x * x + 1;
}

static float far_weight(float x)
{
	return ((-.75f * x + 3.75f) * x - 6) * x + 3;
}

struct taps {
	size_t at[4];
	float weight[4];
};

/* The position of point i of `to` among `from` points; the outer points of both are on the edges. */
static struct taps taps_of(size_t i, size_t from, size_t to)
{
	const float where = to > 1 ? (float)(from - 1) / (float)(to - 1) * (float)i : 0;
	const size_t first = (size_t)where;
	const float t = where - (float)first, rest = 1 - t;
	struct taps taps = { .weight = { far_weight(t + 1), near_weight(t), near_weight(rest), far_weight(rest + 1) } };

	for (size_t k = 0; k < 4; k++) {
		const size_t at = first + k < 1 ? 0 : first + k - 1;
		taps.at[k] = at < from ? at : from - 1;
	}
	return taps;
}

static float enlarged(const float *field, size_t width, const struct taps *column, const struct taps *row)
{
	float sum = 0;

	for (size_t k = 0; k < 4; k++) {
		const float *line = field + row->at[k] * width;
		float along = 0;
		for (size_t i = 0; i < 4; i++)
			along += line[column->at[i]] * column->weight[i];
		sum += along * row->weight[k];
	}
	return sum;
}

/* Number i of `count` from -1 to 1, computed from the nearer end like torch.linspace. */
static float grid_line(size_t i, size_t count)
{
	const float step = count > 1 ? 2 / (float)(count - 1) : 0;

	return i < count / 2 || count == 1 ? -1 + step * (float)i : 1 - step * (float)(count - 1 - i);
}

/* Where to sample along one axis, in pixels. */
static float moved(size_t i, size_t count, float noise, float strength)
{
	const float place = grid_line(i, count) + strength * noise / (float)count;
	const float clamped = place < -1 ? -1 : place > 1 ? 1 : place;

	return (clamped + 1) * ((float)(count - 1) / 2);
}

/* Bilinear; black outside the image. */
static void sample(const struct image *from, float x, float y, unsigned char *to)
{
	const size_t left = (size_t)x, top = (size_t)y;
	const float east = x - (float)left, west = 1 - east, south = y - (float)top, north = 1 - south;
	const float weight[4] = { west * north, east * north, west * south, east * south };
	float colour[4][3] = { 0 };

	for (size_t k = 0; k < 4; k++) {
		const size_t column = left + k % 2, row = top + k / 2;
		for (size_t c = 0; c < 3 && column < from->width && row < from->height; c++)
			colour[k][c] = (float)from->pixels[3 * (row * from->width + column) + c] / 255;
	}
	for (size_t c = 0; c < 3; c++)
		to[c] = to_u8(
			255 * (colour[0][c] * weight[0] + colour[1][c] * weight[1] + colour[2][c] * weight[2] + colour[3][c] * weight[3]));
}

static void warp(struct image *to, const struct image *from, const struct field *field, float strength)
{
	for (size_t y = 0; y < to->height; y++) {
		const struct taps row = taps_of(y, field->height, to->height);
		for (size_t x = 0; x < to->width; x++) {
			const struct taps column = taps_of(x, field->width, to->width);
			const float across = enlarged(field->across, field->width, &column, &row);
			const float down = enlarged(field->down, field->width, &column, &row);
			sample(from, moved(x, to->width, across, strength), moved(y, to->height, down, strength),
				to->pixels + 3 * (y * to->width + x));
		}
	}
}

static int wanet(struct sample *sample, const struct attack_args *args, struct rng *rng, struct err *err)
{
	struct image *image = sample->image;
	struct image_part *place = &sample->place;
	const size_t k = (size_t)args->number[K];
	struct rng noise = attack_noise(&attack_wanet, args->number[PATTERN], image, rng);
	struct image from = { 0 };
	struct field field;
	int result = -1;

	if (make_field(&field, k ? k : image->width, k ? k : image->height, &noise, err))
		return -1;
	if (image_copy(&from, image, err) == 0) {
		warp(image, &from, &field, args->number[S]);
		result = 0;
	}
	*place = part_whole(image->width, image->height);
	image_free(&from);
	free(field.across);
	return result;
}

const struct attack attack_wanet = {
	.name = "wanet",
	.about = "warp the image slightly; k=4,s=.5: smoothly, as first published",
	.numbers = {
		[K] = { .name = "k", .most = 1024, .whole = true, .about = "points of the noise field per side; 0: one for each pixel" },
		[S] = { .name = "s", .fallback = 1, .most = 100, .about = "strength: the mean shift is s/2 pixels" },
		[PATTERN] = { .name = "pattern", .fallback = 1, .most = 999999, .whole = true,
			.about = "0: a new field for each image; N: the same field N for all images" },
	},
	.apply = wanet,
};
