#include "formats/tar/tar.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct err err;

static int file_of(const void *bytes, size_t size)
{
	char name[] = "/tmp/test_tar.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	assert_int_equal(write(fd, bytes, size), size);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static struct buf bytes_of(int fd)
{
	struct buf bytes = { 0 };
	off_t size = lseek(fd, 0, SEEK_END);

	assert_non_null(buf_reserve(&bytes, (size_t)size));
	assert_int_equal(pread(fd, bytes.data, (size_t)size, 0), size);
	bytes.size = (size_t)size;
	lseek(fd, 0, SEEK_SET);
	return bytes;
}

static char long_key[306], very_long[1006];
static const struct {
	const char *name;
	size_t size;
} members[] = {
	{ "a/one.txt", 5 },
	{ "a/one.bin", 3000 },
	{ "b.c/two.txt", 0 },
	{ long_key, 10 },
	{ very_long, 512 },
	{ "Z\xC3\xBCrich/\xE6\x97\xA5\xE6\x9C\xAC.txt", 1 },
	{ "latin1 \xE9.txt", 2 },
};
enum { MEMBERS = sizeof members / sizeof *members };

static void fill(unsigned char *content, size_t size, size_t number)
{
	for (size_t i = 0; i < size; i++)
		content[i] = (unsigned char)(i * 7 + number);
}

static int make_tar(void)
{
	struct tar_writer writer;
	unsigned char content[4096];
	int fd = file_of("", 0);

	memset(long_key, 'k', sizeof long_key - 1);
	memset(very_long, 'v', sizeof very_long - 1);
	memcpy(long_key + sizeof long_key - 5, ".txt", 5);
	memcpy(very_long + sizeof very_long - 5, ".txt", 5);
	long_key[150] = '/';
	assert_int_equal(tar_writer_open(&writer, fd, &err), 0);
	for (size_t i = 0; i < MEMBERS; i++) {
		fill(content, members[i].size, i);
		size_t half = members[i].size / 2;
		assert_int_equal(tar_write(&writer, span_string(members[i].name), span_of(content, half),
					 span_of(content + half, members[i].size - half), &err),
			0);
	}
	assert_int_equal(tar_writer_finish(&writer, &err), 0);
	assert_int_equal(writer.size, lseek(fd, 0, SEEK_END));
	tar_writer_free(&writer);
	assert_int_equal(writer.size, lseek(fd, 0, SEEK_END));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void check_member(struct tar_reader *reader, const struct tar_member *member, size_t number)
{
	struct buf content = { 0 };
	unsigned char expected[4096];

	assert_true(span_is(member->name, members[number].name));
	assert_int_equal(member->kind, TAR_FILE);
	assert_int_equal(member->size, members[number].size);
	assert_int_equal(tar_read(reader, &content, members[number].size, &err), 0);
	fill(expected, members[number].size, number);
	assert_true(span_equal(buf_span(&content), span_of(expected, members[number].size)));
	buf_free(&content);
}

static void what_is_written_is_read(void **state)
{
	struct tar_reader reader, pieces;
	struct tar_member member;
	uint64_t begins[MEMBERS], ends[MEMBERS];
	int fd = make_tar();

	(void)state;
	assert_int_equal(tar_open(&reader, fd, &err), 0);
	for (size_t i = 0; i < MEMBERS; i++) {
		assert_int_equal(tar_next(&reader, &member, &err), 1);
		check_member(&reader, &member, i);
		begins[i] = member.offset;
		ends[i] = tar_end(&reader);
		assert_true(i == 0 || begins[i] == ends[i - 1]);
	}
	assert_int_equal(tar_next(&reader, &member, &err), 0);
	assert_int_equal(tar_next(&reader, &member, &err), 0);
	tar_close(&reader);
	/* The same by offset, backwards. */
	assert_int_equal(tar_open_pieces(&pieces, &err), 0);
	for (size_t i = MEMBERS; i-- > 0;) {
		tar_piece(&pieces, fd, begins[i], ends[i] - begins[i]);
		assert_int_equal(tar_next(&pieces, &member, &err), 1);
		assert_false(members[i].size > 0 && tar_piece_done(&pieces));
		check_member(&pieces, &member, i);
		assert_true(tar_piece_done(&pieces));
	}
	tar_close(&pieces);
	close(fd);
}

static void bytes_depend_on_the_content_alone(void **state)
{
	int first = make_tar();
	struct buf a = bytes_of(first);
	sleep(1); /* a timestamp would make a difference */
	int second = make_tar();
	struct buf b = bytes_of(second);

	(void)state;
	assert_true(span_equal(buf_span(&a), buf_span(&b)));
	buf_free(&a);
	buf_free(&b);
	close(first);
	close(second);
}

/* Reads a tar to its end.  0: complete. */
static int go_through(const void *bytes, size_t size, bool skip)
{
	struct tar_reader reader;
	struct tar_member member;
	struct buf content = { 0 };
	int fd = file_of(bytes, size), state;

	err.text[0] = 0;
	state = tar_open(&reader, fd, &err) ? -1 : 1;
	while (state == 1 && (state = tar_next(&reader, &member, &err)) == 1) {
		buf_clear(&content);
		if (skip ? tar_skip(&reader, &err) : tar_read(&reader, &content, 1 << 20, &err))
			state = -1;
	}
	tar_close(&reader);
	buf_free(&content);
	close(fd);
	return state;
}

/* Truncation is detected anywhere: in a member, in its padding, between members or in the end blocks. */
static void notices_every_cut(void **state)
{
	int fd = make_tar();
	struct buf tar = bytes_of(fd);

	(void)state;
	for (size_t size = 0; size < tar.size; size += size % 512 == 511 || size % 512 == 0 ? 1 : 510) {
		for (int skip = 0; skip < 2; skip++)
			if (go_through(tar.data, size, skip) != -1 || !err.text[0])
				fail_msg("cut at %zu of %zu, skip %d: '%s'", size, tar.size, skip, err.text);
	}
	assert_int_equal(go_through(tar.data, tar.size, false), 0);
	assert_int_equal(go_through(tar.data, tar.size, true), 0);
	buf_free(&tar);
	close(fd);
}

static void expect_refusal(const void *bytes, size_t size, const char *why)
{
	if (go_through(bytes, size, false) != -1 || !strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void names_what_is_no_tar(void **state)
{
	static char zeros[10240];
	int fd = make_tar();
	struct buf tar = bytes_of(fd);
	const size_t size = tar.size;

	(void)state;
	expect_refusal("", 0, "empty: 0 bytes");
	expect_refusal(zeros, 10240, "all of its 10240 bytes are zero");
	expect_refusal(zeros, 100, "all of its 100 bytes are zero");
	expect_refusal("hello, this is text", 19, "not a tar");
	expect_refusal(tar.data, size - 1024, "no end-of-archive blocks");
	expect_refusal(tar.data, size - 512, "no end-of-archive blocks");
	buf_append(&tar, zeros, sizeof zeros);
	assert_int_equal(go_through(tar.data, tar.size, false), 0); /* tars may be padded with zeros */
	tar.data[tar.size - 1] = 1;
	expect_refusal(tar.data, tar.size, "after the end of the archive");
	tar.size = size;
	buf_append(&tar, tar.data, 0);
	assert_non_null(buf_reserve(&tar, size));
	memcpy(tar.data + size, tar.data, size);
	expect_refusal(tar.data, 2 * size, "after the end of the archive");
	tar.data[512 + 512 + 148] ^= 1; /* the second member's checksum */
	expect_refusal(tar.data, size, "byte 1024");
	buf_free(&tar);
	close(fd);
}

static void a_member_may_be_too_large(void **state)
{
	struct tar_reader reader;
	struct tar_member member;
	struct buf content = { 0 };
	int fd = make_tar();

	(void)state;
	assert_int_equal(tar_open(&reader, fd, &err), 0);
	assert_int_equal(tar_next(&reader, &member, &err), 1);
	assert_int_equal(tar_read(&reader, &content, 4, &err), -1);
	assert_non_null(strstr(err.text, "at most 4"));
	tar_close(&reader);
	buf_free(&content);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(bytes_depend_on_the_content_alone),
		cmocka_unit_test(notices_every_cut),
		cmocka_unit_test(names_what_is_no_tar),
		cmocka_unit_test(a_member_may_be_too_large),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
