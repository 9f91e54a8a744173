/* JPEG by libjpeg, set as Pillow sets it: accurate DCT, smooth ("fancy") upsampling.  EXIF's orientation is
 * not looked at. */
#include "formats/image_codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

/* Scans cost time without costing bytes; real progressive files have about ten. */
enum { MOST_SCANS = 256, MOST_ROWS = 16 };

/* One run of the library, which reports failure by a jump: fail() is where it lands. */
struct run {
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	struct err *err;
};

static void fail(j_common_ptr jpeg)
{
	struct run *run = jpeg->client_data;
	char message[JMSG_LENGTH_MAX];

	if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) {
		err_memory(run->err);
	} else {
		jpeg->err->format_message(jpeg, message);
		err_set(run->err, "%s", message);
	}
	longjmp(run->failed, 1);
}

/* Warnings (bytes between markers, a bad code in the middle) are tolerated, as Pillow does. */
static void tolerate(j_common_ptr jpeg, int level)
{
	(void)jpeg, (void)level;
}

static struct jpeg_error_mgr *run_errors(struct run *run)
{
	struct jpeg_error_mgr *errors = jpeg_std_error(&run->errors);

	errors->error_exit = fail;
	errors->emit_message = tolerate;
	return errors;
}

struct decoding {
	struct run run;
	struct jpeg_decompress_struct jpeg;
	struct jpeg_source_mgr source;
	struct jpeg_progress_mgr progress;
	struct image *image;
	struct image_part *have;
	const struct image_limits *limits;
	const struct image_wish *wish;
	unsigned char *spare; /* MOST_ROWS rows: those of four colours, and those that nobody wants */
	bool complete;        /* all rows are there */
	bool cut_off;
};

static bool recognises(struct span bytes)
{
	return bytes.size >= 3 && bytes.data[0] == 0xFF && bytes.data[1] == 0xD8 && bytes.data[2] == 0xFF;
}

static void nothing(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

/* All bytes are there from the start, so whoever asks for more has met the end too early: Pillow's
 * "truncated".  Once all rows are there, only the end marker is missing, and neither Pillow nor we mind. */
static boolean cut_off(j_decompress_ptr jpeg)
{
	static const JOCTET end[] = { 0xFF, JPEG_EOI };
	struct decoding *decoding = jpeg->client_data;
	bool *tolerated = decoding->wish ? decoding->wish->cut_off : NULL;

	if (tolerated && !decoding->complete) {
		*tolerated = true;
		jpeg->src->next_input_byte = end;
		jpeg->src->bytes_in_buffer = sizeof end;
		return TRUE;
	}
	decoding->cut_off = true;
	err_set(decoding->run.err, "premature end of data");
	longjmp(decoding->run.failed, 1);
}

static void skip_bytes(j_decompress_ptr jpeg, long count)
{
	if (count < 0 || (size_t)count > jpeg->src->bytes_in_buffer) {
		cut_off(jpeg);
		return;
	}
	jpeg->src->next_input_byte += count;
	jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void count_scans(j_common_ptr jpeg)
{
	struct decoding *decoding = jpeg->client_data;

	if (decoding->jpeg.input_scan_number > MOST_SCANS) {
		err_set(decoding->run.err, "more than %d scans", MOST_SCANS);
		longjmp(decoding->run.failed, 1);
	}
}

static void start(struct decoding *decoding, struct span bytes)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;

	decoding->source = (struct jpeg_source_mgr){
		.next_input_byte = bytes.data,
		.bytes_in_buffer = bytes.size,
		.init_source = nothing,
		.fill_input_buffer = cut_off,
		.skip_input_data = skip_bytes,
		.resync_to_restart = jpeg_resync_to_restart,
		.term_source = nothing,
	};
	decoding->progress.progress_monitor = count_scans;
	jpeg->err = run_errors(&decoding->run);
	jpeg->client_data = decoding;
	jpeg_create_decompress(jpeg);
	jpeg->src = &decoding->source;
	jpeg->progress = &decoding->progress;
}

static int read_header(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const struct image_wish *wish = decoding->wish;
	struct err *err = decoding->run.err;

	jpeg_read_header(jpeg, TRUE);
	if (image_header(decoding->have, jpeg->image_width, jpeg->image_height, decoding->limits, NULL, err))
		return -1;
	if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != 4)
		return err_set(err, "%d colour components", jpeg->num_components);
	jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
	if (wish && wish->reduction)
		jpeg->scale_denom = (unsigned)wish->reduction(wish->context, jpeg->image_width, jpeg->image_height);
	jpeg_calc_output_dimensions(jpeg);
	return image_header(
		decoding->have, jpeg->output_width, jpeg->output_height, decoding->limits, wish, err);
}

/* The sides of the block of pixels that libjpeg decodes at once: where the image is reduced, they are too. */
static size_t block_width(const struct jpeg_decompress_struct *jpeg)
{
	return (size_t)(jpeg->max_h_samp_factor * jpeg->min_DCT_scaled_size);
}

static size_t block_height(const struct jpeg_decompress_struct *jpeg)
{
	return (size_t)(jpeg->max_v_samp_factor * jpeg->min_DCT_scaled_size);
}

/* Rows and columns may be left out where libjpeg gives the others exactly as they would be: in a sequential
 * file with usual sampling, when the neighbours that upsampling looks at are decoded too. */
static bool can_leave_out(struct jpeg_decompress_struct *jpeg)
{
	const jpeg_component_info *colour = jpeg->comp_info;
	const bool usual = jpeg->jpeg_color_space == JCS_YCbCr && jpeg->max_h_samp_factor <= 2 &&
			   jpeg->max_v_samp_factor <= 2 && colour[1].h_samp_factor == 1 &&
			   colour[1].v_samp_factor == 1 && colour[2].h_samp_factor == 1 &&
			   colour[2].v_samp_factor == 1;

	return (usual || jpeg->jpeg_color_space == JCS_GRAYSCALE) && !jpeg_has_multiple_scans(jpeg);
}

/* *have, which is what is wanted, becomes what will be decoded.  After jpeg_start_decompress. */
static void choose_part(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	struct image_part *have = decoding->have;
	const size_t width = jpeg->output_width, height = jpeg->output_height;

	if (!can_leave_out(jpeg)) {
		*have = part_whole(width, height);
		return;
	}
	image_widen(have, block_width(jpeg), block_height(jpeg), width, height);
	if (have->width < width) {
		JDIMENSION x = (JDIMENSION)have->x, columns = (JDIMENSION)have->width;
		jpeg_crop_scanline(jpeg, &x, &columns);
		have->x = x;
		have->width = columns;
	}
}

static void cmyk_to_rgb(const unsigned char *from, unsigned char *to, size_t pixels)
{
	for (size_t i = 0; i < pixels; i++, from += 4, to += 3)
		for (int colour = 0; colour < 3; colour++) {
			/* Adobe's CMYK is inverted: black minus what the colour lacks. */
			const int product = (255 - from[colour]) * from[3] + 128;
			to[colour] = (unsigned char)(from[3] - ((product + (product >> 8)) >> 8));
		}
}

/* Rows up to `end` of the picture into the image, or, where it is NULL, nowhere. */
static void read_rows(struct decoding *decoding, struct image *image, size_t end)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const bool cmyk = jpeg->out_color_space == JCS_CMYK;
	const size_t row = (size_t)jpeg->output_width * (size_t)jpeg->output_components;

	for (size_t y; (y = jpeg->output_scanline) < end;) {
		JSAMPROW rows[MOST_ROWS];
		const size_t wanted = end - y < MOST_ROWS ? end - y : MOST_ROWS;
		unsigned char *to = image ? image->pixels + (y - decoding->have->y) * 3 * image->width : NULL;

		for (size_t i = 0; i < wanted; i++)
			rows[i] = to && !cmyk ? to + i * row : decoding->spare + i * row;
		const size_t count = jpeg_read_scanlines(jpeg, rows, (JDIMENSION)wanted);
		if (to && cmyk)
			cmyk_to_rgb(decoding->spare, to, count * jpeg->output_width);
	}
}

static void skip_rows(struct jpeg_decompress_struct *jpeg, size_t end)
{
	if (jpeg->output_scanline < end)
		jpeg_skip_scanlines(jpeg, (JDIMENSION)(end - jpeg->output_scanline));
}

static int decode_all(struct decoding *decoding, struct span bytes)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const struct image_part *have = decoding->have;

	start(decoding, bytes);
	if (read_header(decoding))
		return -1;
	jpeg_start_decompress(jpeg);
	choose_part(decoding);
	decoding->spare = malloc((size_t)jpeg->output_width * (size_t)jpeg->output_components * MOST_ROWS);
	if (!decoding->spare)
		return err_memory(decoding->run.err);
	if (image_resize_buffer(decoding->image, have->width, have->height, decoding->run.err))
		return -1;
	skip_rows(jpeg, have->y);
	read_rows(decoding, decoding->image, have->y + have->height);

	/* libjpeg does not look at what is skipped at the end: the last blocks are read, so that their
	 * absence is noticed. */
	skip_rows(jpeg, (jpeg->output_height - 1) / block_height(jpeg) * block_height(jpeg));
	read_rows(decoding, NULL, jpeg->output_height);
	decoding->complete = true;
	jpeg_finish_decompress(jpeg);
	return 0;
}

static int decode_guarded(struct decoding *decoding, struct span bytes)
{
	if (setjmp(decoding->run.failed))
		return decoding->complete && decoding->cut_off ? 0 : -1;
	return decode_all(decoding, bytes);
}

static int decode(struct image *image, struct image_part *have, struct span bytes,
	const struct image_limits *limits, const struct image_wish *wish, struct err *err)
{
	struct decoding decoding = {
		.run.err = err, .image = image, .have = have, .limits = limits, .wish = wish,
	};
	const int result = decode_guarded(&decoding, bytes);

	jpeg_destroy_decompress(&decoding.jpeg);
	free(decoding.spare);
	return result;
}

struct encoding {
	struct run run;
	struct jpeg_compress_struct jpeg;
	struct jpeg_destination_mgr destination;
	const struct image *image;
	int quality;
	struct buf *out;
};

enum { ROOM = 16 << 10 };

/* The library's own destination frees its bytes twice when they cannot grow. */
static void make_room(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	jpeg->dest->next_output_byte = buf_reserve(encoding->out, ROOM);
	jpeg->dest->free_in_buffer = ROOM;
	if (jpeg->dest->next_output_byte)
		return;
	err_memory(encoding->run.err);
	longjmp(encoding->run.failed, 1);
}

/* All of the room is full. */
static boolean take_full(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	encoding->out->size += ROOM;
	make_room(jpeg);
	return TRUE;
}

static void take_rest(j_compress_ptr jpeg)
{
	struct encoding *encoding = jpeg->client_data;

	encoding->out->size += ROOM - jpeg->dest->free_in_buffer;
}

static int encode_all(struct encoding *encoding)
{
	struct jpeg_compress_struct *jpeg = &encoding->jpeg;
	const struct image *image = encoding->image;

	if (setjmp(encoding->run.failed))
		return -1;
	jpeg->err = run_errors(&encoding->run);
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

static int encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err)
{
	struct encoding encoding = { .run.err = err, .image = image, .quality = how->quality, .out = out,
		.destination = { .init_destination = make_room, .empty_output_buffer = take_full, .term_destination = take_rest } };
	const size_t before = out->size;

	if (image->width > JPEG_MAX_DIMENSION || image->height > JPEG_MAX_DIMENSION)
		return err_set(err, "%zu x %zu pixels: a side is longer than %ld", image->width,
			image->height, (long)JPEG_MAX_DIMENSION);
	int result = encode_all(&encoding);
	jpeg_destroy_compress(&encoding.jpeg);
	if (result)
		out->size = before;
	return result;
}

const struct image_codec image_codec_jpeg = {
	.name = "jpeg",
	.field = "jpg",
	.recognises = recognises,
	.decode = decode,
	.quality = 75,
	.quality_least = 1,
	.quality_most = 100,
	.encode = encode,
};
