#include "formats/tensor/npy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct span golden(const char *name)
{
	static unsigned char bytes[4096];
	char path[200];

	snprintf(path, sizeof path, "tests/golden/npy/%s.npy", name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	return span_of(bytes, size);
}

static const struct {
	const char *name;
	struct field_tensor tensor;
	bool same_head; /* npy_write_head writes the same header */
} cases[] = {
	{ "matrix_f4", { "<f4", 2, { 2, 3 } }, true },
	{ "image_u1", { "|u1", 3, { 4, 4, 3 } }, true },
	{ "vector_i8", { "<i8", 1, { 5 } }, true },
	{ "scalar_f8", { "<f8", 0, { 0 } }, true },
	{ "empty_f2", { "<f2", 2, { 0, 7 } }, true },
	{ "version2", { "<i2", 1, { 5 } }, false },
};

static void reads_and_writes_as_numpy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct span file = golden(cases[i].name), data;
		struct field_tensor tensor;
		struct buf head = { 0 };
		struct err err;
		if (npy_read(file, &tensor, &data, &err))
			fail_msg("%s: %s", cases[i].name, err.text);
		assert_memory_equal(&tensor, &cases[i].tensor, sizeof tensor);
		npy_write_head(&tensor, &head);
		if (cases[i].same_head)
			assert_true(span_equal(buf_span(&head), span_of(file.data, file.size - data.size)));
		buf_free(&head);
	}
}

static void expect_refusal(struct span file, const char *why)
{
	struct field_tensor tensor;
	struct span data;
	struct err err = { "" };

	assert_int_equal(npy_read(file, &tensor, &data, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void refuses_what_it_cannot_say(void **state)
{
	(void)state;
	expect_refusal(golden("fortran"), "Fortran order");
	expect_refusal(golden("bigendian"), ">f4");
	expect_refusal(span_string("hello"), "not a .npy file");
	expect_refusal(span_of("\x93NUMPY\x09\0\0\0", 10), "version 9");
}

/* Truncated at every length, in an allocation of exactly that size, so that the sanitizer detects reads past the end. */
static void refuses_every_cut(void **state)
{
	struct span file = golden("matrix_f4");

	(void)state;
	for (size_t size = 0; size < file.size; size++) {
		unsigned char *copy = malloc(size ? size : 1);
		memcpy(copy, file.data, size);
		expect_refusal(span_of(copy, size), "npy: ");
		free(copy);
	}
}

static struct span made(const char *header)
{
	static unsigned char bytes[1024];
	size_t length = strlen(header);

	memcpy(bytes, "\x93NUMPY\x01\x00", 8);
	bytes[8] = (unsigned char)length;
	bytes[9] = (unsigned char)(length >> 8);
	memcpy(bytes + 10, header, length);
	return span_of(bytes, 10 + length);
}

static void refuses_hostile_headers(void **state)
{
	(void)state;
	expect_refusal(made(""), "header");
	expect_refusal(made("{"), "header");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False}"), "header");
	expect_refusal(made("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), "header");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"), "header");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}"), "header");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}"), "header");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"), "overflow");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': False, 'shape': (7,)}"), "0 bytes of data");
	expect_refusal(made("{'descr': '<f4', 'fortran_order': exit(), 'shape': (7,)}"), "header");
	expect_refusal(made("{'descr': 'unterminated"), "header");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_as_numpy),
		cmocka_unit_test(refuses_what_it_cannot_say),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(refuses_hostile_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
