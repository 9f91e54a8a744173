/* Recognises files by their first bytes, for error messages: if a file is not the tar, table or model that was expected, the error says
 * what it is and what to do.  It does not parse: the formats that this project reads are recognised by their readers. */
#ifndef STREAM_FILE_MAGIC_H
#define STREAM_FILE_MAGIC_H

#include "core/buf.h"
#include "core/err.h"

enum magic {
	MAGIC_EMPTY,
	MAGIC_ZEROS,         /* all given bytes are zero */
	MAGIC_LFS,
	MAGIC_XML,
	MAGIC_HTML,
	MAGIC_JSON,
	MAGIC_TEXT,            /* texts */
	MAGIC_TAR,
	MAGIC_EXCEL,
	MAGIC_ZIP,
	MAGIC_7Z,
	MAGIC_RAR,    /* archives */
	MAGIC_GZIP,
	MAGIC_ZSTD,
	MAGIC_XZ,
	MAGIC_BZIP2,
	MAGIC_LZ4,            /* compressed */
	MAGIC_PARQUET,
	MAGIC_ARROW,
	MAGIC_TFRECORD,
	MAGIC_RECORDIO,
	MAGIC_LMDB,
	MAGIC_SQLITE,
	MAGIC_STREAM, /* records */
	MAGIC_SAFETENSORS,
	MAGIC_TORCH,
	MAGIC_PICKLE,
	MAGIC_NPY,
	MAGIC_HDF5,
	MAGIC_GGUF,
	MAGIC_ONNX,        /* tensors */
	MAGIC_JPEG,
	MAGIC_PNG,
	MAGIC_WEBP,
	MAGIC_GIF,
	MAGIC_BMP,
	MAGIC_TIFF,
	MAGIC_AVIF,
	MAGIC_HEIC,
	MAGIC_JXL,
	MAGIC_JP2,
	MAGIC_PSD,
	MAGIC_ICO,
	MAGIC_QOI,
	MAGIC_EXR,
	MAGIC_PAM,
	MAGIC_SVG,
	MAGIC_PDF,
	MAGIC_VIDEO,
};

struct file_magic {
	enum magic magic;
	const char *what;  /* "a Git LFS pointer" */
	const char *data;  /* what to do if records were expected; may be NULL */
	const char *model; /* if a model was expected; may be NULL */
};

enum { FILE_MAGIC_BYTES = 512 }; /* the bytes that decide */

/* NULL: not recognised.  If head is shorter than FILE_MAGIC_BYTES, it is the whole file. */
const struct file_magic *file_magic(struct span head);

/* Set an error such as "a Git LFS pointer, not a tar: `git lfs pull` ...", with the advice for data or for models; for an unrecognised
 * file "not a tar".  `expected`: "a tar".  Return -1. */
int file_magic_refuse_data(struct span head, const char *expected, struct err *err);
int file_magic_refuse_model(struct span head, const char *expected, struct err *err);

/* The same for the image of a record.  Advice about archives and folders is left out. */
int file_magic_refuse_image(struct span bytes, const char *expected, struct err *err);

/* For readers of text: 0 if the head may be text, plain or compressed; otherwise the error of file_magic_refuse_data.  Web pages, XML
 * documents and Git LFS pointers are refused. */
int file_magic_expect_text(struct span head, const char *expected, struct err *err);

/* For readers of lists (names, keys, templates): as above, and compressed files are refused.  Names may begin like any magic ("GIF87",
 * "BM 1"), so a head that is text throughout is accepted, unless it is a web page, an XML document or a Git LFS pointer. */
int file_magic_expect_list(struct span head, const char *expected, struct err *err);

/* If the path is a URL: sets an error that names the command to fetch it, as in 'pipe:curl -sfL URL', and returns -1.  Otherwise 0. */
int file_magic_refuse_url(struct span path, struct err *err);

#endif
