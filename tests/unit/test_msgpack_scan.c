#include "formats/stream/msgpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define BYTES(text) span_of(text, sizeof text - 1)

static struct err err;

/* In memory of exactly that size, so that the sanitizer detects reads past the end. */
static int scan(struct span bytes, const struct limits *limits, size_t *end)
{
	struct msgpack_scan state = { 0 };
	unsigned char *copy = malloc(bytes.size ? bytes.size : 1);

	if (bytes.size)
		memcpy(copy, bytes.data, bytes.size);
	int result = msgpack_scan(&state, span_of(copy, bytes.size), limits, &err);
	free(copy);
	*end = state.position;
	return result;
}

static const struct {
	const char *bytes;
	size_t size;
} whole[] = {
#define WHOLE(text) { text, sizeof text - 1 }
	WHOLE("\x00"),
	WHOLE("\x7f"),
	WHOLE("\xff"),
	WHOLE("\xe0"),
	WHOLE("\xc0"),
	WHOLE("\xc2"),
	WHOLE("\xc3"),
	WHOLE("\xcc\x01"),
	WHOLE("\xcd\x01\x02"),
	WHOLE("\xce\x01\x02\x03\x04"),
	WHOLE("\xcf\x01\x02\x03\x04\x05\x06\x07\x08"),
	WHOLE("\xd0\x81"),
	WHOLE("\xd1\x81\x02"),
	WHOLE("\xd2\x81\x02\x03\x04"),
	WHOLE("\xd3\x81\x02\x03\x04\x05\x06\x07\x08"),
	WHOLE("\xcf\xf1\x02\x03\x04\x05\x06\x07\x08"),
	WHOLE("\xe1"),
	WHOLE("\xd0\x01"),
	WHOLE("\xd1\x01\x02"),
	WHOLE("\xd2\x01\x02\x03\x04"),
	WHOLE("\xd3\x01\x02\x03\x04\x05\x06\x07\x08"),
	WHOLE("\xca\x01\x02\x03\x04"),
	WHOLE("\xcb\x01\x02\x03\x04\x05\x06\x07\x08"),
	WHOLE("\xa0"),
	WHOLE("\xa3"
	      "abc"),
	WHOLE("\xd9\x03"
	      "abc"),
	WHOLE("\xda\x00\x03"
	      "abc"),
	WHOLE("\xdb\x00\x00\x00\x03"
	      "abc"),
	WHOLE("\xc4\x00"),
	WHOLE("\xc4\x02"
	      "ab"),
	WHOLE("\xc5\x00\x02"
	      "ab"),
	WHOLE("\xc6\x00\x00\x00\x02"
	      "ab"),
	WHOLE("\xc7\x02\x05"
	      "ab"),
	WHOLE("\xc8\x00\x02\x05"
	      "ab"),
	WHOLE("\xc9\x00\x00\x00\x02\x05"
	      "ab"),
	WHOLE("\xc7\x00\x05"),
	WHOLE("\xd4\x05"
	      "a"),
	WHOLE("\xd5\x05"
	      "ab"),
	WHOLE("\xd6\x05"
	      "abcd"),
	WHOLE("\xd7\x05"
	      "abcdefgh"),
	WHOLE("\xd8\x05"
	      "abcdefghabcdefgh"),
	WHOLE("\x80"),
	WHOLE("\x90"),
	WHOLE("\x81\xa1"
	      "a\x01"),
	WHOLE("\x93\x01\x90\x91\x80"),
	WHOLE("\xdc\x00\x02\x01\x02"),
	WHOLE("\xdd\x00\x00\x00\x01\x01"),
	WHOLE("\xde\x00\x01\xa1"
	      "a\xc0"),
	WHOLE("\xdf\x00\x00\x00\x01\xa1"
	      "a\x92\x01\x02"),
};

/* Each value is decoded as msgpack-c does, and never reads past the end. */
static void takes_values_apart(void **state)
{
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	struct msgpack_piece piece;
	msgpack_object object;

	(void)state;
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		struct span bytes = span_of(whole[i].bytes, whole[i].size);
		assert_int_equal(msgpack_parse(&object, bytes, zone, &err), 0);
		if (msgpack_take(&piece, bytes) || piece.raw.size != bytes.size)
			fail_msg("value %zu", i);
		for (size_t size = 0; size < bytes.size; size++) {
			unsigned char *copy = malloc(size + (size == 0));
			memcpy(copy, bytes.data, size);
			assert_int_equal(msgpack_take(&piece, span_of(copy, size)), -1);
			free(copy);
		}
		assert_int_equal(msgpack_take(&piece, bytes), 0);
		switch (object.type) {
		case MSGPACK_OBJECT_POSITIVE_INTEGER:
			assert_true(piece.kind == MSGPACK_UNSIGNED || piece.kind == MSGPACK_SIGNED);
			assert_int_equal(piece.number, object.via.u64);
			break;
		case MSGPACK_OBJECT_NEGATIVE_INTEGER:
			assert_int_equal(piece.kind, MSGPACK_SIGNED);
			assert_int_equal((int64_t)piece.number, object.via.i64);
			break;
		case MSGPACK_OBJECT_STR:
			assert_int_equal(piece.kind, MSGPACK_STRING);
			assert_int_equal(piece.content.size, object.via.str.size);
			assert_true(piece.content.size == 0 || (const char *)piece.content.data == object.via.str.ptr);
			break;
		case MSGPACK_OBJECT_BIN:
			assert_int_equal(piece.kind, MSGPACK_BINARY);
			assert_int_equal(piece.content.size, object.via.bin.size);
			assert_true(piece.content.size == 0 || (const char *)piece.content.data == object.via.bin.ptr);
			break;
		case MSGPACK_OBJECT_MAP:
			assert_int_equal(piece.kind, MSGPACK_MAP);
			assert_int_equal(piece.number, object.via.map.size);
			break;
		default: assert_int_equal(piece.kind, MSGPACK_ELSE);
		}
	}
	assert_int_equal(msgpack_take(&piece, BYTES("\xc1")), -1);
	msgpack_zone_free(zone);
}

/* Each kind of value ends where msgpack-c ends it, needs more input if truncated anywhere, and ignores what follows. */
static void knows_where_values_end(void **state)
{
	const struct limits limits = LIMITS_DEFAULT;
	size_t end;

	(void)state;
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		struct span bytes = span_of(whole[i].bytes, whole[i].size);
		char followed[64] = { 0 };
		if (scan(bytes, &limits, &end) != 1 || end != bytes.size)
			fail_msg("value %zu", i);
		for (size_t cut = 0; cut < bytes.size; cut++)
			if (scan(span_of(bytes.data, cut), &limits, &end) != 0)
				fail_msg("value %zu cut at %zu", i, cut);
		memcpy(followed, bytes.data, bytes.size);
		followed[bytes.size] = (char)0xc1;
		assert_int_equal(scan(span_of(followed, bytes.size + 1), &limits, &end), 1);
		assert_int_equal(end, bytes.size);
		msgpack_zone *zone = msgpack_zone_new(1024);
		msgpack_object object;
		assert_int_equal(msgpack_parse(&object, bytes, zone, &err), 0);
		msgpack_zone_free(zone);
	}
}

/* A value that arrives byte by byte is scanned only once. */
static void goes_on_where_it_stopped(void **state)
{
	const struct limits limits = LIMITS_DEFAULT;
	const struct span bytes = BYTES("\x82\xa1"
					"a\x93\x01\xc4\x03xyz\xa2hi\xa1"
					"b\x81\xa1"
					"c\xcb\x40\x04\x00\x00\x00\x00\x00\x00");
	struct msgpack_scan scanner = { 0 };

	(void)state;
	for (size_t size = 0; size < bytes.size; size++) {
		size_t before = scanner.position;
		assert_int_equal(msgpack_scan(&scanner, span_of(bytes.data, size), &limits, &err), 0);
		assert_true(scanner.position >= before);
	}
	assert_int_equal(msgpack_scan(&scanner, bytes, &limits, &err), 1);
	assert_int_equal(scanner.position, bytes.size);
}

static void expect_refusal(struct span bytes, const struct limits *limits, const char *why)
{
	size_t end;

	err.text[0] = 0;
	int result = scan(bytes, limits, &end);
	if (result != -1 || !strstr(err.text, why))
		fail_msg("%d: '%s' does not say '%s'", result, err.text, why);
}

static void refuses_hostile_lengths(void **state)
{
	const struct limits limits = LIMITS_DEFAULT;

	(void)state;
	expect_refusal(BYTES("\xdd\xff\x00\x00\x00"), &limits, "4278190080 values"); /* msgpack-c would take 96 GB for it */
	expect_refusal(BYTES("\xdf\xff\xff\xff\xff"), &limits, "8589934590 values");
	expect_refusal(BYTES("\xdb\xff\xff\xff\xff"), &limits, "a string of 4294967295 bytes");
	expect_refusal(BYTES("\xc6\xff\xff\xff\xff"), &limits, "a record of more than");
	expect_refusal(BYTES("\xc9\xff\xff\xff\xff"), &limits, "a record of more than");
	expect_refusal(BYTES("\xc1"), &limits, "invalid byte");
	expect_refusal(BYTES("\x92\x01\xc1"), &limits, "invalid byte");
}

static void limits_hold_to_the_byte(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	size_t end;

	(void)state;
	limits.string = 3;
	assert_int_equal(scan(BYTES("\xa3"
				    "abc"),
				 &limits, &end),
		1);
	expect_refusal(BYTES("\xa4"
			     "abcd"),
		&limits, "a string of 4 bytes");
	limits.record = 6;
	assert_int_equal(scan(BYTES("\x91\xc4\x03"
				    "abc"),
				 &limits, &end),
		1);
	expect_refusal(BYTES("\x91\xc4\x04"
			     "abcd"),
		&limits, "a record of more than 6");
	limits.elements = 3;
	assert_int_equal(scan(BYTES("\x92\x01\x02"), &limits, &end), 1);
	expect_refusal(BYTES("\x92\x01\x91\x02"), &limits, "more than 3 values");
}

/* A complete value: a number inside that many containers. */
static struct span nested(size_t depth, unsigned char opening)
{
	static unsigned char bytes[300];

	memset(bytes, opening, depth);
	bytes[depth] = 1;
	return span_of(bytes, depth + 1);
}

/* msgpack-c must be able to read every value within the limit: its own stack has 32 levels. */
static void nesting_is_limited(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	size_t end;
	msgpack_object object;
	msgpack_zone *zone = msgpack_zone_new(1024);

	(void)state;
	assert_int_equal(scan(nested(32, 0x91), &limits, &end), 1);
	assert_int_equal(end, 33);
	assert_int_equal(msgpack_parse(&object, nested(32, 0x91), zone, &err), 0);
	expect_refusal(nested(33, 0x91), &limits, "nested deeper than 32");
	limits.depth = 1000;
	expect_refusal(nested(SCAN_DEPTH + 1, 0x91), &limits, "nested deeper");
	expect_refusal(nested(250, 0x81), &limits, "nested deeper");
	msgpack_zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_where_values_end),
		cmocka_unit_test(takes_values_apart),
		cmocka_unit_test(goes_on_where_it_stopped),
		cmocka_unit_test(refuses_hostile_lengths),
		cmocka_unit_test(limits_hold_to_the_byte),
		cmocka_unit_test(nesting_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
