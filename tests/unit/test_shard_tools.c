#include "formats/source/source_names.h"
#include "formats/dataset/record_filter.h"
#include "formats/dataset/set_writer.h"
#include "formats/dataset/set_check.h"

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

static const struct {
	const char *pattern, *names;
} braces[] = {
	{ "a.tar", "a.tar" },
	{ "a-{0..3}.tar", "a-0.tar a-1.tar a-2.tar a-3.tar" },
	{ "a-{008..011}.tar", "a-008.tar a-009.tar a-010.tar a-011.tar" },
	{ "{3..1}", "3 2 1" },
	{ "{0..1}{0..2}", "00 01 02 10 11 12" },
	{ "{a,b}-{1,2}", "a-1 a-2 b-1 b-2" },
	{ "x{a,b{1..2},}y", "xay xb1y xb2y xy" },
	{ "{a}", "{a}" },
	{ "{0..}", "{0..}" },
	{ "{a..c}", "{a..c}" },
	{ "a{b", "a{b" },
	{ "{{0..1}", "{0 {1" },
	{ "}{1..2}{", "}1{ }2{" },
	{ "{5..5}", "5" },
	{ "", "" },
};

static void braces_are_expanded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof braces / sizeof *braces; i++) {
		struct arena arena = { 0 };
		struct names names = { 0 };
		struct buf joined = { 0 };
		assert_int_equal(braces_expand(&names, braces[i].pattern, &arena, &err), 0);
		for (size_t j = 0; j < names.count; j++)
			buf_printf(&joined, "%s%s", j ? " " : "", names.items[j]);
		assert_string_equal(buf_string(&joined), braces[i].names);
		buf_free(&joined);
		arena_free(&arena);
	}
}

static void braces_have_their_limits(void **state)
{
	struct arena arena = { 0 };
	struct names names = { 0 };

	(void)state;
	assert_int_equal(braces_expand(&names, "{0..9999}{0..9999}", &arena, &err), -1);
	assert_non_null(strstr(err.text, "more than"));
	arena_free(&arena);
}

static const struct {
	const char *pattern, *name; /* of shard 7; NULL: refused */
} patterns[] = {
	{ "a-%04d.tar", "a-0007.tar" },
	{ "a-%d.tar", "a-7.tar" },
	{ "a.tar", "a.tar" },
	{ "100%%-%02d.tar", "100%-07.tar" },
	{ "100%%.tar", "100%.tar" },
	{ "%s.tar", NULL },
	{ "%n", NULL },
	{ "a-%4d.tar", NULL },
	{ "a%", NULL },
	{ "%d-%d", NULL },
	{ "%0999999999999999999999d", NULL },
	{ "%-4d", NULL },
	{ "%ld", NULL },
	{ "%*d", NULL },
	{ "% d", NULL },
};

static void patterns_name_shards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct pattern pattern;
		struct buf name = { 0 };
		int result = pattern_parse(&pattern, patterns[i].pattern, &err);
		if (result != (patterns[i].name ? 0 : -1))
			fail_msg("'%s'", patterns[i].pattern);
		if (result == 0) {
			pattern_name(&pattern, 7, &name);
			assert_string_equal((const char *)name.data, patterns[i].name);
		}
		buf_free(&name);
	}
}

static void choices_count_what_they_take(void **state)
{
	(void)state;
	for (uint64_t records = 0; records < 12; records++)
		for (uint64_t parts = 1; parts < 5; parts++)
			for (uint64_t skip = 0; skip < 4; skip++)
				for (uint64_t take = 0; take < 5; take++) {
					struct choice choice = {
						.part = parts - 1, .parts = parts, .skip = skip, .take = take ? take : UINT64_MAX
					};
					struct record record = { 0 };
					uint64_t taken = 0, predicted = records;
					enum choice_next next = CHOICE_READ;
					for (uint64_t i = 0; i < records && (next = choice_next(&choice)) != CHOICE_STOP; i++)
						taken += next == CHOICE_READ && choice_takes(&choice, &record);
					assert_true(choice_count(&choice, &predicted));
					assert_int_equal(taken, predicted);
				}
}

static void choices_are_parsed(void **state)
{
	struct choice choice = { 0 };

	(void)state;
	assert_int_equal(choice_split(&choice, "2/3", &err), 0);
	assert_true(choice.part == 2 && choice.parts == 3);
	static const char *const wrong[] = { "3/3", "0/0", "/3", "1/", "1", "-1/3", "1/3x", "x/3", "1/ 3", "" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		if (choice_split(&choice, wrong[i], &err) != -1)
			fail_msg("'%s'", wrong[i]);
	assert_int_equal(choice_fields(&choice, "jpg,TXT", &err), 0);
	assert_true(choice_wants(&choice, span_string("JPG"), 0) && choice_wants(&choice, span_string("txt"), 0));
	assert_false(choice_wants(&choice, span_string("cls"), 0));
	assert_int_equal(choice_fields(&choice, "a,,b", &err), -1);
}

static void a_path_finds_its_neighbours(void **state)
{
	static const struct {
		const char *path;
		uint64_t shard, other;
		const char *expected;
	} cases[] = {
		{ "a-0003.tar", 3, 12, "a-0012.tar" },
		{ "d.3/a-3.tar", 3, 4, "d.3/a-4.tar" },
		{ "3-of-10-0003.tar", 3, 4, "3-of-10-0004.tar" },
		{ "a-0003-of-0010.tar", 3, 4, "a-0004-of-0010.tar" },
		{ "a.tar", 0, 1, NULL },
		{ "3/a.tar", 3, 4, NULL },
		{ "a-99.tar", 99, 100, "a-100.tar" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *path = set_path(cases[i].path, cases[i].shard, cases[i].other);
		if ((path == NULL) != (cases[i].expected == NULL) || (path && strcmp(path, cases[i].expected) != 0))
			fail_msg("%s: %s", cases[i].path, path ? path : "nothing");
		free(path);
	}
}

/* Shards as "NUMBER" of ten records each with the digest 1; E: with __end__; x: another run's header. */
static int check(const char *shards, bool heads_only)
{
	struct set_check set = { .heads_only = heads_only };
	struct arena arena = { 0 };
	struct shard_head head = { .present = true, .counted = true, .records = 10, .digest = { 0, 1 } };
	int state = 0;

	for (const char *at = shards; *at && state == 0; at++) {
		char path[64];
		uint64_t number = (uint64_t)(*at - '0');
		head.shard = number;
		head.header = value_map();
		value_set(&head.header, "run", value_integer(at[1] == 'x'), &arena);
		at += at[1] == 'x';
		snprintf(path, sizeof path, "/nowhere/at/all/a-%d.tar", (int)number);
		state = set_check_head(&set, path, &head, &err);
		bool ends = at[1] == 'E';
		at += ends;
		struct shard_end end = { .shards = number + 1, .records = 10 * (number + 1), .written = { 0, number + 1 } };
		if (state == 0 && !heads_only)
			state = set_check_end(&set, ends ? &end : NULL, &err);
	}
	if (state == 0)
		state = set_check_finish(&set, &err);
	set_check_free(&set);
	arena_free(&arena);
	return state;
}

static void sets_are_whole_or_not(void **state)
{
	static const struct {
		const char *shards, *why;
	} cases[] = {
		{ "012E", NULL },
		{ "0E", NULL },
		{ "01E0E", NULL },
		{ "0E012E", NULL },
		{ "02E", "shard 1 of the set is missing" },
		{ "12E", "shard 0 of the set is missing" },
		{ "01", "without __end__" },
		{ "010E", "without __end__" },
		{ "01x2E", "another run" },
		{ "01E2", "was the last" },
		{ "3E", "shard 0 of the set is missing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		err.text[0] = 0;
		int result = check(cases[i].shards, false);
		if (result != (cases[i].why ? -1 : 0) || (cases[i].why && !strstr(err.text, cases[i].why)))
			fail_msg("%s: %d '%s'", cases[i].shards, result, err.text);
	}
	assert_int_equal(check("01", true), 0);
	assert_int_equal(check("02", true), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(braces_are_expanded),
		cmocka_unit_test(braces_have_their_limits),
		cmocka_unit_test(patterns_name_shards),
		cmocka_unit_test(choices_count_what_they_take),
		cmocka_unit_test(choices_are_parsed),
		cmocka_unit_test(a_path_finds_its_neighbours),
		cmocka_unit_test(sets_are_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
