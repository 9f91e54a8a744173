/* CIFAR-10's binary batches (cs.toronto.edu/~kriz/cifar.html): rows of 3073 bytes, a label and the three 32x32 planes of an image.
 * Each row is presented as two files of a sample, data_batch_1/00000.png and data_batch_1/00000.cls, so other code needs no special case. */
#ifndef TAR_CIFAR_H
#define TAR_CIFAR_H

#include "core/buf.h"
#include "core/err.h"
#include "image/image.h"
#include "formats/tar/sample_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum { CIFAR_SIDE = 32, CIFAR_ROW = 1 + 3 * CIFAR_SIDE * CIFAR_SIDE, CIFAR_CLASSES = 10 };

extern const char *const cifar_class_names[CIFAR_CLASSES]; /* as in batches.meta.txt */

struct cifar_rows {
	/* Reads the next `size` bytes of the batch.  1: read; 0: the end; -1: error. */
	int (*read)(void *from, void *bytes, size_t size, struct err *err);
	void *from;
	struct buf name;  /* of the current file */
	size_t name_base; /* offset of the row's number in it */
	uint64_t row, count;
	bool label;       /* the current file is the second of its row, the label */
	struct image image;
	unsigned char bytes[CIFAR_ROW];
};

/* Is a file of this name and size a batch (*_batch*.bin, complete rows)? */
bool cifar_is_batch(struct span name, uint64_t size);

/* Is it one of the other files in the official archive?  after_batch: a batch came before it. */
bool cifar_is_companion(struct span name, bool after_batch);

/* Is it in the folder of the Python version, whose batches are pickles? */
bool cifar_is_python(struct span name);
#define CIFAR_PYTHON "CIFAR-10's Python version, which is pickled; use the binary version (cifar-10-binary.tar.gz)"

/* Starts a batch of that name.  read and from must be set.  -1: out of memory. */
int cifar_begin(struct cifar_rows *rows, struct span name, uint64_t size, struct err *err);

/* The next file.  1: there is one; 0: the end; -1: error.  Its name is borrowed until the next call. */
int cifar_next(struct cifar_rows *rows, struct span *name, struct err *err);

/* Appends its contents.  -1: an invalid label. */
int cifar_content(struct cifar_rows *rows, struct buf *content, struct err *err);
void cifar_free(struct cifar_rows *rows);

/* A batch file as a feed of samples.  Offsets are numbers of rows. */
struct batch {
	int fd;
	struct cifar_rows rows;
};

/* fd is borrowed.  It may differ for each piece. */
int batch_open(struct batch *batch, int fd, const char *path, uint64_t size, struct err *err);
int batch_piece(struct batch *batch, int fd, const char *path, uint64_t row, struct err *err);
struct member_feed batch_feed(struct batch *batch);
void batch_close(struct batch *batch);

#endif
