#include "formats/image/image_codec.h"

#include "formats/stream/file_magic.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_CODEC(name) extern const struct image_codec image_codec_##name;
#include "formats/image/image_codecs.def"
#undef IMAGE_CODEC

#define IMAGE_CODEC(name) &image_codec_##name,
const struct image_codec *const image_codecs[] = {
#include "formats/image/image_codecs.def"
	NULL
};

int image_header(struct image_part *wanted, size_t width, size_t height, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	if (width == 0 || height == 0)
		return err_set(err, "an image of %zu x %zu pixels", width, height);
	if (width > limits->pixels / height)
		return err_set(err, "an image of %zu x %zu pixels, more than the limit of %zu", width, height, limits->pixels);
	*wanted = request ? request->part(request->context, width, height) : part_whole(width, height);
	return 0;
}

int image_damage(const struct image_request *request, struct err *err, const char *what)
{
	if (!request || !request->damage)
		return err_set(err, "%s", what);
	if (!request->damage->text[0])
		err_set(request->damage, "%s", what);
	return 0;
}

/* Extends start..start+*length-1 by a block on both sides within `whole`, aligned to a block. */
static size_t widen(size_t start, size_t *length, size_t block, size_t whole)
{
	const size_t from = start < block ? 0 : (start - block) / block * block;
	const size_t end = start + *length + block;

	*length = (end < whole ? end : whole) - from;
	return from;
}

void image_widen(struct image_part *part, size_t block_width, size_t block_height, size_t width, size_t height)
{
	part->x = widen(part->x, &part->width, block_width, width);
	part->y = widen(part->y, &part->height, block_height, height);
}

void image_put_on_white(unsigned char *rgb, const unsigned char *rgba, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++, rgb += 3, rgba += 4) {
		const unsigned alpha = rgba[3];
		for (size_t colour = 0; colour < 3; colour++) {
			const unsigned sum = (rgba[colour] * alpha + 255 * (255 - alpha) + 128) * 128;
			rgb[colour] = (unsigned char)(((sum >> 8) + sum) >> 15);
		}
	}
}

const struct image_codec *image_codec_of(struct span bytes)
{
	for (size_t i = 0; image_codecs[i]; i++)
		if (image_codecs[i]->recognises(bytes))
			return image_codecs[i];
	return NULL;
}

static int refuse_unknown(struct span bytes, struct err *err)
{
	struct buf known = { 0 };

	for (size_t i = 0; image_codecs[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "an image of a supported format (", image_codecs[i]->name);
	buf_append_string(&known, ")");
	file_magic_refuse_image(bytes, buf_string(&known), err);
	buf_free(&known);
	return -1;
}

int image_decode_part(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	const struct image_codec *codec = image_codec_of(bytes);
	struct err *damage = request ? request->damage : NULL;

	if (damage)
		damage->text[0] = 0;
	if (!codec)
		return refuse_unknown(bytes, err);
	if (codec->decode(image, have, bytes, limits, request, err))
		return err_add(err, "%s", codec->name);
	if (damage && damage->text[0])
		err_add(damage, "%s", codec->name);
	return 0;
}

int image_decode(struct image *image, struct span bytes, const struct image_limits *limits, struct err *err)
{
	struct image_part have;

	return image_decode_part(image, &have, bytes, limits, NULL, err);
}

static int unknown_encoding(const char *text, struct err *err)
{
	struct buf known = { 0 };

	for (size_t i = 0; image_codecs[i]; i++) {
		const struct image_codec *codec = image_codecs[i];
		buf_printf(&known, "%s%s", i ? ", " : "", codec->name);
		if (codec->quality_most)
			buf_printf(&known, "[:%d..%d]", codec->quality_least, codec->quality_most);
		if (codec->can_be_lossless)
			buf_printf(&known, ", %s:lossless", codec->name);
	}
	err_set(err, "\"%s\" is not an image encoding; accepted: %s", text, buf_string(&known));
	buf_free(&known);
	return -1;
}

/* Parses the part after the colon. */
static bool parse_setting(struct image_encoding *encoding, const char *text)
{
	const struct image_codec *codec = encoding->codec;
	char *end;

	encoding->lossless = codec->can_be_lossless && strcmp(text, "lossless") == 0;
	if (encoding->lossless)
		return true;
	long quality = strtol(text, &end, 10);
	encoding->quality = (int)quality;
	return end != text && !*end && codec->quality_most && quality >= codec->quality_least && quality <= codec->quality_most;
}

int image_encoding_parse(struct image_encoding *encoding, const char *text, struct err *err)
{
	const size_t length = strcspn(text, ":");

	for (size_t i = 0; image_codecs[i]; i++) {
		const struct image_codec *codec = image_codecs[i];
		if (!span_is(span_of(text, length), codec->name))
			continue;
		*encoding = (struct image_encoding){ codec, codec->quality, false };
		if (!text[length] || parse_setting(encoding, text + length + 1))
			return 0;
	}
	return unknown_encoding(text, err);
}

void image_encoding_print(struct buf *out, const struct image_encoding *encoding)
{
	buf_append_string(out, encoding->codec->name);
	if (encoding->lossless)
		buf_append_string(out, ":lossless");
	else if (encoding->codec->quality_most)
		buf_printf(out, ":%d", encoding->quality);
}

int image_encode(struct buf *out, const struct image *image, const struct image_encoding *encoding, struct err *err)
{
	if (encoding->codec->encode(out, image, encoding, err))
		return err_add(err, "%s", encoding->codec->name);
	return 0;
}
