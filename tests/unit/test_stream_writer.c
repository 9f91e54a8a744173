/* Records through the writer: unchanged, changed, large. */
#include "formats/stream/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "stream_file.h"

/* A map that is not a tensor, an extension and a huge integer are passed through. */
static void passes_unknown_values_through(void **state)
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
	/* The map has one more field: the old ones unchanged, then the new one. */
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

/* An untouched record is forwarded byte for byte, even if it is encoded in an unusual form. */
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
	for (int owned = 0; owned < 3; owned++) { /* 1: owned; 2: held */
		lseek(in, 0, SEEK_SET);
		lseek(out, 0, SEEK_SET);
		assert_int_equal(stream_open(&reader, in, &limits, &err), 0);
		stream_writer_init(&writer, out);
		writer.marked = true;
		assert_int_equal((owned == 1 ? stream_read_owned : stream_read)(&reader, &record, &err), STREAM_RECORD);
		for (int i = 0; owned && i < 2; i++) /* a second call changes nothing */
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

/* msgpack would store its length modulo 2^32. */
static void a_field_of_4_GiB_is_refused(void **state)
{
	struct stream_writer writer;
	struct field field = { .name = span_string("bin"), .kind = FIELD_BYTES, .bytes = span_of("", (size_t)1 << 32) };
	struct record record = { .key = span_string("a"), .fields = &field, .count = 1 };

	(void)state;
	stream_writer_init(&writer, -1);
	assert_int_equal(stream_write(&writer, &record, &err), -1);
	assert_string_equal(err.text, "a: bin: 4294967296 bytes; a field can have at most 4294967295");
	stream_writer_free(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_unknown_values_through),
		cmocka_unit_test(forwards_byte_for_byte),
		cmocka_unit_test(large_records_come_back),
		cmocka_unit_test(a_field_of_4_GiB_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
