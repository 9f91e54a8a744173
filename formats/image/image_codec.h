/* Decodes and encodes images.  A codec is one file here and one line in image_codecs.def.  Files are recognised by their first bytes, never
 * by their name. */
#ifndef IMAGE_IMAGE_CODEC_H
#define IMAGE_IMAGE_CODEC_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

#include <stdbool.h>

struct image_limits {
	size_t pixels; /* limit for one image; checked in its header, before decoding */
};

#define IMAGE_LIMITS_DEFAULT ((struct image_limits){ .pixels = 64u << 20 })

/* How to decode an image, and which rectangle of it is needed.  `part` is called once, when the size is known, so that pixels outside the
 * rectangle need not be decoded. */
struct image_request {
	struct image_part (*part)(void *context, size_t width, size_t height);
	void *context;
	bool on_white; /* composite transparent pixels on white, instead of dropping alpha */
	struct err *damage; /* not NULL: accept missing and wrong pixels if some were decoded; missing ones become grey, and *damage says
			     * what is wrong ("" if nothing is) */

	/* Not NULL: a codec that decodes faster at 1/2, 1/4 or 1/8 of the size calls it for a divisor of 1, 2, 4 or 8; the image then
	 * has the sides divided by it, rounded up. */
	size_t (*reduction)(void *context, size_t width, size_t height);
};

enum { IMAGE_MISSING = 128 }; /* red, green and blue of a missing pixel */

struct image_codec;
struct image_encoding {
	const struct image_codec *codec;
	int quality;
	bool lossless;
};

struct image_codec {
	const char *name;
	const char *field; /* name of the record field for such bytes */
	bool (*recognises)(struct span bytes);

	/* Decodes to 8-bit RGB with the same pixels as Pillow's convert("RGB"), or on white as its alpha_composite.  *have becomes the part
	 * that was decoded, which covers the requested part (request NULL: the whole image).  Missing pixels are an error even
	 * outside that part. */
	int (*decode)(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
		const struct image_request *request, struct err *err);

	/* Default, lowest and highest quality; all 0: the codec has no quality setting and is lossless. */
	int quality, quality_least, quality_most;
	bool can_be_lossless; /* has a quality setting and also a lossless mode */
	int (*encode)(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err);
};

extern const struct image_codec *const image_codecs[]; /* ends with NULL */

/* The codec that recognises the bytes, or NULL. */
const struct image_codec *image_codec_of(struct span bytes);

/* See image_codec.decode.  For bytes that no codec recognises, the error says what they are. */
int image_decode(struct image *image, struct span bytes, const struct image_limits *limits, struct err *err);
int image_decode_part(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err);

/* Parses "jpeg:75", "png" or "webp:lossless".  The error lists the accepted encodings. */
int image_encoding_parse(struct image_encoding *encoding, const char *text, struct err *err);

/* Appends the encoding in the same form, always with its quality. */
void image_encoding_print(struct buf *out, const struct image_encoding *encoding);

/* Appends the encoded image. */
int image_encode(struct buf *out, const struct image *image, const struct image_encoding *encoding, struct err *err);

/* For codecs, when the size is known: sets *wanted to the requested part (request NULL: all).  -1: no pixels, or more than the
 * limit. */
int image_header(struct image_part *wanted, size_t width, size_t height, const struct image_limits *limits,
	const struct image_request *request, struct err *err);

/* For codecs: some pixels are missing or wrong.  0: the request accepts that, and the first reason is stored; -1: an error. */
int image_damage(const struct image_request *request, struct err *err, const char *what);

/* For codecs: extends the part by a block on each side within the image, and aligns its start to a block. */
void image_widen(struct image_part *part, size_t block_width, size_t block_height, size_t width, size_t height);

/* For codecs: converts RGBA to RGB on white, rounded as in Pillow's alpha_composite.  The buffers may overlap. */
void image_put_on_white(unsigned char *rgb, const unsigned char *rgba, size_t pixels);

#endif
