/* Encoded images <-> pixels.  One codec is one file here and one line in image_codecs.def.
 * Which codec decodes is told by the bytes, never by a name. */
#ifndef IMAGE_IMAGE_CODEC_H
#define IMAGE_IMAGE_CODEC_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"

#include <stdbool.h>

struct image_limits {
	size_t pixels; /* of one image; refused from its header, before anything is decoded */
};

#define IMAGE_LIMITS_DEFAULT ((struct image_limits){ .pixels = 64u << 20 })

/* Which rectangle of an image will be used: asked once, when its size is known and allowed, so that what lies
 * outside need not be decoded. */
struct image_wish {
	struct image_part (*part)(void *context, size_t width, size_t height);
	void *context;
	bool on_white; /* what is transparent lets white through, instead of the colour that it hides */
	struct err *damage; /* not NULL: missing and wrong pixels are tolerated if others were decoded; missing ones are
			     * grey, and this gets the reason ("" if there is none) */

	/* Not NULL: a codec that decodes faster at 1/2, 1/4 or 1/8 of the size asks before for 1, 2, 4 or 8, and from
	 * then on the image has that part of its sides, rounded up. */
	size_t (*reduction)(void *context, size_t width, size_t height);
};

enum { IMAGE_MISSING = 128 }; /* all three colours of a pixel that is missing */

struct image_codec;
struct image_encoding {
	const struct image_codec *codec;
	int quality;
	bool lossless;
};

struct image_codec {
	const char *name;
	const char *field; /* of a record that holds such bytes */
	bool (*recognises)(struct span bytes);

	/* image becomes the part *have of the picture as 8-bit RGB, the pixels being those of Pillow's
	 * convert("RGB"), or on white those of its alpha_composite. *have covers what the wish names, and may
	 * be more; wish NULL: all.  Pixels that are cut off are an error even where nobody wishes for them. */
	int (*decode)(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
		const struct image_wish *wish, struct err *err);

	/* Where nothing is said, and what may be; all 0: there is no such thing. */
	int quality, quality_least, quality_most;
	bool can_be_lossless; /* when asked to be; what has no quality always is */
	int (*encode)(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err);
};

extern const struct image_codec *const image_codecs[]; /* ended by NULL */

/* The one that recognises the bytes, or NULL. */
const struct image_codec *image_codec_of(struct span bytes);

/* See image_codec.decode.  Bytes that no codec recognises are an error that names what they are. */
int image_decode(struct image *image, struct span bytes, const struct image_limits *limits, struct err *err);
int image_decode_part(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_wish *wish, struct err *err);

/* "jpeg:75", "png" or "webp:lossless"; what is wrong gets the accepted ones listed. */
int image_encoding_parse(struct image_encoding *encoding, const char *text, struct err *err);

/* Appends the same in full: with its quality where it has one. */
void image_encoding_print(struct buf *out, const struct image_encoding *encoding);

/* Appends the encoded image. */
int image_encode(struct buf *out, const struct image *image, const struct image_encoding *encoding, struct err *err);

/* For codecs, when the header is read: *wanted is what the wish names (NULL: all).  -1: no pixels, or more
 * than the limits. */
int image_header(struct image_part *wanted, size_t width, size_t height, const struct image_limits *limits, const struct image_wish *wish,
	struct err *err);

/* For codecs: some pixels are missing or wrong.  0: the wish tolerates it, and its first reason is kept.  -1: it is an error. */
int image_damage(const struct image_wish *wish, struct err *err, const char *what);

/* For codecs: the part becomes larger by a block on all sides, as far as the image goes, and starts at the edge of a block. */
void image_widen(struct image_part *part, size_t block_width, size_t block_height, size_t width, size_t height);

/* For codecs: RGBA to RGB as Pillow's alpha_composite on white rounds it.  Both may be the same memory. */
void image_put_on_white(unsigned char *rgb, const unsigned char *rgba, size_t pixels);

#endif
