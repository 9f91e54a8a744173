#include "formats/stream/file_magic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define HEAD(magic, text) { magic, text, sizeof text - 1 }
static const struct {
	enum magic magic;
	const char *bytes;
	size_t size;
} heads[] = {
	HEAD(MAGIC_EMPTY, ""),
	HEAD(MAGIC_ZEROS, "\0\0\0\0"),
	HEAD(MAGIC_LFS, "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n"),
	HEAD(MAGIC_XML, "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"),
	HEAD(MAGIC_XML, "<Error><Code>NoSuchKey</Code></Error>"),
	HEAD(MAGIC_HTML, "<!DOCTYPE html><html></html>"),
	HEAD(MAGIC_HTML, "\xef\xbb\xbf\r\n <HTML>"),
	HEAD(MAGIC_SVG, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
	HEAD(MAGIC_JSON, " {\"error\": \"Repository not found\"}"),
	HEAD(MAGIC_JSON, "[]"),
	HEAD(MAGIC_TEXT, "404: Not Found"),
	HEAD(MAGIC_TEXT, "BM is a text, and so is \xc3\xbc"),
	HEAD(MAGIC_ZIP, "PK\3\4\24\0\0\0\10\0"),
	HEAD(MAGIC_EXCEL, "PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\23\0\0\0[Content_Types].xml"),
	HEAD(MAGIC_EXCEL, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
	HEAD(MAGIC_ZIP, "PK\5\6\0\0\0\0"),
	HEAD(MAGIC_TORCH, "PK\3\4\0\0\x08\x08\0\0\0\0"),
	HEAD(MAGIC_7Z, "7z\xbc\xaf\x27\x1c\0\4"),
	HEAD(MAGIC_RAR, "Rar!\x1a\7\0"),
	HEAD(MAGIC_GZIP, "\x1f\x8b\x08\0"),
	HEAD(MAGIC_ZSTD, "\x28\xb5\x2f\xfd\0"),
	HEAD(MAGIC_XZ, "\xfd\x37zXZ\0"),
	HEAD(MAGIC_BZIP2, "BZh91AY&SY"),
	HEAD(MAGIC_LZ4, "\x04\x22\x4d\x18\0"),
	HEAD(MAGIC_PARQUET, "PAR1\x15\x04"),
	HEAD(MAGIC_ARROW, "ARROW1\0\0"),
	HEAD(MAGIC_ARROW, "\xff\xff\xff\xff\x10\1\0\0"),
	HEAD(MAGIC_TFRECORD, "\3\0\0\0\0\0\0\0\xb0\x99\x49\x0e"
			     "abc\x62\x57\xf1\x21"),
	HEAD(MAGIC_TFRECORD, "\x18\0\0\0\0\0\0\0\xa3\x7f\x4b\x22\x09\0\0\0"), /* TensorBoard's first record */
	HEAD(MAGIC_RECORDIO, "\x0a\x23\xd7\xce\1\0\0\0"),
	HEAD(MAGIC_LMDB, "\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0\xde\xc0\xef\xbe\1\0\0\0"),
	HEAD(MAGIC_SQLITE, "SQLite format 3\0\x10"),
	HEAD(MAGIC_STREAM, "\x83\xa2"
			   "cc\1\xa4prog"),
	HEAD(MAGIC_SAFETENSORS, "\x10\0\0\0\0\0\0\0{\"a\":{}}"),
	HEAD(MAGIC_PICKLE, "\x80\4\x95\0\0"),
	HEAD(MAGIC_NPY, "\x93NUMPY\1\0"),
	HEAD(MAGIC_HDF5, "\x89HDF\r\n\x1a\n"),
	HEAD(MAGIC_GGUF, "GGUF\3\0\0\0"),
	HEAD(MAGIC_ONNX, "\x08\x07\x12\x07pytorch\x1a"),
	HEAD(MAGIC_JPEG, "\xff\xd8\xff\xe0"),
	HEAD(MAGIC_PNG, "\x89PNG\r\n\x1a\n"),
	HEAD(MAGIC_WEBP, "RIFF\x10\0\0\0WEBPVP8 "),
	HEAD(MAGIC_GIF, "GIF89a"),
	HEAD(MAGIC_BMP, "BM\x46\0\0\0\0\0\0\0\x36"),
	HEAD(MAGIC_TIFF, "II*\0\x08"),
	HEAD(MAGIC_AVIF, "\0\0\0\x1c"
			 "ftypavif"),
	HEAD(MAGIC_HEIC, "\0\0\0\x1c"
			 "ftypheic"),
	HEAD(MAGIC_VIDEO, "\0\0\0\x1c"
			  "ftypisom"),
	HEAD(MAGIC_JXL, "\xff\x0a\1"),
	HEAD(MAGIC_PDF, "%PDF-1.7"),
};

static void files_are_recognised(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		const struct file_magic *magic = file_magic(span_of(heads[i].bytes, heads[i].size));
		if (!magic || magic->magic != heads[i].magic || !magic->what)
			fail_msg("head %zu, '%s': %s", i, heads[i].bytes, magic ? magic->what : "not recognised");
	}
	assert_null(file_magic(span_of("\1\2\3\4", 4)));
	assert_null(file_magic(span_of("abc\0def", 7)));
}

/* Nothing after the end of a short file is read; the sanitizers detect it. */
static void short_files_are_read_safely(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		for (size_t size = 0; size < heads[i].size; size++) {
			unsigned char copy[64];
			if (size > sizeof copy)
				break;
			memcpy(copy + sizeof copy - size, heads[i].bytes, size);
			file_magic(span_of(copy + sizeof copy - size, size));
		}
}

static void refusals_suggest_a_fix(void **state)
{
	struct err err;

	(void)state;
	file_magic_refuse_data(span_string("version https://git-lfs.github.com/spec/v1\n"), "a tar", &err);
	assert_string_equal(err.text, "a Git LFS pointer, not a tar: `git lfs pull` in its repository downloads the file itself");
	file_magic_refuse_data(span_string("hello"), "a tar", &err);
	assert_string_equal(err.text, "a text file, not a tar");
	file_magic_refuse_model(span_of("\1\2\3\4", 4), "a checkpoint", &err);
	assert_string_equal(err.text, "not a checkpoint");
	file_magic_refuse_model(span_of("\x1f\x8b\x08", 3), "a checkpoint", &err);
	assert_string_equal(err.text, "a gzip file, not a checkpoint: `gunzip FILE`, then name the result");
}

static void urls_name_the_command(void **state)
{
	static const char *const urls[][2] = {
		{ "https://example.org/0.tar", "'pipe:curl -sfL https://example.org/0.tar'" },
		{ "HTTP://example.org/{00..17}.tar", "'pipe:curl -sfL HTTP://example.org/{00..17}.tar'" },
		{ "s3://bucket/0.tar", "'pipe:aws s3 cp s3://bucket/0.tar -'" },
		{ "gs://bucket/0.tar", "'pipe:gcloud storage cat gs://bucket/0.tar'" },
		{ "hdfs://host/0.tar", "'pipe:hdfs dfs -cat hdfs://host/0.tar'" },
		{ "https://example.org/0.tar?a=$(date)&b", "'pipe:curl -sfL URL'" }, /* would run a command when pasted */
		{ "what://ever", "'pipe:COMMAND'" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		assert_int_equal(file_magic_refuse_url(span_string(urls[i][0]), &err), -1);
		if (!strstr(err.text, urls[i][1]))
			fail_msg("%s: %s", urls[i][0], err.text);
	}
	assert_int_equal(file_magic_refuse_url(span_string("a/b:c//d.tar"), &err), 0);
	assert_int_equal(file_magic_refuse_url(span_string("://"), &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_recognised),
		cmocka_unit_test(short_files_are_read_safely),
		cmocka_unit_test(refusals_suggest_a_fix),
		cmocka_unit_test(urls_name_the_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
