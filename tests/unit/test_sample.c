#include "formats/tar/sample_name.h"
#include "formats/tar/sample_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name, *key, *field; /* key NULL: not part of a sample */
} names[] = {
	{ "0001.jpg", "0001", "jpg" },
	{ "a/b/0001.seg.png", "a/b/0001", "seg.png" },
	{ "v1.0/0001.jpg", "v1.0/0001", "jpg" }, /* a dot in a folder's name does not start an extension */
	{ "a.JPEG", "a", "JPEG" },
	{ "a..txt", "a", ".txt" },
	{ "x y/\xC3\xBC.cls", "x y/\xC3\xBC", "cls" },
	{ "a b__/c.txt", "a b__/c", "txt" },
	{ "___.txt", "___", "txt" },
	{ "README", NULL, NULL },
	{ "v1.0/README", NULL, NULL },
	{ "a.", NULL, NULL },
	{ ".hidden", NULL, NULL },
	{ "a/._b.jpg", NULL, NULL },
	{ "a/", NULL, NULL },
	{ "", NULL, NULL },
	{ "__cc__", NULL, NULL },
	{ "__meta__/a.txt", NULL, NULL },
	{ "__cc__.txt", "__cc__", "txt" },
};

static void names_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct span key, field;
		bool is = sample_name_split(span_string(names[i].name), &key, &field);
		if (is != (names[i].key != NULL) || (is && (!span_is(key, names[i].key) || !span_is(field, names[i].field))))
			fail_msg("'%s'", names[i].name);
		if (is && sample_name_problem(key, field))
			fail_msg("'%s': %s", names[i].name, sample_name_problem(key, field));
	}
}

/* Names that would not be read back as the same key and field are refused. */
static void names_that_would_not_come_back(void **state)
{
	static const char *const wrong[][2] = { { "a.b", "txt" }, { "a/", "txt" }, { "a", "b/c" }, { "__x__/a", "txt" }, { "./a", "txt" },
		{ "/a", "txt" }, { "a//b", "txt" }, { "a/../b", "txt" }, { ".git/a", "txt" }, { "__MACOSX/a", "txt" },
		{ "u\xCC\x88", "txt" }, { "a/..\\b", "txt" } };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_non_null(sample_name_problem(span_string(wrong[i][0]), span_string(wrong[i][1])));
	assert_non_null(sample_name_problem(span_of("a\0b", 3), span_string("txt")));
	assert_non_null(sample_name_problem(span_string("a/README"), span_string("md")));
	assert_null(sample_name_problem(span_string("__MACOSX"), span_string("jpg")));
	assert_null(sample_name_problem(span_string("a.b/c"), span_string("x.y")));
}

/* Members "name=content", one per block of 512 bytes. */
struct list {
	const char *const *members;
	size_t next;
};

static const char *content_of(const struct list *list)
{
	return strchr(list->members[list->next - 1], '=') + 1;
}

static int next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct list *list = from;
	const char *member = list->members[list->next];

	if (!member)
		return 0;
	if (*member == '!')
		return err_set(err, "truncated");
	*name = span_of(member, strcspn(member, "="));
	*offset = 512 * list->next++;
	*size = strlen(content_of(list));
	return 1;
}

static int skip_content(void *from, uint64_t *end, struct err *err)
{
	(void)err;
	*end = 512 * ((struct list *)from)->next;
	return 0;
}

static int read_content(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	buf_append_string(content, content_of(from));
	return strlen(content_of(from)) > most ? err_set(err, "too large") : skip_content(from, end, err);
}

static struct err err;

/* All samples as "key(name=content,..)@offset-end ", a bad one in brackets, and then the final state. */
static int read_all(const char *const *members, struct limits limits, bool lenient, char *seen)
{
	struct list list = { .members = members };
	struct sample_reader reader;
	struct key_set keys = { 0 };
	struct record record = { 0 };
	int state;

	sample_reader_init(&reader, &(struct member_feed){ next, read_content, skip_content, &list }, &limits);
	reader.seen = &keys;
	reader.lenient = lenient;
	*seen = 0;
	while ((state = sample_read(&reader, &record, &err)) > 0) {
		char *at = seen + strlen(seen);
		at += sprintf(at, state == SAMPLE_BAD ? "[%.*s](" : "%.*s(", (int)record.key.size, (const char *)record.key.data);
		for (size_t i = 0; i < record.count; i++) {
			const struct field *field = &record.fields[i];
			at += sprintf(at, "%s%.*s=", i ? "," : "", (int)field->name.size, (const char *)field->name.data);
			at += field->kind == FIELD_INTEGER ? sprintf(at, "#%d", (int)field->integer)
							   : sprintf(at, "%.*s", (int)field->bytes.size, (const char *)field->bytes.data);
		}
		sprintf(at, ")@%d-%d ", (int)reader.offset, (int)reader.end);
	}
	record_free(&record);
	sample_reader_free(&reader);
	key_set_free(&keys);
	return state;
}

static void expect(const char *const *members, const char *expected, const char *why)
{
	char seen[1000];

	err.text[0] = 0;
	int state = read_all(members, LIMITS_DEFAULT, false, seen);
	if (strcmp(seen, expected) != 0 || state != (why ? -1 : 0) || (why && !strstr(err.text, why)))
		fail_msg("%d: saw '%s', said '%s'", state, seen, err.text);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void neighbours_with_one_key_are_a_sample(void **state)
{
	(void)state;
	expect(LIST("a.txt=x", "a.cls=3", "b.txt=y"), "a(txt=x,cls=#3)@0-1024 b(txt=y)@1024-1536 ", NULL);
	expect(LIST("README=r", "a.txt=x", "__x__=m", ".DS_Store=d", "a.cls=3", "NEWS=n"), "a(txt=x,cls=#3)@512-2560 ", NULL);
	expect(LIST("d.1/a.txt=x", "d.2/a.txt=y"), "d.1/a(txt=x)@0-512 d.2/a(txt=y)@512-1024 ", NULL);
	expect((const char *const[]){ NULL }, "", NULL);
}

static void samples_that_lie_apart_or_stand_twice(void **state)
{
	(void)state;
	expect(LIST("a.jpg=1", "b.jpg=2", "a.txt=3"), "a(jpg=1)@0-512 b(jpg=2)@512-1024 ",
		"sample a: byte 1024: members of the sample are not adjacent: others are at byte 0, before 'b'");
	expect(LIST("a.jpg=1", "b.jpg=2", "a.jpg=3"), "a(jpg=1)@0-512 b(jpg=2)@512-1024 ",
		"sample a: byte 1024: duplicate key, first at byte 0");
	expect(LIST("a.jpg=1", "a.jpg=2"), "", "sample a: byte 512: a second jpg");
	expect(LIST("a.jpg=1", "a.JPG=2"), "", "sample a: byte 512: a second JPG");
}

static void what_cannot_be_used_does_not_stop_the_rest(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	char seen[1000];

	(void)state;
	limits.string = 4;
	assert_int_equal(read_all(LIST("a.txt=12345", "a.cls=1", "b.txt=1234"), limits, false, seen), 0);
	assert_string_equal(seen, "[a](txt=12345,cls=#1)@0-1024 b(txt=1234)@1024-1536 ");
	assert_int_equal(read_all(LIST("abcde.cls=1", "b.txt=1234"), limits, false, seen), 0);
	assert_string_equal(seen, "[abcde]()@0-512 b(txt=1234)@512-1024 ");
	limits = LIMITS_DEFAULT;
	limits.record = 1000;
	char large[1001];
	memset(large, 'x', 1000);
	memcpy(large, "a.bin=", 6);
	large[1000] = 0;
	assert_int_equal(read_all(LIST(large, "a.cls=1", "b.txt=1234"), limits, false, seen), 0);
	assert_string_equal(seen, "[a]()@0-1024 b(txt=1234)@1024-1536 ");
}

static void a_cut_costs_the_sample_it_is_in(void **state)
{
	char seen[1000];

	(void)state;
	expect(LIST("a.txt=x", "b.txt=y", "!"), "a(txt=x)@0-512 ", "sample b: truncated");
	assert_int_equal(read_all(LIST("a.txt=x", "b.txt=y", "!"), LIMITS_DEFAULT, true, seen), -1);
	assert_string_equal(seen, "a(txt=x)@0-512 b(txt=y)@512-1024 ");
	assert_string_equal(err.text, "truncated");
}

static void a_set_of_keys_remembers_places(void **state)
{
	struct key_set set = { 0 };
	char key[32];

	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t where = i;
		sprintf(key, "key %d", (int)i);
		assert_int_equal(key_set_add(&set, span_string(key), &where), 0);
	}
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t where = 7, found = 0;
		sprintf(key, "key %d", (int)i);
		assert_int_equal(key_set_add(&set, span_string(key), &where), 1);
		assert_int_equal(where, i);
		assert_true(key_set_find(&set, span_string(key), &found) && found == i);
	}
	assert_false(key_set_find(&set, span_string("other"), &(uint64_t){ 0 }));
	assert_true(set.capacity < 2 * 20000);
	key_set_clear(&set);
	assert_false(key_set_find(&set, span_string("key 1"), &(uint64_t){ 0 }));
	key_set_free(&set);
}

/* Of 16 bytes XXH3 adds the halves, each mixed with a constant, and their product: with a half that is the constant the product is
 * 0, and the other half can be chosen. */
static void key_set_distinguishes_keys_with_one_hash(void **state)
{
	static const unsigned char secret[] = { 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f, 0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5,
		0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21, 0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e };
	unsigned char a[16], b[16];
	struct key_set set = { 0 };
	uint64_t where = 1;

	(void)state;
	for (int i = 0; i < 8; i++) {
		const unsigned char first = secret[i] ^ secret[8 + i], last = secret[16 + i] ^ secret[24 + i];
		a[i] = first;
		a[8 + i] = last ^ (unsigned char)(i + 1);
		b[i] = first ^ (unsigned char)(8 - i);
		b[8 + i] = last;
	}
	const struct span one = span_of(a, sizeof a), two = span_of(b, sizeof b);
	assert_int_equal(key_hash(one), key_hash(two));
	assert_false(span_equal(one, two));
	assert_int_equal(key_set_add(&set, one, &where), 0);
	assert_false(key_set_find(&set, two, &where));
	where = 2;
	assert_int_equal(key_set_add(&set, two, &where), 0);
	assert_int_equal(key_set_add(&set, one, &where), 1);
	assert_int_equal(where, 1);
	key_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_split),
		cmocka_unit_test(names_that_would_not_come_back),
		cmocka_unit_test(neighbours_with_one_key_are_a_sample),
		cmocka_unit_test(samples_that_lie_apart_or_stand_twice),
		cmocka_unit_test(what_cannot_be_used_does_not_stop_the_rest),
		cmocka_unit_test(a_cut_costs_the_sample_it_is_in),
		cmocka_unit_test(a_set_of_keys_remembers_places),
		cmocka_unit_test(key_set_distinguishes_keys_with_one_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
