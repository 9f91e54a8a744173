#include "formats/stream/msgpack.h"
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

#include "stream_file.h"

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
	GOOD(A B, "a=hello;b=7;"), /* a handwritten stream: no header, no tail */
	GOOD(A TAIL("\x01"), "a=hello;"),
	GOOD(A MARK("\x01") B, "a=hello;|1|b=7;"),
	GOOD(EPOCHS_2 MARK("\x00") A MARK("\x01") B TAIL("\x02"), "|0|a=hello;|1|b=7;"),
	GOOD(HEADER MARK("\x00") A TAIL("\x01") HEADER MARK("\x00") B TAIL("\x01"), "|0|a=hello;b=7;"), /* cat a b */
	GOOD("\x82\xa3txt\xa5hello\xa7__key__\xa1"
	     "a",
		"a=hello;"), /* the key is not the first field */
	GOOD("\xde\x00\x02\xa7__key__\xa1"
	     "a\xa3txt\xa5hello",
		"a=hello;"), /* lengths encoded in more bytes than necessary */
	GOOD("\x82\xa7__key__\xd9\x01"
	     "a\xa3txt\xdb\x00\x00\x00\x05hello",
		"a=hello;"),
	GOOD(HEADER A TAIL("\x63"), "a=hello;"), /* a forwarded tail: its count is not checked */
	WRONG("", "no input"),
	WRONG(HEADER, "upstream ended early"),
	WRONG(HEADER MARK("\x00") A, "upstream ended early"),
	WRONG(HEADER A TAIL("\x01") HEADER B, "upstream ended early"),
	WRONG(HEADER A TAIL("\x01") B, "after the tail"),
	WRONG(HEADER A TAIL("\x01") TAIL("\x01"), "after the tail"),
	WRONG(HEADER A TAIL("\x01") MARK("\x00"), "after the tail"),
	WRONG(HEADER A HEADER, "a second header before the tail"),
	WRONG(A HEADER B TAIL("\x02"), "a second header before the tail"),
	WRONG(HEADER HEADER, "a second header before the tail"),
	WRONG(EPOCHS_2 A TAIL("\x01") HEADER B TAIL("\x01"), "one epoch"),
	WRONG("\x82\xa2"
	      "cc\x01\xa7"
	      "classes\x91\xa1x" A TAIL("\x01") HEADER B TAIL("\x01"),
		"different classes"),
	WRONG(HEADER MARK("\x01") A TAIL("\x01"), "epoch mark 1, expected 0"),
	WRONG(HEADER MARK("\x00") A MARK("\x02") TAIL("\x01"), "epoch mark 2, expected 1"),
	WRONG(HEADER MARK("\xa1x") A TAIL("\x01"), "cc_epoch is not a whole number"),
	WRONG("\x81\xa2"
	      "cc\x02",
		"version 2"),
	WRONG("\x81\xa2"
	      "cc\xa1x",
		"version 0"),
	WRONG("hello", "not a map"),
	WRONG("\x93\x01\x02\x03", "not a map"),
	WRONG("\x81\xa3txt\xa1x", "without __key__"),
	WRONG("\x81\xa7__key__\x07", "__key__ is not a non-empty string"),
	WRONG("\x81\xa7__key__\xa0", "__key__ is not a non-empty string"),
	WRONG("\x82\xa7__key__\xa1"
	      "a\x07\x07",
		"name is not a string"),
	WRONG("\x83\xa7__key__\xa1"
	      "a\xa1x\x01\xa1X\x02",
		"duplicate field X"),
	WRONG(A "\xdd\xff\x00\x00\x00", "record 1: byte 21: msgpack: a container of 4278190080 values"),
	WRONG(A "\xc1", "record 1: byte 21"),
	WRONG("\x82\xa7__key__\xa1"
	      "a\xa5x.npy\x83\xa5"
	      "dtype\xa3<f4\xa5shape\x91\x02\xa4"
	      "data\xc4\x04"
	      "1234",
		"4 bytes of data, but the shape requires 8"),
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

/* The reader detects any truncation of a stream that has a header. */
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

static void a_length_that_is_not_there_costs_nothing(void **state)
{
	struct stream_reader reader;
	struct record record = { 0 };
	struct limits limits = LIMITS_DEFAULT;
	/* 200 MB are announced, ten bytes follow */
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
		cmocka_unit_test(a_length_that_is_not_there_costs_nothing),
		cmocka_unit_test(a_map_of_many_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
