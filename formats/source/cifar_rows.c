#include "formats/source/cifar_rows.h"

#include "formats/stream/io.h"

static int read_row(void *from, void *bytes, size_t size, struct err *err)
{
	const struct batch *batch = from;
	ssize_t got = io_read_at(batch->fd, bytes, size, (off_t)(batch->rows.row * CIFAR_ROW), err);

	return got < 0 ? -1 : (size_t)got == size;
}

int batch_open(struct batch *batch, int fd, const char *path, uint64_t size, struct err *err)
{
	*batch = (struct batch){ .fd = fd, .rows = { .read = read_row, .from = batch } };
	return cifar_begin(&batch->rows, span_string(path), size, err);
}

int batch_piece(struct batch *batch, int fd, const char *path, uint64_t row, struct err *err)
{
	batch->fd = fd;
	batch->rows.read = read_row;
	batch->rows.from = batch;
	if (cifar_begin(&batch->rows, span_string(path), (row + 1) * CIFAR_ROW, err))
		return -1;
	batch->rows.row = row;
	return 0;
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct batch *batch = from;
	int state = cifar_next(&batch->rows, name, err);

	*offset = batch->rows.row - 1;
	*size = CIFAR_ROW;
	return state;
}

static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct batch *batch = from;

	(void)most; /* a row is small */
	*end = batch->rows.row;
	return cifar_content(&batch->rows, content, err);
}

static int feed_skip(void *from, uint64_t *end, struct err *err)
{
	(void)err;
	*end = ((struct batch *)from)->rows.row;
	return 0;
}

struct member_feed batch_feed(struct batch *batch)
{
	return (struct member_feed){ feed_next, feed_read, feed_skip, NULL, batch };
}

void batch_close(struct batch *batch)
{
	cifar_free(&batch->rows);
}
