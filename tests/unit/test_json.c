#include "formats/text/base64.h"
#include "formats/text/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Values that are read and written again. */
static void expect_rewritten(const char *text, const char *expected)
{
	struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct value value;
	struct err err;

	assert_int_equal(json_read(span_string(text), &limits, &arena, &value, &err), 0);
	assert_int_equal(json_write(&value, &out, &err), 0);
	assert_string_equal(buf_string(&out), expected);
	buf_free(&out);
	arena_free(&arena);
}

static void expect_refused(struct span text, const char *reason)
{
	struct limits limits = { .record = 1000, .depth = 4, .elements = 20 };
	struct arena arena = { 0 };
	struct value value;
	struct err err;

	assert_int_equal(json_read(text, &limits, &arena, &value, &err), -1);
	if (!strstr(err.text, reason))
		fail_msg("\"%s\" does not say \"%s\"", err.text, reason);
	arena_free(&arena);
}

static void values_survive(void **state)
{
	(void)state;
	expect_rewritten("{\"b\":[1,-2.5,true,null,\"x\"],\"a\":{}}", "{\"b\": [1, -2.5, true, null, \"x\"], \"a\": {}}");
	expect_rewritten("[0.1, 1e300, 0.0005]", "[0.1, 1e300, 0.0005]");
	expect_rewritten("[0.1, 5e-4]", "[0.1, 0.0005]");
	expect_rewritten("[0.30000000000000004]", "[0.30000000000000004]");
	expect_rewritten("\"\\u00e9\\u0000\"", "\"\xc3\xa9\\u0000\"");
	expect_rewritten(" 9223372036854775807 ", "9223372036854775807");
}

static void values_that_json_lacks_are_converted(void **state)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	struct value bytes = value_string("\xff\x00 ok"), list = value_array();
	struct err err;

	(void)state;
	bytes.kind = VALUE_BYTES;
	value_push(&list, bytes, &arena);
	value_push(&list, value_span(span_of("\xff", 1)), &arena);
	value_push(&list, value_real(1.0 / 0.0), &arena);
	value_push(&list, json_rounded((double).1f), &arena);
	assert_int_equal(json_write(&list, &out, &err), 0);
	assert_string_equal(buf_string(&out), "[{\"base64\": \"/w==\"}, {\"base64\": \"/w==\"}, null, 0.100000001]");
	buf_free(&out);
	arena_free(&arena);
}

static void hostile_text_is_refused(void **state)
{
	char long_text[1002];

	(void)state;
	expect_refused(span_string(""), "line 1");
	expect_refused(span_string("{"), "line 1");
	expect_refused(span_string("{} x"), "end of file");
	expect_refused(span_string("{\"a\":1,\"a\":2}"), "duplicate");
	expect_refused(span_string("\"\xff\""), "0xff");
	expect_refused(span_string("[[[[[1]]]]]"), "nested");
	expect_refused(span_string("[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"), "elements");
	expect_refused(span_string("\"\\"), "line 1");
	memset(long_text, ' ', sizeof long_text);
	expect_refused(span_of(long_text, sizeof long_text), "more than the limit of 1000");
}

/* Python's json writes all of these. */
static void what_other_programs_write_is_read(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct value value;
	struct err err;

	(void)state;
	expect_rewritten("{\"a\": NaN, \"b\": [Infinity, -Infinity, 1e999, -1E999], \"NaN\": \"NaN -Infinity 1e999\"}",
		"{\"a\": null, \"b\": [null, null, null, null], \"NaN\": \"NaN -Infinity 1e999\"}");
	expect_rewritten("\xEF\xBB\xBF{\"a\": 1}", "{\"a\": 1}");
	expect_rewritten("[\"\\ud83d\\ude00\", \"a\\ud83d\", \"\\ude00\\ud83d b\", \"\\\\ud83d\", \"\\ud83d\\ud83d\\uDE00\"]",
		"[\"\xF0\x9F\x98\x80\", \"a\xEF\xBF\xBD\", \"\xEF\xBF\xBD\xEF\xBF\xBD b\", \"\\\\ud83d\", "
		"\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"]");
	expect_rewritten("[18446744073709551615, -9223372036854775808]", "[1.8446744073709552e19, -9223372036854775808]");
	expect_refused(span_string("[Nan]"), "line 1");
	expect_refused(span_string("[\"\\ud83\"]"), "line 1");
	expect_refused(span_string("\"\\ud83d"), "line 1");
	assert_int_equal(json_read_line(span_string("[18446744073709551615]"), &limits, &arena, &value, &err), -1);
	arena_free(&arena);
}

/* Names are found by hash: comparing each with all others would take minutes. */
static void many_names(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct value value;
	struct err err;

	(void)state;
	for (int i = 0; i < KEYS_MOST; i++)
		buf_printf(&text, "%s\"k%06d\": %d", i ? ", " : "{", i, i);
	const size_t size = text.size;
	buf_append_string(&text, "}");
	assert_int_equal(json_read(buf_span(&text), &limits, &arena, &value, &err), 0);
	assert_int_equal(value.list.count, KEYS_MOST);
	text.size = size;
	buf_append_string(&text, ", \"one more\": 0}");
	assert_int_equal(json_read(buf_span(&text), &limits, &arena, &value, &err), -1);
	assert_string_equal(err.text, "an object with 65537 names; at most 65536 are supported");
	text.size = size;
	buf_append_string(&text, ", \"k000000\": 0}");
	assert_int_equal(json_read(buf_span(&text), &limits, &arena, &value, &err), -1);
	assert_non_null(strstr(err.text, "duplicate"));
	buf_free(&text);
	arena_free(&arena);
}

static void brackets_in_strings_do_not_count(void **state)
{
	(void)state;
	expect_rewritten("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ \\\" [\"", "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ \\\" [\"");
}

static void base64_both_ways(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const wrong[] = { "Z", "Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Z g=", "Zm\n9" };
	struct buf out = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		buf_clear(&out);
		base64_encode(&out, span_string(pairs[i][0]));
		assert_string_equal(buf_string(&out), pairs[i][1]);
		buf_clear(&out);
		assert_int_equal(base64_decode(&out, span_string(pairs[i][1]), &err), 0);
		assert_string_equal(buf_string(&out), pairs[i][0]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(base64_decode(&out, span_string(wrong[i]), &err), -1);
	buf_free(&out);
}

static struct value read_text(const char *text, struct arena *arena)
{
	const struct limits limits = LIMITS_DEFAULT;
	struct value value;
	struct err err;

	assert_int_equal(json_read(span_string(text), &limits, arena, &value, &err), 0);
	return value;
}

static void equal_values_are_equal(void **state)
{
	static const char *const texts[] = { "null", "true", "false", "1", "1.5", "\"1\"", "\"\"", "[]", "{}", "[1]", "[1,2]", "[2,1]",
		"{\"a\":1}", "{\"b\":1}", "{\"a\":[1]}", "{\"a\":1,\"b\":2}", "9007199254740993", "9007199254740992" };
	const size_t count = sizeof texts / sizeof *texts;
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			struct value a = read_text(texts[i], &arena), b = read_text(texts[k], &arena);
			assert_int_equal(value_equal(&a, &b), i == k);
		}
	struct value whole = value_integer(2), real = value_real(2);
	assert_true(value_equal(&whole, &real));
	assert_true(value_equal(NULL, NULL));
	assert_false(value_equal(&whole, NULL));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_survive),
		cmocka_unit_test(values_that_json_lacks_are_converted),
		cmocka_unit_test(hostile_text_is_refused),
		cmocka_unit_test(what_other_programs_write_is_read),
		cmocka_unit_test(many_names),
		cmocka_unit_test(brackets_in_strings_do_not_count),
		cmocka_unit_test(base64_both_ways),
		cmocka_unit_test(equal_values_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
