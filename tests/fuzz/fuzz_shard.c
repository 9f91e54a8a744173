/* Damaged shards: tars with samples, tensors and metadata. */
#include "tests/fuzz/driver.h"

#include "formats/tensor/npy.h"
#include "formats/tar/record_digest.h"
#include "formats/tar/sample_name.h"
#include "formats/tar/shard.h"
#include "formats/tar/tar.h"

#include <locale.h>
#include <unistd.h>

static const struct limits limits = { .record = 1 << 20, .string = 1 << 12, .depth = 32, .elements = 1 << 12, .pixels = 1 };

static int file_without_name(void)
{
	char name[] = "/tmp/fuzz_shard.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	return fd;
}

/* A sample read again by its offset is the same. */
static void read_again(struct shard *pieces, int fd, uint64_t offset, uint64_t end, struct digest expected)
{
	struct record record = { 0 };
	struct digest digest;
	struct err err;

	shard_piece(pieces, fd, offset, end);
	if (sample_read(&pieces->samples, &record, &err) != SAMPLE_WHOLE || record_digest(&record, &digest, &err) ||
		!digest_equal(digest, expected))
		abort();
	reached[1]++;
	record_free(&record);
}

/* Whatever is read can be written and read back under the same names. */
static void check_names(const struct record *record)
{
	for (size_t i = 0; i < record->count; i++)
		if (sample_name_problem(record->key, record->fields[i].name))
			abort();
}

static void read_all(struct shard *shard, int fd, struct shard *pieces)
{
	struct record record = { 0 };
	struct digest digest;
	struct err err = { "" };
	int state;

	while ((state = sample_read(&shard->samples, &record, &err)) > 0) {
		reached[0]++;
		if (state == SAMPLE_WHOLE)
			check_names(&record);
		if (state == SAMPLE_WHOLE && record_digest(&record, &digest, &err) == 0 && tar_bytes_seekable(&shard->tar.bytes) &&
			!shard->has_rows)
			read_again(pieces, fd, shard->samples.offset, shard->samples.end, digest);
	}
	if (state < 0 && !*err.text)
		abort();
	record_free(&record);
}

/* Reads every byte of a tensor's data. */
static void read_tensor(struct span file)
{
	struct record record = { .key = span_string("k"), .count = 1 };
	struct field field = { .name = span_string("npy"), .kind = FIELD_TENSOR };
	struct digest digest;
	struct err err;
	size_t bytes;

	record.fields = &field;
	if (npy_read(file, &field.tensor, &field.bytes, &err))
		return;
	reached[2]++;
	if (field_tensor_bytes(&field.tensor, &bytes, &err) || bytes != field.bytes.size || record_digest(&record, &digest, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct shard shard, pieces;
	struct err err;

	if (fd < 0) {
		setlocale(LC_CTYPE, "C.UTF-8");
		fd = file_without_name();
	}
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	read_tensor(span_of(data, size));
	int opened = shard_open(&shard, fd, &limits, &err);
	if (shard_open_pieces(&pieces, &limits, &err))
		abort();
	shard.samples.by_image = pieces.samples.by_image = size > 1000 && data[1000] % 2;
	if (opened == 0)
		read_all(&shard, fd, &pieces);
	shard_close(&shard);
	shard_close(&pieces);
	return 0;
}

#ifndef LIBFUZZER
static void add(struct tar_writer *writer, const char *name, const char *content)
{
	struct err err;

	if (tar_write(writer, span_string(name), span_string(content), (struct span){ 0 }, &err))
		abort();
}

static bool seed(unsigned number, struct buf *bytes)
{
	static const char tensor[] = "\x93NUMPY\x01\x00\x37\x00{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}12345678abcd";
	struct tar_writer writer;
	struct err err;
	int fd = file_without_name();
	char long_name[300];

	if (number == 2)
		buf_append(bytes, tensor, sizeof tensor - 1);
	if (number >= 2)
		return close(fd) == 0 && number == 2;
	if (tar_writer_open(&writer, fd, &err))
		abort();
	memset(long_name, 'x', sizeof long_name);
	memcpy(long_name + sizeof long_name - 5, ".txt", 5);
	if (number == 0)
		add(&writer, "__cc__",
			"{\"cc\": 1, \"shard\": 0, \"records\": 2, \"digest\": \"0123456789abcdef0123456789abcdef\", \"prog\": []}\n");
	add(&writer, "a/b.c/0001.txt", "a caption");
	add(&writer, "a/b.c/0001.cls", "7");
	add(&writer, "a/b.c/0001.x.npy", "\x93NUMPY\x01\x01v{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0), }");
	add(&writer, "a/README", "nothing");
	add(&writer, "./a//cat.0.jpg", "image");
	add(&writer, "a/cat.0.txt", "a caption");
	add(&writer, "/a/cat.1.jpg", "image");
	add(&writer, "../up.txt", "");
	add(&writer, "__MACOSX/Zu\xcc\x88rich.txt", "");
	add(&writer, "Zu\xcc\x88rich/./1.txt", "");
	add(&writer, number ? "cifar-10-batches-bin/data_batch_1.bin" : long_name, "short");
	if (number == 0)
		add(&writer, "__end__",
			"{\"cc_end\": true, \"shards\": 1, \"records\": 2, \"written\": \"0123456789abcdef0123456789abcdef\"}\n");
	if (tar_writer_finish(&writer, &err) || !buf_reserve(bytes, writer.size) ||
		pread(fd, bytes->data, writer.size, 0) != (ssize_t)writer.size)
		abort();
	bytes->size = writer.size;
	tar_writer_free(&writer);
	close(fd);
	return true;
}

int main(int argc, char **argv)
{
	return drive(argc, argv, "shards", 1500, seed, 3);
}
#endif
