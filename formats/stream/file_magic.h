/* What a file is by its first bytes, and what to do with one that is not the tar, table or model that was expected: an error names
 * the next command.  No parser: the formats that this project reads are recognised by their readers. */
#ifndef STREAM_FILE_MAGIC_H
#define STREAM_FILE_MAGIC_H

#include "core/buf.h"
#include "core/err.h"

enum magic {
	MAGIC_EMPTY,
	MAGIC_ZEROS,         /* nothing but zeros in all the bytes that were given */
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
	const char *data;  /* what to do where records were expected; NULL: nothing is known */
	const char *model; /* where weights were */
};

enum { FILE_MAGIC_BYTES = 512 }; /* enough of a file's beginning */

/* NULL: not recognised.  A shorter head than FILE_MAGIC_BYTES is a whole file. */
const struct file_magic *file_magic(struct span head);

/* "a Git LFS pointer, not a tar: `git lfs pull` ..." with the advice for data or for models.  `expected`: "a tar".  Returns -1.
 * Without any recognised magic: "not a tar". */
int file_magic_refuse_data(struct span head, const char *expected, struct err *err);
int file_magic_refuse_model(struct span head, const char *expected, struct err *err);

/* The same for the image of one record: the advice is about the image alone. */
int file_magic_refuse_image(struct span bytes, const char *expected, struct err *err);

/* For a reader of text: 0 where the head may be text, compressed or not; else -1, as file_magic_refuse_data says it.  A web page, an XML
 * document and a Git LFS pointer are not the text that was meant. */
int file_magic_expect_text(struct span head, const char *expected, struct err *err);

/* For a reader of lines (names, keys, templates): as above, and a compressed list is refused, too.  Names may begin as any file does
 * ("GIF87", "BM 1"): what is text throughout is a list unless it is a web page, an XML document or a Git LFS pointer. */
int file_magic_expect_list(struct span head, const char *expected, struct err *err);

/* A URL in place of a path: the error names the command that fetches it, as in 'pipe:curl -sfL URL'.  Returns 0 where the path is
 * not a URL, else -1. */
int file_magic_refuse_url(struct span path, struct err *err);

#endif
