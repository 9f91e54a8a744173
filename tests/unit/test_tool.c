/* The tool framework. */
#include "tools/cli/tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A reason is kept once, however many records have it; those beyond the hundredth are counted together. */
static void reasons_take_no_memory(void **state)
{
	enum { MANY = 2000, KINDS = 200 };
	const struct tool_about about = { .name = "test" };
	struct tool tool = { .about = &about, .bad_reasons = value_map() };
	char reason[64];

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		snprintf(reason, sizeof reason, "reason %d", i);
		assert_int_equal(tool_keep_bad(&tool, span_string("key"), reason), 0);
	}
	const size_t before = tool.arena.peak;
	for (int i = 0; i < MANY; i++)
		assert_int_equal(tool_keep_bad(&tool, span_string("key"), i % 2 ? "reason 7" : "another"), 0);
	assert_int_equal(tool.arena.peak, before);
	assert_int_equal(value_integer_or(value_get(&tool.bad_reasons, "reason 7"), 0), 1 + MANY / 2);
	assert_int_equal(value_integer_or(value_get(&tool.bad_reasons, "other"), 0), KINDS - 100 + MANY / 2);
	assert_int_equal(tool.bad_reasons.list.count, 101);
	arena_free(&tool.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_take_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
