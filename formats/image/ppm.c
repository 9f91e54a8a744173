/* PBM, PGM and PPM, plain and raw (P1 to P6): reads what Pillow reads, with the same rounding.  Grey of more than 8 bits is clipped at 255,
 * as in a 16-bit PNG; colour is scaled down.  A comment is removed with its end of line, even within a number. */
#include "formats/image/image_codec.h"

#include <math.h>
#include <string.h>

enum { LONGEST_NUMBER = 10, MOST_VALUE = 65535 };

struct reading {
	struct span rest; /* bytes that were not yet read */
	char kind; /* '1' to '6' */
	size_t width, height, channels;
	unsigned maxval;
	struct err *err;
};

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool recognises(struct span bytes)
{
	return bytes.size >= 3 && bytes.data[0] == 'P' && bytes.data[1] >= '1' && bytes.data[1] <= '6' && is_space(bytes.data[2]);
}

static bool is_plain(const struct reading *reading)
{
	return reading->kind < '4';
}

static bool is_bits(const struct reading *reading)
{
	return reading->kind == '1' || reading->kind == '4';
}

/* The next byte outside comments, or -1. */
static int next_byte(struct reading *reading)
{
	struct span *rest = &reading->rest;
	bool comment = false;

	while (rest->size) {
		const int c = rest->data[0];
		*rest = span_of(rest->data + 1, rest->size - 1);
		if (!comment && c != '#')
			return c;
		comment = c != '\n' && c != '\r';
	}
	return -1;
}

/* Reads a number below 10^10 and the byte after it. */
static int read_number(struct reading *reading, size_t *number)
{
	size_t digits = 0;
	int c;

	while (is_space(c = next_byte(reading)))
		;
	for (*number = 0; c >= '0' && c <= '9'; c = next_byte(reading)) {
		if (++digits > LONGEST_NUMBER)
			return err_set(reading->err, "a number of more than %d digits", LONGEST_NUMBER);
		*number = *number * 10 + (size_t)(c - '0');
	}
	if (c >= 0 && !is_space(c))
		return err_set(reading->err, "expected a number, not \"%c\"", c >= '!' && c <= '~' ? c : '?');
	return digits ? 0 : err_set(reading->err, "premature end of data");
}

static int read_header(struct reading *reading, struct span bytes)
{
	size_t maxval = 1;

	reading->kind = (char)bytes.data[1];
	reading->rest = span_of(bytes.data + 3, bytes.size - 3);
	reading->channels = reading->kind == '3' || reading->kind == '6' ? 3 : 1;
	if (read_number(reading, &reading->width) || read_number(reading, &reading->height) ||
		(!is_bits(reading) && read_number(reading, &maxval)))
		return -1;
	if (maxval == 0 || maxval > MOST_VALUE)
		return err_set(reading->err, "the maximum value is %zu; it must be from 1 to %d", maxval, MOST_VALUE);
	reading->maxval = (unsigned)maxval;
	return 0;
}

/* Bytes of a row, or the fewest that a plain row can have.  Does not overflow, because the number of pixels is limited. */
static size_t row_bytes(const struct reading *reading)
{
	const size_t samples = reading->width * reading->channels;

	switch (reading->kind) {
	case '1': return samples;
	case '4': return (samples + 7) / 8;
	case '5':
	case '6': return samples * (reading->maxval > 255 ? 2 : 1);
	default: return 2 * samples;
	}
}

/* In double and rounded half to even, as Python does. */
static unsigned char to_8_bits(const struct reading *reading, size_t value)
{
	const bool wide_grey = reading->channels == 1 && reading->maxval > 255;

	if (reading->maxval == 255)
		return (unsigned char)value;
	const double scaled = rint((double)value / reading->maxval * (wide_grey ? 65535 : 255));
	return scaled < 255 ? (unsigned char)scaled : 255;
}

static void set_pixel(unsigned char *pixel, const struct reading *reading, const size_t *values)
{
	for (size_t c = 0; c < 3; c++)
		pixel[c] = reading->channels == 3 || c == 0 ? to_8_bits(reading, values[c]) : pixel[0];
}

/* A plain bit needs no space around it. */
static int read_bit(struct reading *reading, size_t *value)
{
	int c;

	while (is_space(c = next_byte(reading)))
		;
	if (c != '0' && c != '1')
		return err_set(reading->err, c < 0 ? "premature end of data" : "expected a bit, 0 or 1");
	*value = c == '0';
	return 0;
}

/* *done: number of pixels that were read. */
static int read_plain(struct reading *reading, struct image *image, size_t *done)
{
	size_t values[3];

	for (size_t i = 0; i < image->width * image->height; i++) {
		for (size_t c = 0; c < reading->channels; c++) {
			if (is_bits(reading) ? read_bit(reading, &values[c]) : read_number(reading, &values[c]))
				return -1;
			if (values[c] > reading->maxval)
				return err_set(reading->err, "a value of %zu exceeds the maximum of %u", values[c], reading->maxval);
		}
		set_pixel(image->pixels + 3 * i, reading, values);
		*done = i + 1;
	}
	return 0;
}

/* A truncated or damaged file is usable if at least one row was read. */
static int decode_plain(struct reading *reading, struct image *image, const struct image_request *request)
{
	size_t done = 0;

	if (read_plain(reading, image, &done) == 0)
		return 0;
	const struct err why = *reading->err;
	return done >= image->width ? image_damage(request, reading->err, why.text) : -1;
}

static size_t raw_value(const struct reading *reading, const unsigned char *row, size_t i)
{
	if (is_bits(reading))
		return !(row[i / 8] >> (7 - i % 8) & 1);
	return reading->maxval > 255 ? (size_t)row[2 * i] << 8 | row[2 * i + 1] : row[i];
}

static void read_row(const struct reading *reading, const unsigned char *from, size_t x, unsigned char *to, size_t width)
{
	const size_t channels = reading->channels;
	size_t values[3];

	if (channels == 3 && reading->maxval == 255) {
		memcpy(to, from + 3 * x, 3 * width);
		return;
	}
	for (size_t end = x + width; x < end; x++, to += 3) {
		for (size_t c = 0; c < channels; c++)
			values[c] = raw_value(reading, from, x * channels + c);
		set_pixel(to, reading, values);
	}
}

static int decode(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	struct reading reading = { .err = err };

	if (read_header(&reading, bytes) || image_header(have, reading.width, reading.height, limits, request, err))
		return -1;
	/* In a plain file the last number needs no space after it. */
	const size_t row = row_bytes(&reading), rows = (reading.rest.size + is_plain(&reading)) / row;
	if (rows == 0 || (rows < reading.height && image_damage(request, err, "premature end of data")))
		return err_set(err, "premature end of data");
	if (is_plain(&reading))
		*have = part_whole(reading.width, reading.height);
	if (image_resize_buffer(image, have->width, have->height, err))
		return -1;
	if (request && request->damage)
		memset(image->pixels, IMAGE_MISSING, image_bytes(image));
	if (is_plain(&reading))
		return decode_plain(&reading, image, request);
	for (size_t y = 0; y < have->height && have->y + y < rows; y++)
		read_row(&reading, reading.rest.data + (have->y + y) * row, have->x, image->pixels + 3 * have->width * y, have->width);
	return 0;
}

static int encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err)
{
	(void)how;
	buf_printf(out, "P6\n%zu %zu\n255\n", image->width, image->height);
	buf_append(out, image->pixels, image_bytes(image));
	return out->failed ? err_memory(err) : 0;
}

const struct image_codec image_codec_ppm = {
	.name = "ppm",
	.field = "ppm",
	.recognises = recognises,
	.decode = decode,
	.encode = encode,
};
