/* Parts of jpeg.c: errors of libjpeg, damage that it reports, encoding.
 *
 * libjpeg decodes on after a warning, and so do Pillow and browsers.  A warning is damage where it reports that pixels are
 * missing or wrong, and harmless where every pixel is as the encoder wrote it: an unknown JFIF revision or Adobe transform,
 * scan parameters that a sequential decoder ignores, bytes between the segments of the header, padding (0x00, 0xFF) after a
 * scan.  Other bytes after a scan are damage: in photographs with one flipped bit they are the most frequent warning (53 of
 * 70), because the decoder lost its place and stopped early. */
#ifndef IMAGE_JPEG_PARTS_H
#define IMAGE_JPEG_PARTS_H

#include "formats/image/image_codec.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/* One run of the library, which reports failure by a jump: jpeg_run_errors sets error_exit to fill *err and to jump.
 * client_data of the library's structure is the run, or what begins with it. */
struct jpeg_run {
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	struct err *err;
	bool ended; /* the library asked for more bytes than there are */
};

/* Warnings are ignored unless the caller sets emit_message. */
struct jpeg_error_mgr *jpeg_run_errors(struct jpeg_run *run);

/* For emit_message, after a warning: what is wrong with the pixels, or NULL.  `bytes` is the whole file. */
const char *jpeg_warning_damage(const struct jpeg_decompress_struct *jpeg, struct span bytes);

/* After jpeg_start_decompress of a file in several scans, which has read them all: a component (the bits of `seen` are those
 * that had a scan) or some coefficients never came, as in a progressive file that was cut between two scans.  T.81 allows
 * such files, but no encoder writes them unasked. */
bool jpeg_lacks_scans(struct jpeg_decompress_struct *jpeg, unsigned seen);

/* Bytes of the buffers that hold all coefficients of a file in several scans; 0 for one scan.  After jpeg_read_header. */
size_t jpeg_coefficient_bytes(struct jpeg_decompress_struct *jpeg);

/* See image_codec.encode. */
int jpeg_encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err);

#endif
