/* WebP with libwebp and Pillow's settings.  Alpha is dropped or composited on white.  Animations are refused. */
#include "formats/image/image_codec.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>

enum { RIFF_HEADER = 12, CHUNK_HEADER = 8, BLOCK = 2 };

static bool recognises(struct span bytes)
{
	return bytes.size >= RIFF_HEADER && memcmp(bytes.data, "RIFF", 4) == 0 && memcmp(bytes.data + 8, "WEBP", 4) == 0;
}

static int refuse(VP8StatusCode status, struct err *err)
{
	switch (status) {
	case VP8_STATUS_OUT_OF_MEMORY: return err_memory(err);
	case VP8_STATUS_UNSUPPORTED_FEATURE: return err_set(err, "uses a feature that libwebp does not support");
	case VP8_STATUS_NOT_ENOUGH_DATA:
	case VP8_STATUS_SUSPENDED: return err_set(err, "premature end of data");
	default: return err_set(err, "damaged data");
	}
}

static size_t little_endian(const unsigned char *at)
{
	return at[0] + ((size_t)at[1] << 8) + ((size_t)at[2] << 16) + ((size_t)at[3] << 24);
}

/* RIFF stores the length of the file.  If there are fewer bytes, something is missing, but perhaps no pixels. */
static bool is_truncated(struct span bytes)
{
	return little_endian(bytes.data + 4) > bytes.size - CHUNK_HEADER;
}

/* In a truncated file: is the chunk of the pixels complete? */
static bool has_pixels(struct span bytes)
{
	for (size_t at = RIFF_HEADER; at + CHUNK_HEADER <= bytes.size;) {
		const unsigned char *chunk = bytes.data + at;
		const size_t length = little_endian(chunk + 4);
		if (memcmp(chunk, "VP8 ", 4) == 0 || memcmp(chunk, "VP8L", 4) == 0)
			return length <= bytes.size - at - CHUNK_HEADER;
		if (length > bytes.size - at - CHUNK_HEADER)
			return false;
		at += CHUNK_HEADER + length + (length & 1);
	}
	return false;
}

static int read_header(WebPDecoderConfig *config, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	if (!WebPInitDecoderConfig(config))
		return err_set(err, "libwebp and its header have different versions");
	const VP8StatusCode status = WebPGetFeatures(bytes.data, bytes.size, &config->input);
	if (status != VP8_STATUS_OK)
		return refuse(status, err);
	if (config->input.has_animation)
		return err_set(err, "animated; only still images are supported");
	return image_header(have, (size_t)config->input.width, (size_t)config->input.height, limits, request, err);
}

/* Changes *have from the part that is wanted to the part that will be decoded: with the neighbours that upsampling reads, and down to the
 * last row, to notice when it is missing. */
static void choose_part(WebPDecoderConfig *config, struct image_part *have)
{
	const size_t height = (size_t)config->input.height;

	image_widen(have, BLOCK, BLOCK, (size_t)config->input.width, height);
	have->height = height - have->y;
	config->options.use_cropping = 1;
	config->options.crop_left = (int)have->x;
	config->options.crop_top = (int)have->y;
	config->options.crop_width = (int)have->width;
	config->options.crop_height = (int)have->height;
}

/* libwebp's plain decoder refuses a truncated file; the incremental one decodes what it can.  *rows: number of rows decoded. */
static VP8StatusCode decode_available(WebPDecoderConfig *config, struct span bytes, int *rows)
{
	WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);

	*rows = 0;
	if (!decoder)
		return VP8_STATUS_OUT_OF_MEMORY;
	const VP8StatusCode status = WebPIUpdate(decoder, bytes.data, bytes.size);
	if (!WebPIDecGetRGB(decoder, rows, NULL, NULL, NULL))
		*rows = 0;
	WebPIDelete(decoder);
	return status;
}

static int decode_truncated(WebPDecoderConfig *config, struct span bytes, const struct image_request *request, struct err *err)
{
	int rows;
	const VP8StatusCode status = decode_available(config, bytes, &rows);

	if (status == VP8_STATUS_OK && has_pixels(bytes))
		return 0;
	refuse(status == VP8_STATUS_OK ? VP8_STATUS_SUSPENDED : status, err);
	const struct err why = *err;
	return rows > 0 ? image_damage(request, err, why.text) : -1;
}

static int decode_into(WebPDecoderConfig *config, struct span bytes, unsigned char *pixels, size_t channels, const struct image_part *have,
	const struct image_request *request, struct err *err)
{
	WebPRGBABuffer *to = &config->output.u.RGBA;

	config->output.is_external_memory = 1;
	config->output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB;
	to->rgba = pixels;
	to->stride = (int)(have->width * channels);
	to->size = have->height * have->width * channels;
	if (request && request->damage)
		memset(pixels, IMAGE_MISSING, to->size);
	if (is_truncated(bytes))
		return decode_truncated(config, bytes, request, err);
	const VP8StatusCode status = WebPDecode(bytes.data, bytes.size, config);
	return status == VP8_STATUS_OK ? 0 : refuse(status, err);
}

static int decode_on_white(WebPDecoderConfig *config, struct span bytes, struct image *image, const struct image_part *have,
	const struct image_request *request, struct err *err)
{
	unsigned char *rgba = malloc(have->width * have->height * 4);
	int result = rgba ? decode_into(config, bytes, rgba, 4, have, request, err) : err_memory(err);

	if (result == 0)
		image_put_on_white(image->pixels, rgba, have->width * have->height);
	free(rgba);
	return result;
}

static int decode(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	WebPDecoderConfig config;

	if (read_header(&config, have, bytes, limits, request, err))
		return -1;
	choose_part(&config, have);
	if (image_resize_buffer(image, have->width, have->height, err))
		return -1;
	if (request && request->on_white && config.input.has_alpha)
		return decode_on_white(&config, bytes, image, have, request, err);
	return decode_into(&config, bytes, image->pixels, 3, have, request, err);
}

static int append_bytes(const uint8_t *bytes, size_t count, const WebPPicture *picture)
{
	struct buf *out = picture->custom_ptr;

	buf_append(out, bytes, count);
	return !out->failed;
}

static bool set_config(WebPConfig *config, const struct image_encoding *how)
{
	if (!WebPConfigInit(config))
		return false;
	config->quality = (float)how->quality;
	return !how->lossless || WebPConfigLosslessPreset(config, 1);
}

static int encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err)
{
	WebPConfig config;
	WebPPicture picture;

	if (image->width > WEBP_MAX_DIMENSION || image->height > WEBP_MAX_DIMENSION)
		return err_set(err, "%zu x %zu pixels: the sides may have at most %d", image->width, image->height, WEBP_MAX_DIMENSION);
	if (!set_config(&config, how) || !WebPPictureInit(&picture))
		return err_set(err, "libwebp and its header have different versions");
	picture.use_argb = how->lossless;
	picture.width = (int)image->width;
	picture.height = (int)image->height;
	picture.writer = append_bytes;
	picture.custom_ptr = out;
	const bool done = WebPPictureImportRGB(&picture, image->pixels, 3 * (int)image->width) && WebPEncode(&config, &picture);
	const WebPEncodingError reason = picture.error_code;
	WebPPictureFree(&picture);
	if (out->failed || (!done && reason == VP8_ENC_OK) || reason == VP8_ENC_ERROR_OUT_OF_MEMORY ||
		reason == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
		return err_memory(err);
	return done ? 0 : err_set(err, "libwebp failed to encode the image (error %d)", (int)reason);
}

const struct image_codec image_codec_webp = {
	.name = "webp",
	.field = "webp",
	.recognises = recognises,
	.decode = decode,
	.quality = 80, /* Pillow's */
	.quality_least = 0,
	.quality_most = 100,
	.can_be_lossless = true,
	.encode = encode,
};
