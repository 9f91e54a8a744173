/* Encodes JPEG with libjpeg and Pillow's settings: 4:2:0, accurate DCT. */
#include "formats/image/jpeg_parts.h"

struct encoding {
	struct jpeg_run run;
	struct jpeg_compress_struct jpeg;
	struct jpeg_destination_mgr destination;
	const struct image *image;
	int quality;
	struct buf *out;
};

enum { CHUNK = 16 << 10 };

/* A destination of our own, because libjpeg's frees its buffer twice if it cannot grow. */
static void reserve_chunk(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	jpeg->dest->next_output_byte = buf_reserve(encoding->out, CHUNK);
	jpeg->dest->free_in_buffer = CHUNK;
	if (jpeg->dest->next_output_byte)
		return;
	err_memory(encoding->run.err);
	longjmp(encoding->run.failed, 1);
}

static boolean chunk_full(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	encoding->out->size += CHUNK;
	reserve_chunk(jpeg);
	return TRUE;
}

static void finish_chunk(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	encoding->out->size += CHUNK - jpeg->dest->free_in_buffer;
}

static int encode_all(struct encoding *encoding)
{
	struct jpeg_compress_struct *jpeg = &encoding->jpeg;
	const struct image *image = encoding->image;

	if (setjmp(encoding->run.failed))
		return -1;
	jpeg->err = jpeg_run_errors(&encoding->run);
	jpeg->client_data = encoding;
	jpeg_create_compress(jpeg);
	jpeg->dest = &encoding->destination;
	jpeg->image_width = (JDIMENSION)image->width;
	jpeg->image_height = (JDIMENSION)image->height;
	jpeg->input_components = 3;
	jpeg->in_color_space = JCS_RGB;
	jpeg_set_defaults(jpeg); /* 4:2:0, accurate DCT */
	jpeg_set_quality(jpeg, encoding->quality, TRUE);
	jpeg_start_compress(jpeg, TRUE);
	while (jpeg->next_scanline < jpeg->image_height) {
		JSAMPROW row = image->pixels + 3 * image->width * jpeg->next_scanline;
		jpeg_write_scanlines(jpeg, &row, 1);
	}
	jpeg_finish_compress(jpeg);
	return 0;
}

int jpeg_encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err)
{
	struct encoding encoding = { .run.err = err,
		.image = image,
		.quality = how->quality,
		.out = out,
		.destination = { .init_destination = reserve_chunk, .empty_output_buffer = chunk_full, .term_destination = finish_chunk } };
	const size_t before = out->size;

	if (image->width > JPEG_MAX_DIMENSION || image->height > JPEG_MAX_DIMENSION)
		return err_set(
			err, "%zu x %zu pixels: the sides may have at most %ld", image->width, image->height, (long)JPEG_MAX_DIMENSION);
	int result = encode_all(&encoding);
	jpeg_destroy_compress(&encoding.jpeg);
	if (result)
		out->size = before;
	return result;
}
