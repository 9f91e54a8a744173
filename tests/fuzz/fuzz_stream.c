/* Damaged record streams: reads, examines every field and writes.  The output must equal the input. */
#include "tests/fuzz/driver.h"

#include "formats/tar/field_file.h"
#include "formats/stream/stream.h"
#include "formats/tar/record_digest.h"

#include <fcntl.h>
#include <unistd.h>

static const struct limits limits = { .record = 1 << 20, .string = 1 << 12, .depth = 32, .elements = 1 << 12, .pixels = 1 };

/* A field written as a file must be read back with the same contents. */
static void round_trip(const struct field *field)
{
	struct buf scratch = { 0 }, file = { 0 }, again = { 0 };
	struct span head, body;
	struct err err;

	if (field_to_file(field, &scratch, &head, &body, &err) == 0) {
		buf_append_span(&file, head);
		buf_append_span(&file, body);
		struct field copy = { .name = field->name, .bytes = buf_span(&file) };
		field_from_file(&copy);
		if (field_to_file(&copy, &again, &head, &body, &err))
			abort();
		/* "007" and "7\n" are the integer 7. */
		if (copy.kind != FIELD_INTEGER && (head.size + body.size != file.size))
			abort();
	}
	buf_free(&scratch);
	buf_free(&file);
	buf_free(&again);
}

/* The same record in memory of exactly its size, so that the sanitizer detects reads past the end. */
static void read_exact(struct span raw, struct digest expected, int known)
{
	struct record record = { 0 };
	struct digest digest = { 0 };
	struct err err;
	msgpack_zone *zone = msgpack_zone_new(1024);
	unsigned char *copy = malloc(raw.size);

	memcpy(copy, raw.data, raw.size);
	if (record_from_msgpack(&record, span_of(copy, raw.size), zone, &err) || record_digest(&record, &digest, &err) != known ||
		!digest_equal(digest, expected))
		abort();
	record_free(&record);
	msgpack_zone_free(zone);
	free(copy);
}

static void look_at(struct record *record, struct stream_writer *writer)
{
	struct digest before = { 0 }, after = { 0 };
	struct err err;
	int known = record_digest(record, &before, &err);

	read_exact(record->raw, before, known);

	for (size_t i = 0; i < record->count; i++)
		round_trip(&record->fields[i]);
	if (stream_write(writer, record, &err))
		abort();
	record->raw = (struct span){ 0 }; /* forces repacking */
	if (record_digest(record, &after, &err) != known || !digest_equal(before, after) || stream_write(writer, record, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int in = -1, out = -1;
	struct stream_reader reader;
	struct stream_writer writer;
	struct record record = { 0 };
	struct msgpack_scan scan = { 0 };
	struct err err;
	int state;

	if (in < 0) {
		char name[] = "/tmp/fuzz_stream.XXXXXX";
		in = mkstemp(name);
		unlink(name);
		out = open("/dev/null", O_WRONLY);
	}
	if (msgpack_scan(&scan, span_of(data, size), &limits, &err) == 1 && scan.position > size)
		abort();
	if (ftruncate(in, 0) || pwrite(in, data, size, 0) != (ssize_t)size || lseek(in, 0, SEEK_SET))
		abort();
	stream_writer_init(&writer, out);
	state = stream_open(&reader, in, &limits, &err);
	if (state == 0)
		while ((state = stream_read(&reader, &record, &err)) > 0)
			if (state == STREAM_RECORD) {
				reached[0]++;
				look_at(&record, &writer);
			}
	reached[1] += state == 0 && reader.tail.present;
	if (state == 0 && (stream_write_header(&writer, &reader.header, &err) || stream_write_tail(&writer, &reader.tail, &err)))
		abort();
	if (state < 0 && !*err.text)
		abort();
	record_free(&record);
	stream_writer_free(&writer);
	stream_close(&reader);
	return 0;
}

#ifndef LIBFUZZER
#define HEADER                                                                                                                             \
	"\x84\xa2"                                                                                                                         \
	"cc\x01\xa7"                                                                                                                       \
	"records\x02\xa7"                                                                                                                  \
	"classes\x92\xa3"                                                                                                                  \
	"cat\xa3"                                                                                                                          \
	"dog\xa4"                                                                                                                          \
	"prog\x91\x82\xa4name\xa1x\xa4"                                                                                                    \
	"args\x90"
#define RECORD                                                                                                                             \
	"\x88\xa7__key__\xa5"                                                                                                              \
	"a/b/c\xa3txt\xa5hello\xa3"                                                                                                        \
	"cls\x07\xa3jpg\xc4\x04\xff\xd8\xff\xe0\xa4"                                                                                       \
	"json\xc5\x00\x02{}\xa5x.npy"                                                                                                      \
	"\x83\xa5"                                                                                                                         \
	"dtype\xa3<f4\xa5shape\x92\x01\x02\xa4"                                                                                            \
	"data\xc4\x08"                                                                                                                     \
	"12345678"                                                                                                                         \
	"\xa1"                                                                                                                             \
	"o\x93\x01\xcb\x40\x04\x00\x00\x00\x00\x00\x00\xc0"                                                                                \
	"\xa1"                                                                                                                             \
	"e\xd4\x05x"
#define TAIL                                                                                                                               \
	"\x84\xa6"                                                                                                                         \
	"cc_end\xc3\xa7"                                                                                                                   \
	"records\x01\xa6"                                                                                                                  \
	"digest\xd9\x20"                                                                                                                   \
	"0123456789abcdef0123456789abcdef\xa3"                                                                                             \
	"bad\x81\xa1x\x03"

static bool seed(unsigned number, struct buf *bytes)
{
	static const char whole[] = HEADER "\x81\xa8"
					   "cc_epoch\x00" RECORD RECORD TAIL;
	static const char joined[] = HEADER RECORD TAIL HEADER RECORD TAIL;
	static const char bare[] = RECORD "\x82\xa7__key__\xa1k\xa3"
					  "cls\xff" RECORD;

	if (number == 0)
		buf_append(bytes, whole, sizeof whole - 1);
	if (number == 1)
		buf_append(bytes, joined, sizeof joined - 1);
	if (number == 2)
		buf_append(bytes, bare, sizeof bare - 1);
	return number < 3;
}

int main(int argc, char **argv)
{
	return drive(argc, argv, "record streams", 6000, seed, 2);
}
#endif
