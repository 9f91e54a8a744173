#include "formats/image_codec.h"

#include <stdlib.h>

#define IMAGE_CODEC(name) extern const struct image_codec image_codec_##name;
#include "formats/image_codecs.def"
#undef IMAGE_CODEC

#define IMAGE_CODEC(name) &image_codec_##name,
const struct image_codec *const image_codecs[] = {
#include "formats/image_codecs.def"
	NULL
};

int image_header(struct image_part *wanted, size_t width, size_t height, const struct image_limits *limits,
	const struct image_wish *wish, struct err *err)
{
	if (width == 0 || height == 0)
		return err_set(err, "an image of %zu x %zu pixels", width, height);
	if (width > limits->pixels / height)
		return err_set(err, "an image of %zu x %zu pixels: more than the limit of %zu", width, height,
			limits->pixels);
	*wanted = wish ? wish->part(wish->context, width, height) : part_whole(width, height);
	return 0;
}

int image_decode_part(struct image *image, struct image_part *have, struct span bytes,
	const struct image_limits *limits, const struct image_wish *wish, struct err *err)
{
	for (size_t i = 0; image_codecs[i]; i++) {
		const struct image_codec *codec = image_codecs[i];
		if (!codec->recognises(bytes))
			continue;
		if (codec->decode(image, have, bytes, limits, wish, err))
			return err_add(err, "%s", codec->name);
		return 0;
	}
	if (bytes.size == 0)
		return err_set(err, "image: it is empty");
	struct buf known = { 0 };
	for (size_t i = 0; image_codecs[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", image_codecs[i]->name);
	err_set(err, "image: its first bytes belong to none of %s", buf_string(&known));
	buf_free(&known);
	return -1;
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
	}
	err_set(err, "\"%s\" is no image encoding; accepted: %s", text, buf_string(&known));
	buf_free(&known);
	return -1;
}

int image_encoding_parse(struct image_encoding *encoding, const char *text, struct err *err)
{
	const struct span all = span_string(text);
	size_t length = 0;

	while (length < all.size && text[length] != ':')
		length++;
	for (size_t i = 0; image_codecs[i]; i++) {
		const struct image_codec *codec = image_codecs[i];
		if (!span_is(span_of(text, length), codec->name))
			continue;
		*encoding = (struct image_encoding){ codec, codec->quality };
		if (length == all.size)
			return 0;
		char *end;
		long quality = strtol(text + length + 1, &end, 10);
		if (end == text + length + 1 || *end || !codec->quality_most ||
			quality < codec->quality_least || quality > codec->quality_most)
			break;
		encoding->quality = (int)quality;
		return 0;
	}
	return unknown_encoding(text, err);
}

int image_encode(
	struct buf *out, const struct image *image, const struct image_encoding *encoding, struct err *err)
{
	if (encoding->codec->encode(out, image, encoding->quality, err))
		return err_add(err, "%s", encoding->codec->name);
	return 0;
}
