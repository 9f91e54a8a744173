/* Private to the JPEG codec: errors of libjpeg, damage that it reports, encoding.
 *
 * After a warning libjpeg continues to decode, as do Pillow and browsers.  A warning is damage if pixels are missing or wrong.  It is
 * harmless if every pixel is as the encoder wrote it: an unknown JFIF revision or Adobe transform, scan parameters that a sequential
 * decoder ignores, bytes between header segments, padding (0x00, 0xFF) after a scan.  Other bytes after a scan are damage: they are the
 * most frequent warning in photographs with one flipped bit (53 of 70), because the decoder lost synchronisation and stopped early. */
#ifndef IMAGE_JPEG_PARTS_H
#define IMAGE_JPEG_PARTS_H

#include "formats/image/image_codec.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

/* One run of libjpeg.  jpeg_run_errors sets error_exit to fill *err and to jump to `failed`.  client_data of libjpeg's structure must
 * point to the run, or to a structure that begins with it. */
struct jpeg_run {
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	struct err *err;
	bool ended; /* libjpeg asked for more bytes than there are */
};

/* Warnings are ignored unless the caller sets emit_message. */
struct jpeg_error_mgr *jpeg_run_errors(struct jpeg_run *run);

/* For emit_message, after a warning: says what is wrong with the pixels, or NULL.  bytes: the whole file. */
const char *jpeg_warning_damage(const struct jpeg_decompress_struct *jpeg, struct span bytes);

/* Is a component or are some coefficients missing, as in a progressive file that was truncated between two scans?  Call after
 * jpeg_start_decompress, which reads all scans.  seen: a bit for each component that had a scan.  T.81 allows such files, but encoders do
 * not write them by default. */
bool jpeg_lacks_scans(struct jpeg_decompress_struct *jpeg, unsigned seen);

/* Bytes that libjpeg needs for all coefficients of a file with several scans; 0 for one scan.  Call after jpeg_read_header. */
size_t jpeg_coefficient_bytes(struct jpeg_decompress_struct *jpeg);

/* See image_codec.encode. */
int jpeg_encode(struct buf *out, const struct image *image, const struct image_encoding *how, struct err *err);

#endif
