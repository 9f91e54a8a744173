#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/map.h"

#include <stdio.h>

static void numbers_keys_in_order(void **state)
{
	struct map map = { 0 };
	char key[32];

	(void)state;
	assert_int_equal(map_find(&map, span_string("x")), MAP_NONE);
	for (int64_t i = 0; i < 10000; i++) {
		snprintf(key, sizeof key, "key %d", (int)i);
		assert_int_equal(map_add(&map, span_string(key)), i);
		assert_int_equal(map_add(&map, span_string("key 0")), 0);
	}
	assert_int_equal(map.count, 10000);
	for (int64_t i = 0; i < 10000; i++) {
		snprintf(key, sizeof key, "key %d", (int)i);
		assert_int_equal(map_find(&map, span_string(key)), i);
		assert_true(span_is(map_key(&map, (size_t)i), key));
	}
	assert_int_equal(map_find(&map, span_string("key 10000")), MAP_NONE);
	map_free(&map);
}

static void takes_any_bytes(void **state)
{
	struct map map = { 0 };

	(void)state;
	assert_int_equal(map_add(&map, span_of(NULL, 0)), 0);
	assert_int_equal(map_add(&map, span_of("\0", 1)), 1);
	assert_int_equal(map_add(&map, span_of("\0\0", 2)), 2);
	assert_int_equal(map_find(&map, span_of("", 0)), 0);
	assert_int_equal(map_find(&map, span_of("\0", 1)), 1);
	map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_keys_in_order), cmocka_unit_test(takes_any_bytes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
