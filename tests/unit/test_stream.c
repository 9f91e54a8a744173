#include "formats/stream/msgpack_value.h"
#include "formats/stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define BYTES(text) span_of(text, sizeof text - 1)

/* Pieces of streams as any msgpack library writes them. */
#define HEADER                                                                                                                             \
	"\x81\xa2"                                                                                                                         \
	"cc\x01"
#define EPOCHS_2                                                                                                                           \
	"\x82\xa2"                                                                                                                         \
	"cc\x01\xa6"                                                                                                                       \
	"epochs\x02"
#define A                                                                                                                                  \
	"\x82\xa7__key__\xa1"                                                                                                              \
	"a\xa3txt\xa5hello"
#define B                                                                                                                                  \
	"\x82\xa7__key__\xa1"                                                                                                              \
	"b\xa3"                                                                                                                            \
	"cls\x07"
#define MARK(k)                                                                                                                            \
	"\x81\xa8"                                                                                                                         \
	"cc_epoch" k
#define TAIL(n)                                                                                                                            \
	"\x82\xa6"                                                                                                                         \
	"cc_end\xc3\xa7"                                                                                                                   \
	"records" n

static struct err err;

static int file_of(struct span bytes)
{
	char name[] = "/tmp/test_stream.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Reads all of it into "a=hello;b=7;|0|..." and returns how it ended. */
static int read_all(struct span bytes, char *seen, size_t size, struct stream_tail *tail)
{
	struct stream_reader reader;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	int fd = file_of(bytes), state;
	size_t used = 0;

	seen[0] = 0;
	state = stream_open(&reader, fd, &limits, &err);
	while (state == 0 && (state = stream_read(&reader, &record, &err)) > 0) {
		if (state == STREAM_EPOCH) {
			used += (size_t)snprintf(seen + used, size - used, "|%d|", (int)reader.epoch);
		} else {
			const struct field *field = record.count ? &record.fields[0] : NULL;
			used += (size_t)snprintf(seen + used, size - used, "%.*s=", (int)record.key.size, (const char *)record.key.data);
			if (field && field->kind == FIELD_INTEGER)
				used += (size_t)snprintf(seen + used, size - used, "%d", (int)field->integer);
			else if (field)
				used += (size_t)snprintf(
					seen + used, size - used, "%.*s", (int)field->bytes.size, (const char *)field->bytes.data);
			used += (size_t)snprintf(seen + used, size - used, ";");
		}
		state = 0;
	}
	if (tail) {
		*tail = reader.tail;
		tail->bad = tail->progs = (struct value){ 0 };
	}
	record_free(&record);
	stream_close(&reader);
	close(fd);
	return state;
}

static const struct {
	const char *bytes;
	size_t size;
	const char *seen; /* NULL: it is refused */
	const char *why;
} cases[] = {
#define GOOD(bytes, seen) { bytes, sizeof(bytes) - 1, seen, "" }
#define WRONG(bytes, why) { bytes, sizeof(bytes) - 1, NULL, why }
	GOOD(HEADER MARK("\x00") A B TAIL("\x02"), "|0|a=hello;b=7;"),
	GOOD(HEADER TAIL("\x00"), ""),
	GOOD(A B, "a=hello;b=7;"), /* a producer by hand: no header, no tail */
	GOOD(A TAIL("\x01"), "a=hello;"),
	GOOD(A MARK("\x01") B, "a=hello;|1|b=7;"),
	GOOD(EPOCHS_2 MARK("\x00") A MARK("\x01") B TAIL("\x02"), "|0|a=hello;|1|b=7;"),
	GOOD(HEADER MARK("\x00") A TAIL("\x01") HEADER MARK("\x00") B TAIL("\x01"), "|0|a=hello;b=7;"), /* cat a b */
	GOOD("\x82\xa3txt\xa5hello\xa7__key__\xa1"
	     "a",
		"a=hello;"), /* the key in another place */
	GOOD("\xde\x00\x02\xa7__key__\xa1"
	     "a\xa3txt\xa5hello",
		"a=hello;"), /* lengths longer than they need be */
	GOOD("\x82\xa7__key__\xd9\x01"
	     "a\xa3txt\xdb\x00\x00\x00\x05hello",
		"a=hello;"),
	GOOD(HEADER A TAIL("\x63"), "a=hello;"), /* a forwarded tail: the count is for those who need it */
	WRONG("", "no byte came"),
	WRONG(HEADER, "upstream ended early"),
	WRONG(HEADER MARK("\x00") A, "upstream ended early"),
	WRONG(HEADER A TAIL("\x01") HEADER B, "upstream ended early"),
	WRONG(HEADER A TAIL("\x01") B, "behind the tail"),
	WRONG(HEADER A TAIL("\x01") TAIL("\x01"), "behind the tail"),
	WRONG(HEADER A TAIL("\x01") MARK("\x00"), "behind the tail"),
	WRONG(HEADER A HEADER, "a header without the tail"),
	WRONG(A HEADER B TAIL("\x02"), "a header without the tail"),
	WRONG(HEADER HEADER, "a header without the tail"),
	WRONG(EPOCHS_2 A TAIL("\x01") HEADER B TAIL("\x01"), "one epoch"),
	WRONG("\x82\xa2"
	      "cc\x01\xa7"
	      "classes\x91\xa1x" A TAIL("\x01") HEADER B TAIL("\x01"),
		"different classes"),
	WRONG(HEADER MARK("\x01") A TAIL("\x01"), "epoch mark 1 where 0 is due"),
	WRONG(HEADER MARK("\x00") A MARK("\x02") TAIL("\x01"), "epoch mark 2 where 1 is due"),
	WRONG(HEADER MARK("\xa1x") A TAIL("\x01"), "no number"),
	WRONG("\x81\xa2"
	      "cc\x02",
		"version 2"),
	WRONG("\x81\xa2"
	      "cc\xa1x",
		"version 0"),
	WRONG("hello", "not a map"),
	WRONG("\x93\x01\x02\x03", "not a map"),
	WRONG("\x81\xa3txt\xa1x", "without __key__"),
	WRONG("\x81\xa7__key__\x07", "__key__ is not a string"),
	WRONG("\x81\xa7__key__\xa0", "__key__ is not a string"),
	WRONG("\x82\xa7__key__\xa1"
	      "a\x07\x07",
		"name is not a string"),
	WRONG("\x83\xa7__key__\xa1"
	      "a\xa1x\x01\xa1X\x02",
		"stands twice"),
	WRONG(A "\xdd\xff\x00\x00\x00", "record 1: byte 21: msgpack: a container of 4278190080 values"),
	WRONG(A "\xc1", "record 1: byte 21"),
	WRONG("\x82\xa7__key__\xa1"
	      "a\xa5x.npy\x83\xa5"
	      "dtype\xa3<f4\xa5shape\x91\x02\xa4"
	      "data\xc4\x04"
	      "1234",
		"4 bytes of data"),
	WRONG("\x82\xa7__key__\xa1"
	      "a\xa5x.npy\x83\xa5"
	      "dtype\xa3<f4\xa5shape\x92\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x02\xa4"
	      "data\xc4\x04"
	      "1234",
		"overflows"),
	WRONG(A "\xa1\xa1\xa1", "not a map"),
};

static void reads_what_is_right_and_refuses_the_rest(void **state)
{
	char seen[200];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err.text[0] = 0;
		int result = read_all(span_of(cases[i].bytes, cases[i].size), seen, sizeof seen, NULL);
		if (result != (cases[i].seen ? 0 : -1) || (cases[i].seen && strcmp(seen, cases[i].seen) != 0) ||
			!strstr(err.text, cases[i].why))
			fail_msg("case %zu: %d, saw '%s', said '%s'", i, result, seen, err.text);
	}
}

/* Wherever a stream with a header is cut, the reader knows. */
static void notices_every_cut(void **state)
{
	const struct span bytes = BYTES(HEADER MARK("\x00") A B MARK("\x01") A TAIL("\x03"));
	char seen[200];

	(void)state;
	for (size_t size = 0; size < bytes.size; size++) {
		err.text[0] = 0;
		if (read_all(span_of(bytes.data, size), seen, sizeof seen, NULL) != -1 || !strstr(err.text, "upstream ended early"))
			fail_msg("cut at %zu: '%s'", size, err.text);
	}
	assert_int_equal(read_all(bytes, seen, sizeof seen, NULL), 0);
}

static void tails_add_up(void **state)
{
	const struct span bytes = BYTES(HEADER A "\x83\xa6"
						 "cc_end\xc3\xa7"
						 "records\x01\xa6"
						 "digest\xd9\x20"
						 "00000000000000010000000000000002" HEADER B "\x83\xa6"
						 "cc_end\xc3\xa7"
						 "records\x01\xa6"
						 "digest\xd9\x20"
						 "0000000000000001ffffffffffffffff");
	struct stream_tail tail;
	char seen[200];

	(void)state;
	assert_int_equal(read_all(bytes, seen, sizeof seen, &tail), 0);
	assert_true(tail.present && tail.claims && tail.has_digest);
	assert_int_equal(tail.records, 2);
	assert_int_equal(tail.claimed, 2);
	assert_true(tail.digest.high == 3 && tail.digest.low == 1);
	assert_int_equal(read_all(BYTES(HEADER A "\x81\xa6"
						 "cc_end\xc3"),
				 seen, sizeof seen, &tail),
		0);
	assert_false(tail.claims);
	assert_false(tail.has_digest);
}

/* A map that is no tensor of ours, an extension, a huge integer: none of our business. */
static void passes_on_what_it_does_not_know(void **state)
{
	const struct span bytes = BYTES("\x86\xa7__key__\xa1"
					"a"
					"\xa1p\x83\xa5"
					"dtype\xa3<U5\xa5shape\x91\x02\xa4"
					"data\xc4\x02"
					"12"
					"\xa1q\xd4\x05"
					"x"
					"\xa1r\xcf\xff\xff\xff\xff\xff\xff\xff\xff"
					"\xa1s\xca\x40\x00\x00\x00"
					"\xa1t\xc0");
	struct stream_reader reader;
	struct stream_writer writer;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	int in = file_of(bytes), out = file_of(BYTES(""));
	unsigned char copy[200];

	(void)state;
	assert_int_equal(stream_open(&reader, in, &limits, &err), 0);
	assert_int_equal(stream_read(&reader, &record, &err), STREAM_RECORD);
	for (size_t i = 0; i < record.count; i++)
		assert_int_equal(record.fields[i].kind, FIELD_OTHER);
	assert_int_equal(record_set_integer(&record, "cls", 1, &err), 0);
	stream_writer_init(&writer, out);
	writer.marked = true;
	assert_int_equal(stream_write(&writer, &record, &err), 0);
	assert_int_equal(stream_write_tail(&writer, &reader.tail, &err), 0);
	lseek(out, 0, SEEK_SET);
	ssize_t size = read(out, copy, sizeof copy);
	/* One field more in the head; then the old ones as they were; then the new one. */
	assert_true(size > (ssize_t)bytes.size);
	assert_int_equal(copy[0], 0x87);
	assert_memory_equal(copy + 1, bytes.data + 1, bytes.size - 1);
	assert_memory_equal(copy + bytes.size,
		"\xa3"
		"cls\x01",
		5);
	stream_writer_free(&writer);
	record_free(&record);
	stream_close(&reader);
	close(in);
	close(out);
}

/* What nobody touched goes on as it came, even in a form that we would not have chosen. */
static void forwards_byte_for_byte(void **state)
{
	const struct span bytes = BYTES("\xdf\x00\x00\x00\x02\xda\x00\x03txt\xd9\x02hi\xa7__key__\xda\x00\x01"
					"k");
	struct stream_reader reader;
	struct stream_writer writer;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	int in = file_of(bytes), out = file_of(BYTES(""));
	unsigned char copy[200];

	(void)state;
	for (int owned = 0; owned < 3; owned++) { /* 2: held */
		lseek(in, 0, SEEK_SET);
		lseek(out, 0, SEEK_SET);
		assert_int_equal(stream_open(&reader, in, &limits, &err), 0);
		stream_writer_init(&writer, out);
		writer.marked = true;
		assert_int_equal((owned == 1 ? stream_read_owned : stream_read)(&reader, &record, &err), STREAM_RECORD);
		for (int i = 0; owned && i < 2; i++) /* once more changes nothing */
			assert_int_equal(owned == 1 ? stream_record_own(&reader, &record, &err) : stream_record_hold(&record, &err), 0);
		if (owned) {
			assert_int_equal(record.raw.size, bytes.size);
			assert_ptr_equal(record.raw.data, record.storage.data);
			stream_close(&reader);
		}
		assert_int_equal(stream_write(&writer, &record, &err), 0);
		assert_int_equal(stream_write_tail(&writer, &(struct stream_tail){ 0 }, &err), 0);
		lseek(out, 0, SEEK_SET);
		assert_true(read(out, copy, sizeof copy) > (ssize_t)bytes.size);
		assert_memory_equal(copy, bytes.data, bytes.size);
		stream_writer_free(&writer);
		if (!owned)
			stream_close(&reader);
	}
	record_free(&record);
	close(in);
	close(out);
}

/* Records larger than any buffer, and many of them, through the writer and back. */
static void large_records_come_back(void **state)
{
	enum { LARGE = 3 << 20, COUNT = 20 };
	struct stream_writer writer;
	struct stream_reader reader;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	struct value header = value_map();
	struct arena arena = { 0 };
	unsigned char *data = malloc(LARGE);
	int file = file_of(BYTES(""));

	(void)state;
	value_set(&header, "cc", value_integer(1), &arena);
	stream_writer_init(&writer, file);
	assert_int_equal(stream_write_header(&writer, &header, &err), 0);
	for (int i = 0; i < COUNT; i++) {
		size_t size = (size_t)LARGE >> i;
		memset(data, i, LARGE);
		record_reset(&record);
		record.key = span_string("key");
		record_set_string(&record, "txt", span_string("before"), &err);
		record_set_bytes(&record, "bin", data, size, &err);
		record_set_tensor(&record, "x.npy", "|u1", 1, &size, data, &err);
		record_set_integer(&record, "cls", -i, &err);
		assert_int_equal(stream_write(&writer, &record, &err), 0);
	}
	assert_int_equal(stream_write_tail(&writer, &(struct stream_tail){ 0 }, &err), 0);
	lseek(file, 0, SEEK_SET);
	assert_int_equal(stream_open(&reader, file, &limits, &err), 0);
	assert_int_equal(stream_read(&reader, &record, &err), STREAM_EPOCH);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(stream_read(&reader, &record, &err), STREAM_RECORD);
		const struct field *bin = record_find(&record, "bin"), *tensor = record_tensor(&record, "x.npy", "|u1", 1, &err);
		assert_non_null(tensor);
		assert_int_equal(bin->bytes.size, (size_t)LARGE >> i);
		assert_true(span_equal(bin->bytes, tensor->bytes));
		assert_true(bin->bytes.data[bin->bytes.size - 1] == i);
		assert_int_equal(record_find(&record, "cls")->integer, -i);
	}
	assert_int_equal(stream_read(&reader, &record, &err), STREAM_END);
	assert_int_equal(reader.tail.claimed, COUNT);
	stream_writer_free(&writer);
	stream_close(&reader);
	record_free(&record);
	arena_free(&arena);
	free(data);
	close(file);
}

static void a_length_that_is_not_there_costs_nothing(void **state)
{
	struct stream_reader reader;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	/* 200 MB are promised, ten bytes come */
	int fd = file_of(BYTES("\x82\xa7__key__\xa1"
			       "a\xa1x\xc6\x0c\x00\x00\x00"
			       "0123456789"));

	(void)state;
	assert_int_equal(stream_open(&reader, fd, &limits, &err), -1);
	assert_non_null(strstr(err.text, "upstream ended early"));
	assert_true(reader.buffer.capacity < 4 << 20);
	record_free(&record);
	stream_close(&reader);
	close(fd);
}

/* msgpack would have its length modulo 2^32. */
static void a_field_of_4_GiB_is_refused(void **state)
{
	struct stream_writer writer;
	struct field field = { .name = span_string("bin"), .kind = FIELD_BYTES, .bytes = span_of("", (size_t)1 << 32) };
	struct record record = { .key = span_string("a"), .fields = &field, .count = 1 };

	(void)state;
	stream_writer_init(&writer, -1);
	assert_int_equal(stream_write(&writer, &record, &err), -1);
	assert_string_equal(err.text, "a: bin: 4294967296 bytes; a field can have 4294967295");
	stream_writer_free(&writer);
}

/* Its last name replaces an equal one; no name is compared with all others. */
static void a_map_of_many_keys(void **state)
{
	struct buf bytes = { 0 };
	struct arena arena = { 0 };
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	msgpack_packer packer;
	msgpack_object object;
	struct value value;
	char name[16];

	(void)state;
	packer_init(&packer, &bytes);
	msgpack_pack_map(&packer, KEYS_MOST);
	for (int i = 0; i < KEYS_MOST; i++) {
		snprintf(name, sizeof name, "k%06d", i < KEYS_MOST - 1 ? i : 5);
		pack_string(&packer, span_string(name));
		msgpack_pack_int(&packer, i);
	}
	assert_int_equal(msgpack_parse(&object, buf_span(&bytes), zone, &err), 0);
	assert_int_equal(value_from_msgpack(&value, &object, &arena, &err), 0);
	assert_int_equal(value.list.count, KEYS_MOST - 1);
	assert_int_equal(value_integer_or(value_get(&value, "k000005"), 0), KEYS_MOST - 1);
	assert_int_equal(value_integer_or(value_get(&value, "k065534"), 0), 65534);
	assert_int_equal(value_set(&value, "one more", value_bool(true), &arena), 0);
	assert_int_equal(value.list.count, KEYS_MOST);
	object.via.map.size = KEYS_MOST + 1;
	assert_int_equal(value_from_msgpack(&value, &object, &arena, &err), -1);
	assert_string_equal(err.text, "a map of 65537 keys; at most 65536 are accepted");
	buf_free(&bytes);
	arena_free(&arena);
	msgpack_zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_right_and_refuses_the_rest),
		cmocka_unit_test(notices_every_cut),
		cmocka_unit_test(tails_add_up),
		cmocka_unit_test(passes_on_what_it_does_not_know),
		cmocka_unit_test(forwards_byte_for_byte),
		cmocka_unit_test(large_records_come_back),
		cmocka_unit_test(a_length_that_is_not_there_costs_nothing),
		cmocka_unit_test(a_map_of_many_keys),
		cmocka_unit_test(a_field_of_4_GiB_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
