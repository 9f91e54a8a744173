#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "golden.h"
#include "text/html.h"
#include "text/normalise.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <utf8proc.h>

static void equals_golden(const char *path, int least, int (*change)(struct buf *, struct span, struct err *))
{
	struct buf golden = golden_read(path), in = { 0 }, expected = { 0 }, out = { 0 };
	struct span rest = buf_span(&golden);
	struct err err;
	int lines = 0;

	for (; rest.size; lines++) {
		golden_unhex(&in, golden_cut(&rest, '\t'));
		golden_unhex(&expected, golden_cut(&rest, '\n'));
		buf_clear(&out);
		assert_int_equal(change(&out, buf_span(&in), &err), 0);
		if (!span_equal(buf_span(&out), buf_span(&expected)))
			fail_msg("line %d: '%s' became '%s', expected '%s'", lines + 1, buf_string(&in), buf_string(&out),
				buf_string(&expected));
	}
	assert_true(lines >= least);
	buf_free(&golden);
	buf_free(&in);
	buf_free(&expected);
	buf_free(&out);
}

/* Python's result for each line: tests/golden/bpe.py. */
static void equals_python(void **state)
{
	(void)state;
	equals_golden("tests/golden/normalise.tsv", 40, text_normalise);
}

/* Mojibake in ten encodings, damaged in many ways: tests/golden/repair.py. */
static void repairs_as_ftfy_does(void **state)
{
	(void)state;
	equals_golden("tests/golden/repair.tsv", 900, text_repair);
}

static void names_the_wrong_byte(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = { { "abc\xFF", "byte 3" }, { "\xC0\xAF", "byte 0" }, { "a\xED\xA0\x80", "byte 1" }, { "\xF4\x90\x80\x80", "byte 0" },
		{ "ab\xE2\x82", "byte 2" } };
	struct buf out = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(text_normalise(&out, span_string(cases[i].text), &err), -1);
		assert_non_null(strstr(err.text, cases[i].where));
	}
	assert_int_equal(out.size, 0);
	buf_free(&out);
}

/* Prefixes of hostile text: nothing after the end of the buffer may be read. */
static void accepts_every_prefix(void **state)
{
	static const char text[] = "&#x41;&#65;&amp;&notin;&NotEqualTilde;\xCE\xA3'\xCE\xA3\xC4\xB0 \xE2\x82\xAC&";
	struct buf out = { 0 };
	struct err err;

	(void)state;
	for (size_t size = 0; size < sizeof text; size++) {
		struct buf exact = { 0 };
		buf_append(&exact, text, size);
		struct span span = buf_span(&exact);
		int expected = utf8_first_error(span) == size ? 0 : -1;
		assert_int_equal(text_normalise(&out, span, &err), expected);
		html_unescape(&out, span);
		buf_free(&exact);
	}
	buf_free(&out);
}

/* Letters, Hangul, and marks of many classes in random order: as utf8proc composes them, which sorts marks in quadratic time. */
static void composes_as_utf8proc_does(void **state)
{
	static const int32_t few[] = { 'e', 'A', 0xE9, 0x301, 0x327, 0x328, 0x30A, 0x345, 0x5B0, 0x5B1, 0x64B, 0x93C, 0x94D, 0x1100, 0x1161,
		0x11A8, 0xAC00, 0x3B1, 0x1FB3, 0x212B, 0xFB1D, 0x1D15E, 0x302A, 0x1D165 };
	uint32_t seed = 7;
	struct err err;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct buf text = { 0 }, out = { 0 };
		utf8proc_uint8_t *expected = NULL;
		for (int i = 0; i < round % 200; i++) {
			seed = seed * 1664525 + 1013904223;
			utf8_append(&text, few[(seed >> 16) % (sizeof few / sizeof *few)]);
		}
		assert_int_equal(text_compose(&out, buf_span(&text), &err), 0);
		utf8proc_ssize_t size = utf8proc_map(text.data, (utf8proc_ssize_t)text.size, &expected, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
		assert_true(text.size == 0 || size >= 0);
		assert_int_equal(out.size, text.size ? (size_t)size : 0);
		assert_true(out.size == 0 || memcmp(out.data, expected, out.size) == 0);
		free(expected);
		buf_free(&text);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_python),
		cmocka_unit_test(repairs_as_ftfy_does),
		cmocka_unit_test(names_the_wrong_byte),
		cmocka_unit_test(accepts_every_prefix),
		cmocka_unit_test(composes_as_utf8proc_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
