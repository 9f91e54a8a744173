/* The rows of a CIFAR-10 batch file as members of samples: their offsets are rows. */
#ifndef SOURCE_CIFAR_ROWS_H
#define SOURCE_CIFAR_ROWS_H

#include "formats/tar/cifar.h"
#include "formats/tar/sample_reader.h"

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
