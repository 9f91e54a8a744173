#include "formats/tar/cifar.h"

#include "formats/image/image_codec.h"
#include "formats/stream/io.h"

#include <string.h>

const char *const cifar_class_names[CIFAR_CLASSES] = { "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
	"truck" };

static struct span base_of(struct span name)
{
	size_t at = name.size;

	while (at && name.data[at - 1] != '/')
		at--;
	return span_of(name.data + at, name.size - at);
}

bool cifar_is_batch(struct span name, uint64_t size)
{
	static const char batch[] = "_batch", bin[] = ".bin";
	struct span base = base_of(name);
	const size_t batch_size = sizeof batch - 1, bin_size = sizeof bin - 1;

	if (size == 0 || size % CIFAR_ROW != 0 || base.size < batch_size + bin_size ||
		memcmp(base.data + base.size - bin_size, bin, bin_size) != 0)
		return false;
	for (size_t i = 0; i + batch_size + bin_size <= base.size; i++)
		if (memcmp(base.data + i, batch, batch_size) == 0)
			return true;
	return false;
}

static bool is_in_folder(struct span name, const char *folder)
{
	const size_t size = strlen(folder), at = name.size - base_of(name).size;

	return at >= size && memcmp(name.data + at - size, folder, size) == 0 && (at == size || name.data[at - size - 1] == '/');
}

/* Repacked archives have other folders, or none. */
bool cifar_is_companion(struct span name, bool after_batch)
{
	return is_in_folder(name, "cifar-10-batches-bin/") || span_is(base_of(name), "batches.meta.txt") ||
	       (after_batch && span_is(base_of(name), "readme.html"));
}

bool cifar_is_python(struct span name)
{
	return is_in_folder(name, "cifar-10-batches-py/");
}

int cifar_begin(struct cifar_rows *rows, struct span name, uint64_t size, struct err *err)
{
	struct span base = base_of(name);

	rows->row = 0;
	rows->count = size / CIFAR_ROW;
	rows->label = true; /* the next file starts a row */
	buf_clear(&rows->name);
	buf_append(&rows->name, base.data, base.size - 4);
	buf_append_byte(&rows->name, '/');
	rows->name_base = rows->name.size;
	return rows->name.failed ? err_memory(err) : 0;
}

int cifar_next(struct cifar_rows *rows, struct span *name, struct err *err)
{
	if (rows->label && rows->row == rows->count)
		return 0;
	rows->label = !rows->label;
	if (!rows->label) {
		int state = rows->read(rows->from, rows->bytes, CIFAR_ROW, err);
		if (state != 1)
			return state ? -1 : err_set(err, "row %llu is missing: the batch is truncated", (unsigned long long)rows->row);
		rows->row++;
	}
	rows->name.size = rows->name_base;
	buf_printf(&rows->name, "%05llu.%s", (unsigned long long)rows->row - 1, rows->label ? "cls" : "png");
	*name = buf_span(&rows->name);
	return rows->name.failed ? err_memory(err) : 1;
}

/* Converts planes to interleaved pixels. */
static int make_image(struct cifar_rows *rows, struct err *err)
{
	const size_t plane = (size_t)CIFAR_SIDE * CIFAR_SIDE;

	if (image_resize_buffer(&rows->image, CIFAR_SIDE, CIFAR_SIDE, err))
		return -1;
	for (size_t i = 0; i < plane; i++)
		for (size_t channel = 0; channel < 3; channel++)
			rows->image.pixels[3 * i + channel] = rows->bytes[1 + channel * plane + i];
	return 0;
}

int cifar_content(struct cifar_rows *rows, struct buf *content, struct err *err)
{
	struct image_encoding png;

	if (rows->bytes[0] >= CIFAR_CLASSES)
		return err_set(err, "row %llu: label %u is invalid; CIFAR-10 has labels 0 to 9", (unsigned long long)rows->row - 1,
			rows->bytes[0]);
	if (rows->label) {
		buf_append_byte(content, (unsigned char)('0' + rows->bytes[0]));
		return 0;
	}
	return image_encoding_parse(&png, "png", err) || make_image(rows, err) ? -1 : image_encode(content, &rows->image, &png, err);
}

void cifar_free(struct cifar_rows *rows)
{
	buf_free(&rows->name);
	image_free(&rows->image);
}

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
	return (struct member_feed){ feed_next, feed_read, feed_skip, batch };
}

void batch_close(struct batch *batch)
{
	cifar_free(&batch->rows);
}
