/* CIFAR-10's binary batches (cs.toronto.edu/~kriz/cifar.html): rows of 3073 bytes, a label and the three 32x32 planes of an image.
 * Each row is shown as two files of a sample, so that the rest need not know: data_batch_1/00000.png and data_batch_1/00000.cls. */
#ifndef TAR_CIFAR_H
#define TAR_CIFAR_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"
#include "formats/tar/sample_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum { CIFAR_SIDE = 32, CIFAR_ROW = 1 + 3 * CIFAR_SIDE * CIFAR_SIDE, CIFAR_CLASSES = 10 };

extern const char *const cifar_class_names[CIFAR_CLASSES]; /* as batches.meta.txt has them */
struct cifar_rows {
	/* Reads the next `size` bytes of the batch: 1, 0 at its end, -1. */
	int (*read)(void *from, void *bytes, size_t size, struct err *err);
	void *from;
	struct buf name;  /* of the file that is shown */
	size_t name_base; /* where its row's number begins */
	uint64_t row, count;
	bool label;       /* of the row's two files the second */
	struct image image;
	unsigned char bytes[CIFAR_ROW];
};

/* Is a file of this name and size such a batch (*_batch*.bin, whole rows)? */
bool cifar_is_batch(struct span name, uint64_t size);

/* Is it one of the files that lie beside the batches in the official archive?  behind: a batch came before it. */
bool cifar_is_beside(struct span name, bool behind);

/* Does it lie in the folder of the Python version, whose batches are pickles? */
bool cifar_is_python(struct span name);
#define CIFAR_PYTHON "CIFAR-10's Python version, which is pickled; its binary version (cifar-10-binary.tar.gz) can be read"

/* Begins a batch of that name; read and from are set.  -1: no memory. */
int cifar_begin(struct cifar_rows *rows, struct span name, uint64_t size, struct err *err);

/* The next file: 1, 0 behind the last row, -1.  Its name is borrowed until the next call. */
int cifar_next(struct cifar_rows *rows, struct span *name, struct err *err);

/* Appends its content.  -1: a label that is none. */
int cifar_content(struct cifar_rows *rows, struct buf *content, struct err *err);
void cifar_free(struct cifar_rows *rows);

/* The rows of a CIFAR-10 batch file as members of samples: their offsets are rows. */
struct batch {
	int fd;
	struct cifar_rows rows;
};

/* fd is borrowed; it may be another one for each piece. */
int batch_open(struct batch *batch, int fd, const char *path, uint64_t size, struct err *err);
int batch_piece(struct batch *batch, int fd, const char *path, uint64_t row, struct err *err);
struct member_feed batch_feed(struct batch *batch);
void batch_close(struct batch *batch);

#endif
