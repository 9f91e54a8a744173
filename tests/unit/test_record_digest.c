#include "formats/tar/record_digest.h"
#include "formats/tar/field_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct err err;

static void expect_digest(const struct record *record, const char *hex)
{
	struct digest digest, expected;

	assert_int_equal(record_digest(record, &digest, &err), 0);
	assert_int_equal(digest_parse(&expected, span_string(hex)), 0);
	assert_true(digest_equal(digest, expected));
}

/* The record of tests/golden/npy.py, its fields in the given order of 0..4. */
static void fill(struct record *record, const char *order)
{
	static const float matrix[6] = { 0, 1, 2, 3, 4, 5 };
	static const size_t shape[2] = { 2, 3 };
	unsigned char bytes[256];

	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	record_reset(record);
	record->key = span_string("dir/Z\xC3\xBCrich");
	for (; *order; order++) {
		if (*order == '0')
			record_set_string(record, "txt", span_string("a caption"), &err);
		if (*order == '1')
			record_set_integer(record, "cls", -7, &err);
		if (*order == '2')
			record_set_bytes(record, "JPG", bytes, sizeof bytes, &err);
		if (*order == '3')
			record_set_tensor(record, "x.npy", "<f4", 2, shape, matrix, &err);
		if (*order == '4') { /* [1, 2.5, null] as msgpack: it has no form of its own */
			static const unsigned char list[] = { 0x93, 1, 0xcb, 0x40, 4, 0, 0, 0, 0, 0, 0, 0xc0 };
			record_set_bytes(record, "score", "", 0, &err);
			record->fields[record->count - 1].kind = FIELD_OTHER;
			record->fields[record->count - 1].raw = span_of(list, sizeof list);
		}
	}
}

static void agrees_with_python(void **state)
{
	struct record record = { 0 };

	(void)state;
	fill(&record, "01234");
	expect_digest(&record, "e0195a57a409d49808ddb443f0037ee3");
	fill(&record, "43210");
	expect_digest(&record, "e0195a57a409d49808ddb443f0037ee3");
	fill(&record, "");
	record.key = span_string("k");
	expect_digest(&record, "13e9386ddbf01efdd6b2faeb8af02da3");
	record_free(&record);
}

/* Moving contents from one field to the next must change the digest. */
static void lengths_count(void **state)
{
	struct record record = { 0 };
	struct digest a, b;

	(void)state;
	record.key = span_string("k");
	record_set_bytes(&record, "a", "xy", 2, &err);
	record_set_bytes(&record, "b", "z", 1, &err);
	assert_int_equal(record_digest(&record, &a, &err), 0);
	record_set_bytes(&record, "a", "x", 1, &err);
	record_set_bytes(&record, "b", "yz", 2, &err);
	assert_int_equal(record_digest(&record, &b, &err), 0);
	assert_false(digest_equal(a, b));
	record_free(&record);
}

static void a_file_gives_back_the_same_digest(void **state)
{
	struct record record = { 0 };
	struct buf scratch = { 0 }, kept = { 0 };

	(void)state;
	fill(&record, "01234");
	for (size_t i = 0; i < record.count; i++) {
		struct field *field = &record.fields[i];
		struct span head, body;
		assert_int_equal(field_to_file(field, &scratch, &head, &body, &err), 0);
		struct span name = field->name;
		buf_clear(&kept);
		buf_append_span(&kept, head);
		buf_append_span(&kept, body);
		char *content = arena_string(&record.arena, kept.data, kept.size);
		*field = (struct field){ .name = name, .bytes = span_of(content, kept.size) };
		field_from_file(field);
	}
	assert_int_equal(record_find(&record, "txt")->kind, FIELD_STRING);
	assert_int_equal(record_find(&record, "cls")->kind, FIELD_INTEGER);
	assert_int_equal(record_find(&record, "jpg")->kind, FIELD_BYTES);
	assert_int_equal(record_find(&record, "x.npy")->kind, FIELD_TENSOR);
	expect_digest(&record, "e0195a57a409d49808ddb443f0037ee3");
	buf_free(&scratch);
	buf_free(&kept);
	record_free(&record);
}

static const struct {
	const char *name, *content;
	enum field_kind kind;
	int64_t integer;
} files[] = {
	{ "cls", "7", FIELD_INTEGER, 7 },
	{ "cls", "-12\n", FIELD_INTEGER, -12 },
	{ "CLS", "9223372036854775807", FIELD_INTEGER, INT64_MAX },
	{ "cls", "-9223372036854775808", FIELD_INTEGER, INT64_MIN },
	{ "cls", "9223372036854775808", FIELD_BYTES, 0 },
	{ "cls", "", FIELD_BYTES, 0 },
	{ "cls", "-", FIELD_BYTES, 0 },
	{ "cls", "cat", FIELD_BYTES, 0 },
	{ "cls", "1 2", FIELD_BYTES, 0 },
	{ "txt", "caf\xC3\xA9", FIELD_STRING, 0 },
	{ "txt", "caf\xE9", FIELD_BYTES, 0 }, /* Latin-1: passed through unchanged */
	{ "aug.txt", "x", FIELD_STRING, 0 },
	{ "atxt", "x", FIELD_BYTES, 0 },
	{ "x.npy", "\x93NUMPY", FIELD_BYTES, 0 },
	{ "json", "{}", FIELD_BYTES, 0 },
};

static void names_decide_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct field field = { .name = span_string(files[i].name), .bytes = span_string(files[i].content) };
		field_from_file(&field);
		if (field.kind != files[i].kind || (field.kind == FIELD_INTEGER && field.integer != files[i].integer))
			fail_msg("%s '%s': kind %d", files[i].name, files[i].content, (int)field.kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_python),
		cmocka_unit_test(lengths_count),
		cmocka_unit_test(a_file_gives_back_the_same_digest),
		cmocka_unit_test(names_decide_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
