/* PyTorch files compared with what PyTorch reads from them (tests/golden/torch_pt.py), and files that must be refused. */
#define _XOPEN_SOURCE 700
#include "formats/tensor/pickle.h"
#include "formats/tensor/torch_pt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define FOLDER "tests/golden/torch_pt/"

struct lines {
	char *items[64];
	size_t count;
};

/* As torch_pt.py writes it: name, dtype, shape, bytes in hex. */
static int take(void *context, const struct torch_tensor *tensor, const void *data, struct err *err)
{
	struct lines *lines = context;
	struct buf line = { 0 };

	(void)err;
	buf_append_span(&line, tensor->name);
	buf_printf(&line, " %s ", tensor->dtype);
	for (size_t i = 0; i < tensor->rank; i++)
		buf_printf(&line, "%s%zu", i ? "x" : "", tensor->shape[i]);
	buf_printf(&line, tensor->rank ? " " : "- ");
	for (size_t i = 0; i < tensor->bytes; i++)
		buf_printf(&line, "%02x", ((const unsigned char *)data)[i]);
	buf_printf(&line, tensor->bytes ? "\n" : "-\n");
	assert_true(lines->count < 64);
	lines->items[lines->count++] = strdup(buf_string(&line));
	buf_free(&line);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void check_file(const char *name)
{
	struct lines lines = { 0 };
	struct torch_sink sink = { .context = &lines, .take = take };
	struct torch_pt file;
	struct err err = { "" };
	char path[200], line[4096];

	snprintf(path, sizeof path, FOLDER "%s.pt", name);
	assert_int_equal(torch_pt_open(&file, path, &err), 0);
	assert_int_equal(torch_pt_read(&file, &sink, &err), 0);
	assert_int_equal(file.scripted, strcmp(name, "script") == 0);
	qsort(lines.items, lines.count, sizeof *lines.items, compare);
	snprintf(path, sizeof path, FOLDER "%s.txt", name);
	FILE *expected = fopen(path, "r");
	assert_non_null(expected);
	for (size_t i = 0; i < lines.count; i++) {
		assert_non_null(fgets(line, sizeof line, expected));
		assert_string_equal(lines.items[i], line);
		free(lines.items[i]);
	}
	assert_null(fgets(line, sizeof line, expected));
	fclose(expected);
	torch_pt_close(&file);
}

static void as_pytorch_reads_them(void **state)
{
	static const char *const names[] = { "state_dict", "training", "script", "odd", "parameter", "inert-2", "inert-4", "wrapped" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_file(names[i]);
}

static void refused(const char *path, const char *why)
{
	struct torch_pt file;
	struct err err = { "" };

	assert_int_equal(torch_pt_open(&file, path, &err), -1);
	torch_pt_close(&file);
	if (!strstr(err.text, why))
		fail_msg("%s, without: %s", err.text, why);
	assert_non_null(strstr(err.text, path));
}

static void what_is_refused(void **state)
{
	(void)state;
	refused(FOLDER "refused-module.pt",
		"no tensors, but an object of class torch.nn.modules.linear.Linear, which only code can construct; save the model");
	refused(FOLDER "refused-old.pt", "written by PyTorch before 1.6");
	refused(FOLDER "refused-expanded.pt", "a: is larger than its storage of 3 numbers");
	refused(FOLDER "odd.txt", "not a PyTorch checkpoint");
	refused(FOLDER "none.pt", "No such file");
}

/* Objects that only code could construct are reported, and the other tensors are read. */
static void inert_values(void **state)
{
	struct torch_pt file;
	struct err err;

	(void)state;
	assert_int_equal(torch_pt_open(&file, FOLDER "call.pt", &err), 0);
	assert_int_equal(file.count, 1);
	assert_int_equal(file.inert_count, 1);
	assert_true(span_is(file.inert[0].name, "b"));
	assert_true(span_is(file.inert[0].maker, "posix.system"));
	torch_pt_close(&file);
	assert_int_equal(access("OWNED", F_OK), -1);

	assert_int_equal(torch_pt_open(&file, FOLDER "inert-2.pt", &err), 0);
	size_t tensors = 0;
	for (size_t i = 0; i < file.inert_count; i++)
		tensors += span_is(file.inert[i].name, "sparse") || span_is(file.inert[i].name, "complex-tensor") ||
			   span_is(file.inert[i].name, "negated");
	assert_int_equal(tensors, 3);
	torch_pt_close(&file);
}

/* The first `share` of the file's bytes. */
static void cut(const char *name, double share, const char *to)
{
	char bytes[16384];
	FILE *from = fopen(name, "rb"), *out = fopen(to, "wb");
	size_t size = fread(bytes, 1, sizeof bytes, from);

	fwrite(bytes, 1, (size_t)((double)size * share), out);
	fclose(from);
	fclose(out);
}

static void truncated_files(void **state)
{
	char path[] = "/tmp/test_torch_pt.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (double share = .1; share < 1; share += .2) {
		cut(FOLDER "training.pt", share, path);
		refused(path, path);
	}
	unlink(path);
}

static const char *pickle_error(const char *bytes, size_t size)
{
	static struct err err;
	struct arena arena = { 0 };

	err.text[0] = 0;
	pickle_read(span_of(bytes, size), &arena, &err);
	arena_free(&arena);
	return err.text;
}

#define ERROR_OF(bytes) pickle_error(bytes, sizeof(bytes) - 1)

static void pickles_with_wrong_counts(void **state)
{
	(void)state;
	assert_string_equal(ERROR_OF("\x80\x02K\x01."), "");
	assert_string_equal(ERROR_OF(""), "byte 0: the pickle is truncated");
	assert_string_equal(ERROR_OF("."), "byte 0: stack underflow");
	assert_string_equal(ERROR_OF("K\x01(0."), "byte 3: stack underflow");
	assert_string_equal(ERROR_OF("K\x01K\x02(s."), "byte 5: stack underflow");
	assert_string_equal(ERROR_OF("u."), "byte 0: no mark on the stack");
	assert_string_equal(ERROR_OF("}(K\x01u."), "byte 4: a key without a value");
	assert_string_equal(ERROR_OF("](K\x01K\x02u."), "byte 6: adds keys to a value that is not a dict");
	assert_string_equal(ERROR_OF("X\xff\xff\xff\xff."), "byte 0: the pickle is truncated");
	assert_string_equal(ERROR_OF("h\x05."), "byte 0: a memo entry that does not exist");
	assert_string_equal(ERROR_OF("Nr\xff\xff\xff\xff."), "byte 1: a memo entry is out of order");
	assert_string_equal(ERROR_OF("cos\nsystem\n)R."), "");
	assert_string_equal(ERROR_OF("\x8c\x02os\x8c\x06system\x93)\x81}b."), "");
	assert_string_equal(ERROR_OF("K\x01)R."), "");
	assert_string_equal(ERROR_OF("cos\nsystem\n)}\x92."), "");
	assert_string_equal(ERROR_OF("\x96\x02\0\0\0\0\0\0\0ab."), "");
	assert_string_equal(ERROR_OF("\x8a\x09"
				     "123456789."),
		"");
	assert_string_equal(ERROR_OF("\x8b\xff\xff\xff\xff."), "byte 0: the pickle is truncated");
	assert_string_equal(ERROR_OF("I12\n."), "byte 0: opcode 0x49 is not one that PyTorch writes");
}

/* The number of values is limited, and so is the number of references to them. */
static void lists_that_only_repeat(void **state)
{
	enum { MANY = (1 << 20) + 1 };
	char *memo = malloc(MANY + 2), *list = malloc(2 * MANY + 1);

	(void)state;
	assert_true(memo && list);
	memo[0] = ']';
	memset(memo + 1, '\x94', MANY); /* MEMOIZE */
	memo[MANY + 1] = '.';
	assert_string_equal(pickle_error(memo, MANY + 2), "byte 1048577: a list or memo of more than 1,048,576 values");
	memo[MANY] = '.';
	assert_string_equal(pickle_error(memo, MANY + 1), "");
	list[0] = ']';
	for (size_t i = 0; i < MANY; i++)
		memcpy(list + 1 + 2 * i, "2a", 2); /* DUP, APPEND: the list into itself */
	assert_string_equal(pickle_error(list, 2 * MANY + 1), "byte 2097154: a list or memo of more than 1,048,576 values");
	free(memo);
	free(list);
}

static void numbers_of_pickles(void **state)
{
	struct arena arena = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(pickle_read(span_of("J\xfe\xff\xff\xff.", 6), &arena, &err)->integer, -2);
	assert_int_equal(pickle_read(span_of("\x8a\x02\x00\x80.", 5), &arena, &err)->integer, -32768);
	assert_int_equal(pickle_read(span_of("\x8a\x03\x00\x80\x00.", 6), &arena, &err)->integer, 32768);
	assert_true(pickle_read(span_of("G\x3f\xf8\0\0\0\0\0\0.", 10), &arena, &err)->real == 1.5);
	struct pickle *dict = pickle_read(span_of("}(U\x01xNX\1\0\0\0xK\1X\1\0\0\0xK\2u.", 26), &arena, &err);
	assert_int_equal(pickle_get(dict, "x")->integer, 2);
	assert_null(pickle_get(dict, "y"));
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_pytorch_reads_them),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(inert_values),
		cmocka_unit_test(lists_that_only_repeat),
		cmocka_unit_test(truncated_files),
		cmocka_unit_test(pickles_with_wrong_counts),
		cmocka_unit_test(numbers_of_pickles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
