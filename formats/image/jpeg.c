/* Decodes JPEG with libjpeg and Pillow's settings: accurate DCT, smooth ("fancy") upsampling.  The EXIF orientation is ignored. */
#include "formats/image/image_codec.h"
#include "formats/image/jpeg_parts.h"

#include <stdlib.h>
#include <string.h>

/* A tiny scan can take as long to decode as a large one.  Encoders write about ten scans; Chromium stops at 100, Firefox at 1000. */
enum { MOST_SCANS = 100, MOST_ROWS = 16, SPARE_MEMORY = 64 << 20 };

struct decoding {
	struct jpeg_run run;
	struct jpeg_decompress_struct jpeg;
	struct jpeg_source_mgr source;
	struct jpeg_progress_mgr progress;
	struct span bytes;
	struct image *image;
	struct image_part *have;
	const struct image_limits *limits;
	const struct image_request *request;
	unsigned char *spare; /* MOST_ROWS rows: rows of four colours, and rows outside the part */
	unsigned seen;        /* a bit for each component that had a scan */
	bool complete;        /* all rows were decoded */
};

static bool recognises(struct span bytes)
{
	return bytes.size >= 3 && bytes.data[0] == 0xFF && bytes.data[1] == 0xD8 && bytes.data[2] == 0xFF;
}

static void nothing(j_decompress_ptr jpeg)
{
	(void)jpeg;
}

/* Some pixels are missing or wrong: an error unless the request accepts that. */
static void damage(struct decoding *decoding, const char *what)
{
	if (image_damage(decoding->request, decoding->run.err, what))
		longjmp(decoding->run.failed, 1);
}

static void warn(j_common_ptr jpeg, int level)
{
	struct decoding *decoding = jpeg->client_data;
	const char *what = level < 0 ? jpeg_warning_damage(&decoding->jpeg, decoding->bytes) : NULL;

	if (what)
		damage(decoding, what);
}

/* libjpeg has read all bytes and asks for more.  As in its own sources, an end marker is added; if pixels are missing, a warning or an
 * error follows.  The arithmetic decoder does not warn, since files may omit trailing zeros. */
static boolean end_of_bytes(j_decompress_ptr jpeg)
{
	static const JOCTET end[] = { 0xFF, JPEG_EOI };
	struct decoding *decoding = jpeg->client_data;

	decoding->run.ended = true;
	if (jpeg->arith_code && !decoding->complete)
		damage(decoding, "premature end of data");
	jpeg->src->next_input_byte = end;
	jpeg->src->bytes_in_buffer = sizeof end;
	return TRUE;
}

static void skip_bytes(j_decompress_ptr jpeg, long count)
{
	if (count < 0 || (size_t)count > jpeg->src->bytes_in_buffer) {
		end_of_bytes(jpeg);
		return;
	}
	jpeg->src->next_input_byte += count;
	jpeg->src->bytes_in_buffer -= (size_t)count;
}

/* Called for each row of blocks while libjpeg reads a file with several scans. */
static void watch_scans(j_common_ptr common)
{
	struct decoding *decoding = common->client_data;
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;

	for (int i = 0; i < jpeg->comps_in_scan; i++)
		decoding->seen |= 1u << jpeg->cur_comp_info[i]->component_index;
	if (jpeg->input_scan_number <= MOST_SCANS)
		return;
	err_set(decoding->run.err, "more than %d scans", MOST_SCANS);
	longjmp(decoding->run.failed, 1);
}

static void start(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;

	decoding->source = (struct jpeg_source_mgr){
		.next_input_byte = decoding->bytes.data,
		.bytes_in_buffer = decoding->bytes.size,
		.init_source = nothing,
		.fill_input_buffer = end_of_bytes,
		.skip_input_data = skip_bytes,
		.resync_to_restart = jpeg_resync_to_restart,
		.term_source = nothing,
	};
	decoding->progress.progress_monitor = watch_scans;
	jpeg->err = jpeg_run_errors(&decoding->run);
	jpeg->err->emit_message = warn;
	jpeg->client_data = decoding;
	jpeg_create_decompress(jpeg);
	jpeg->src = &decoding->source;
	jpeg->progress = &decoding->progress;
}

/* In a file with several scans libjpeg keeps all coefficients in memory, which may take more than the pixels; they count as pixels. */
static int check_memory(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const size_t width = jpeg->image_width, height = jpeg->image_height;
	const size_t coefficients = jpeg_coefficient_bytes(jpeg), pixels = width * height + coefficients / 3;

	if (coefficients && pixels > decoding->limits->pixels)
		return err_set(decoding->run.err,
			"an image of %zu x %zu pixels in several scans needs the memory of %zu pixels, more than the limit of %zu", width,
			height, pixels, decoding->limits->pixels);
	jpeg->mem->max_memory_to_use = (long)(coefficients + SPARE_MEMORY);
	return 0;
}

/* The scan is missing or empty, so no pixel can be decoded. */
static bool lacks_data(const struct jpeg_decompress_struct *jpeg)
{
	const unsigned char *next = jpeg->src->next_input_byte;

	return jpeg->src->bytes_in_buffer < 2 || (next[0] == 0xFF && next[1] != 0);
}

static int read_header(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const struct image_request *request = decoding->request;
	struct err *err = decoding->run.err;

	jpeg_read_header(jpeg, TRUE);
	if (image_header(decoding->have, jpeg->image_width, jpeg->image_height, decoding->limits, NULL, err) || check_memory(decoding))
		return -1;
	if (lacks_data(jpeg))
		return err_set(err, "premature end of data");
	if (jpeg->num_components != 1 && jpeg->num_components != 3 && jpeg->num_components != 4)
		return err_set(err, "%d colour components; 1, 3 and 4 are supported", jpeg->num_components);
	jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
	if (request && request->reduction)
		jpeg->scale_denom = (unsigned)request->reduction(request->context, jpeg->image_width, jpeg->image_height);
	jpeg_calc_output_dimensions(jpeg);
	return image_header(decoding->have, jpeg->output_width, jpeg->output_height, decoding->limits, request, err);
}

/* Size of the block of pixels that libjpeg decodes at once, at the reduced size. */
static size_t block_width(const struct jpeg_decompress_struct *jpeg)
{
	return (size_t)(jpeg->max_h_samp_factor * jpeg->min_DCT_scaled_size);
}

static size_t block_height(const struct jpeg_decompress_struct *jpeg)
{
	return (size_t)(jpeg->max_v_samp_factor * jpeg->min_DCT_scaled_size);
}

/* Can rows and columns be skipped without changing the others?  Yes in a sequential file with common sampling, if the neighbours that
 * upsampling reads are decoded too. */
static bool can_skip_pixels(struct jpeg_decompress_struct *jpeg)
{
	const jpeg_component_info *colour = jpeg->comp_info;
	const bool usual = jpeg->jpeg_color_space == JCS_YCbCr && jpeg->max_h_samp_factor <= 2 && jpeg->max_v_samp_factor <= 2 &&
			   colour[1].h_samp_factor == 1 && colour[1].v_samp_factor == 1 && colour[2].h_samp_factor == 1 &&
			   colour[2].v_samp_factor == 1;

	return (usual || jpeg->jpeg_color_space == JCS_GRAYSCALE) && !jpeg_has_multiple_scans(jpeg);
}

/* Changes *have from the part that is wanted to the part that will be decoded.  Call after jpeg_start_decompress. */
static void choose_part(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	struct image_part *have = decoding->have;
	const size_t width = jpeg->output_width, height = jpeg->output_height;

	if (!can_skip_pixels(jpeg)) {
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
			/* Adobe's CMYK is inverted: the product is black times the missing colour. */
			const int product = (255 - from[colour]) * from[3] + 128;
			to[colour] = (unsigned char)(from[3] - ((product + (product >> 8)) >> 8));
		}
}

/* Decodes rows up to `end` of the picture into the image; image NULL: discards them. */
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

static int decode_all(struct decoding *decoding)
{
	struct jpeg_decompress_struct *jpeg = &decoding->jpeg;
	const struct image_part *have = decoding->have;

	start(decoding);
	if (read_header(decoding))
		return -1;
	jpeg_start_decompress(jpeg);
	if (jpeg_lacks_scans(jpeg, decoding->seen))
		damage(decoding, decoding->run.ended ? "premature end of data" : "scans are missing");
	choose_part(decoding);
	decoding->spare = malloc((size_t)jpeg->output_width * (size_t)jpeg->output_components * MOST_ROWS);
	if (!decoding->spare)
		return err_memory(decoding->run.err);
	if (image_resize_buffer(decoding->image, have->width, have->height, decoding->run.err))
		return -1;
	if (decoding->request && decoding->request->damage)
		memset(decoding->image->pixels, IMAGE_MISSING, image_bytes(decoding->image));
	skip_rows(jpeg, have->y);
	read_rows(decoding, decoding->image, have->y + have->height);

	/* libjpeg does not check rows that are skipped at the end.  Decode the last blocks to notice when they are missing. */
	skip_rows(jpeg, (jpeg->output_height - 1) / block_height(jpeg) * block_height(jpeg));
	read_rows(decoding, NULL, jpeg->output_height);
	decoding->complete = true;
	jpeg_finish_decompress(jpeg);
	return 0;
}

/* An error after some rows counts as damage, so that --lenient keeps them. */
static int decode_guarded(struct decoding *decoding)
{
	struct err *err = decoding->run.err;

	if (setjmp(decoding->run.failed)) {
		const struct err why = *err;
		return decoding->jpeg.output_scanline ? image_damage(decoding->request, err, why.text) : -1;
	}
	return decode_all(decoding);
}

static int decode(struct image *image, struct image_part *have, struct span bytes, const struct image_limits *limits,
	const struct image_request *request, struct err *err)
{
	struct decoding decoding = {
		.run.err = err,
		.bytes = bytes,
		.image = image,
		.have = have,
		.limits = limits,
		.request = request,
	};
	const int result = decode_guarded(&decoding);

	jpeg_destroy_decompress(&decoding.jpeg);
	free(decoding.spare);
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
	.encode = jpeg_encode,
};
