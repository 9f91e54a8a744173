#define _XOPEN_SOURCE 700
#include "formats/tensor/safetensors.h"
#include "formats/stream/output.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/test_safetensors.XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static size_t files_in_folder(void)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	for (struct dirent *entry; (entry = readdir(dir));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	return rmdir(folder); /* fails if a test left a file */
}

static int save(const char *path, struct safetensors_item *items, size_t count, const struct value *metadata, struct err *err)
{
	struct output output;

	if (output_open(&output, path, FILE_CHECKPOINT, err))
		return -1;
	if (safetensors_write(output.fd, metadata, items, count, err)) {
		output_discard(&output);
		return -1;
	}
	return output_commit(&output, err);
}

static void reads_what_it_wrote(void **state)
{
	static const float weight[6] = { 1, 2, 3, 4, 5, 6 }, odd[3] = { 7, 8, 9 };
	static const int64_t counter = 12;
	struct safetensors_item items[] = {
		{ "b.weight", "F32", 2, { 2, 3 }, weight },
		{ "a.odd", "F32", 1, { 3 }, odd },
		{ "z.counter", "I64", 0, { 0 }, &counter },
		{ "empty", "F32", 2, { 0, 5 }, NULL },
	};
	struct value metadata = value_map();
	struct arena arena = { 0 };
	struct safetensors file;
	struct err err;
	float read[6];
	int64_t read_counter;

	(void)state;
	value_set(&metadata, "text", value_string("a \"quoted\"\nline"), &arena);
	assert_int_equal(save(in_folder("x"), items, 4, &metadata, &err), 0);
	assert_int_equal(safetensors_open(&file, in_folder("x"), &err), 0);
	assert_int_equal(file.count, 4);
	assert_int_equal(file.data_begins % 8, 0);
	assert_true(span_is(file.tensors[0].name, "z.counter"));
	assert_true(span_is(file.tensors[2].name, "b.weight") && file.tensors[2].shape[1] == 3);
	assert_true(span_is(safetensors_metadata(&file, "text"), "a \"quoted\"\nline"));
	assert_int_equal(safetensors_metadata(&file, "none").size, 0);
	assert_int_equal(safetensors_read(&file, safetensors_find(&file, "b.weight"), read, &err), 0);
	assert_memory_equal(read, weight, sizeof weight);
	assert_int_equal(safetensors_read(&file, safetensors_find(&file, "z.counter"), &read_counter, &err), 0);
	assert_int_equal(read_counter, 12);
	assert_null(safetensors_find(&file, "b.weigh"));
	safetensors_close(&file);
	arena_free(&arena);
	unlink(in_folder("x"));
}

static const struct {
	const char *header;
	uint64_t data;
	const char *reason;
} hostile[] = {
	{ "", 0, "header" },
	{ "[]", 0, "not a map" },
	{ "{\"a\":1}", 0, "a: dtype" },
	{ "{\"a\":{\"dtype\":\"F99\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "a: dtype" },
	{ "{\"a\":{\"dtype\":\"F32F32F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, "a: dtype" },
	{ "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "a: shape" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, "axis 0" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}", 4, "axis 0" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}}", 4, "9 axes" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, "too large" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "data_offsets" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, "data_offsets" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, "data_offsets" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, "shape requires 8" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8, "begins at byte 4" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3, "truncated" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 5, "too long" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
	  "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}",
		12, "b: begins at byte 4" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
	  "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
		8, "duplicate" },
	{ "{\"__metadata__\":{\"a\":1}}", 0, "not a string" },
	{ "{\"__metadata__\":[]}", 0, "not a map" },
	{ "[]", 0, "header: not a map" },
	{ "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[]]]],\"data_offsets\":[0,4]}}", 4, "nested" },
};

static void hostile_headers_are_refused(void **state)
{
	struct safetensors file;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		assert_int_equal(safetensors_parse(&file, span_string(hostile[i].header), hostile[i].data, &err), -1);
		if (!strstr(err.text, hostile[i].reason))
			fail_msg("%s: \"%s\" does not say \"%s\"", hostile[i].header, err.text, hostile[i].reason);
	}
}

static void expect_file_refused(const void *bytes, size_t size, const char *reason)
{
	struct safetensors file;
	struct err err;

	assert_int_equal(output_write_file(in_folder("x"), FILE_CHECKPOINT, span_of(bytes, size), &err), 0);
	assert_int_equal(safetensors_open(&file, in_folder("x"), &err), -1);
	if (!strstr(err.text, reason) || !strstr(err.text, folder))
		fail_msg("\"%s\" does not say \"%s\" and the path", err.text, reason);
	unlink(in_folder("x"));
}

static void broken_files_are_refused(void **state)
{
	struct safetensors file;
	struct err err;

	(void)state;
	expect_file_refused("", 0, "an empty file");
	expect_file_refused("\x01\xff\xff\xff\xff\xff\xff\xff{}", 10, "its header would have 18446744073709551361 bytes");
	expect_file_refused("\x02\0\0\0\0\0\0\0[]", 10, "its header is not JSON");
	expect_file_refused("\x02\0\0\0{", 5, "too short");
	expect_file_refused("\x10\0\0\0\0\0\0\0{}", 10, "truncated: a header of 16 bytes in a file of 10");
	expect_file_refused("\x02\0\0\0\0\0\0\0{}x", 11, "too long");
	assert_int_equal(safetensors_open(&file, in_folder("none"), &err), -1);
	assert_int_equal(safetensors_open(&file, folder, &err), -1);
}

/* A limit on the file size simulates a full disk. */
static void a_full_disk_leaves_nothing(void **state)
{
	static const float data[4096];
	struct safetensors_item item = { "a", "F32", 1, { 4096 }, data };
	struct value metadata = value_map();
	struct rlimit old, small;
	struct err err;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 8000;
	setrlimit(RLIMIT_FSIZE, &small);
	int status = save(in_folder("x"), &item, 1, &metadata, &err);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(status, -1);
	assert_int_equal(files_in_folder(), 0);
	assert_int_equal(save("/dev/full", &item, 1, &metadata, &err), -1);
	assert_non_null(strstr(err.text, "No space"));
	assert_int_equal(save(in_folder("no/x"), &item, 1, &metadata, &err), -1);
	assert_non_null(strstr(err.text, "no/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_wrote),
		cmocka_unit_test(hostile_headers_are_refused),
		cmocka_unit_test(broken_files_are_refused),
		cmocka_unit_test(a_full_disk_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
