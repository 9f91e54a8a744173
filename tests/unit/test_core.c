/* libcommon/core: rng, arena, buf, err, value, pool. */
#include "core/arena.h"
#include "core/buf.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/value.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The published test vectors of Philox 4x32-10 (Random123, kat_vectors), given as counter, key -> block. */
static void test_philox_known_answers(void **state)
{
	static const struct {
		uint32_t counter[4], key[2], block[4];
	} known[] = {
		{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
			{ 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
			{ 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct rng rng = { 0 };
		memcpy(rng.counter, known[i].counter, sizeof rng.counter);
		memcpy(rng.key, known[i].key, sizeof rng.key);
		for (int word = 3; word >= 0; word--)
			assert_int_equal(rng_u32(&rng), known[i].block[word]);
	}
}

static void test_rng_depends_on_all_four(void **state)
{
	struct span key = span_string("k"), other = span_string("l");
	struct rng rngs[] = { rng_for(1, key, 0, "a"), rng_for(2, key, 0, "a"), rng_for(1, other, 0, "a"), rng_for(1, key, 1, "a"),
		rng_for(1, key, 0, "b"), rng_for(1, (struct span){ 0 }, 0, "a") };
	struct rng again = rng_for(1, key, 0, "a");
	uint64_t first[6];

	(void)state;
	for (int i = 0; i < 6; i++) {
		first[i] = rng_u64(&rngs[i]);
		for (int j = 0; j < i; j++)
			assert_true(first[i] != first[j]);
	}
	assert_true(rng_u64(&again) == first[0]);
}

static void test_rng_distributions(void **state)
{
	enum { N = 60000 };
	struct rng rng = rng_for(7, span_string("distribution"), 0, "test");
	int dice[6] = { 0 };
	double sum = 0, squares = 0, mean = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		dice[rng_below(&rng, 6)]++;
		float u = rng_uniform(&rng), z = rng_normal(&rng);
		assert_true(u >= 0 && u < 1 && isfinite(z));
		mean += u;
		sum += z;
		squares += z * z;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(dice[i], 9600, 10400); /* 4.4 standard deviations */
	assert_true(fabs(mean / N - .5) < .006);
	assert_true(fabs(sum / N) < .02);
	assert_true(fabs(squares / N - 1) < .03);
}

/* rng_uniforms gives the same numbers as single calls, also when the counter overflows. */
static void test_rng_many_at_once(void **state)
{
	static const size_t counts[] = { 0, 1, 3, 16, 17, 63, 100, 5 };
	struct rng one = rng_for(7, span_string("many"), 0, "test"), many;
	float numbers[100];

	(void)state;
	one.counter[0] = 0xfffffff8u;
	many = one;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		rng_uniforms(&many, numbers, counts[i]);
		for (size_t j = 0; j < counts[i]; j++)
			assert_true(numbers[j] == rng_uniform(&one));
	}
	assert_true(rng_u32(&many) == rng_u32(&one));
}

/* Within a chunk, and with the kept bytes in a later chunk. */
static void test_arena_rewinds(void **state)
{
	static const size_t sizes[] = { 1000, 300000, 5000000 };
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *before = arena_string(&arena, "before", 6);
		const struct arena_mark mark = arena_mark(&arena);
		const size_t used = arena.used;
		for (size_t k = 0; k < 5; k++)
			memset(arena_alloc(&arena, sizes[i]), 1, sizes[i]);
		unsigned char *inside = arena_alloc(&arena, sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			inside[k] = (unsigned char)(k * k);
		arena_alloc(&arena, sizes[i]);
		unsigned char *kept = arena_rewind(&arena, &mark, inside, sizes[i]);
		assert_true(arena.used - used >= sizes[i] && arena.used - used < sizes[i] + 64);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(kept[k], (unsigned char)(k * k));
		arena_rewind(&arena, &mark, NULL, 0);
		assert_int_equal(arena.used, used);
		assert_string_equal(before, "before");
	}
	assert_true(arena.peak >= 7 * 5000000);
	arena_reset(&arena);
	assert_int_equal(arena.used, 0);
	arena_free(&arena);
}

static void test_arena_keeps_and_aligns(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		unsigned char *pieces[100];
		for (size_t i = 0; i < 100; i++) {
			pieces[i] = arena_alloc(&arena, 1 + i * 1000);
			assert_non_null(pieces[i]);
			assert_int_equal((uintptr_t)pieces[i] % 64, 0);
			memset(pieces[i], (int)i, 1 + i * 1000);
		}
		for (size_t i = 0; i < 100; i++)
			assert_true(pieces[i][0] == i && pieces[i][i * 1000] == i);
		arena_reset(&arena);
	}
	assert_null(arena_alloc(&arena, SIZE_MAX - 10));
	assert_null(arena_zeroed(&arena, SIZE_MAX / 2, 16));
	assert_true(arena.failed);
	arena_free(&arena);
}

static void test_buf_failure_is_sticky(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_string(&buf), "");
	buf_printf(&buf, "%d-%s", 12, "ab");
	buf_append_byte(&buf, '!');
	assert_string_equal(buf_string(&buf), "12-ab!");
	assert_int_equal(buf.size, 6);
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_append_string(&buf, "more");
	assert_true(buf.failed);
	assert_int_equal(buf.size, 6);
	buf_free(&buf);
}

static void test_span_order(void **state)
{
	(void)state;
	assert_true(span_compare(span_string("a"), span_string("ab")) < 0);
	assert_true(span_compare(span_string("b"), span_string("ab")) > 0);
	assert_true(span_compare((struct span){ 0 }, span_string("")) == 0);
	assert_true(span_equal((struct span){ 0 }, span_string("")));
	assert_false(span_is(span_string("ab"), "a"));
	assert_int_equal(span_shown(span_of("a", 256), 512), 256);
	assert_int_equal(span_shown(span_of("a", (size_t)1 << 32), 512), 512);
	assert_int_equal(span_shown((struct span){ 0 }, 512), 0);
}

static void test_err_puts_context_first(void **state)
{
	struct err err;
	char large[3 * ERR_TEXT];

	(void)state;
	assert_int_equal(err_set(&err, "premature end of %s", "data"), -1);
	assert_int_equal(err_add(&err, "sample %d", 7), -1);
	assert_string_equal(err.text, "sample 7: premature end of data");
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = 0;
	err_add(&err, "%s", large);
	assert_int_equal(strlen(err.text), ERR_TEXT - 1);
	assert_string_equal(err.text + ERR_TEXT - 4, "...");
}

static void test_value_lists_grow(void **state)
{
	struct arena arena = { 0 };
	struct value array = value_array(), map = value_map();
	static char names[50][4];

	(void)state;
	for (int i = 0; i < 50; i++) {
		snprintf(names[i], sizeof names[i], "%d", i);
		assert_int_equal(value_push(&array, value_integer(i), &arena), 0);
		assert_int_equal(value_set(&map, names[i], value_real(i / 2.), &arena), 0);
	}
	assert_int_equal(value_set(&map, "7", value_string("seven"), &arena), 0);
	assert_int_equal(array.list.count, 50);
	assert_int_equal(map.list.count, 50);
	assert_int_equal(array.list.items[49].integer, 49);
	assert_true(span_is(value_string_or(value_get(&map, "7"), ""), "seven"));
	assert_int_equal(value_integer_or(value_get(&map, "8"), -1), 4);
	assert_int_equal(value_integer_or(value_get(&map, "9"), -1), -1); /* 4.5 */
	assert_null(value_get(&map, "50"));
	assert_null(value_get(&array, "0"));
	arena_free(&arena);
}

struct job {
	int done[1000];
	size_t threads;
	int busy[8];
	atomic_int wrong; /* cmocka's assertions work only in the thread that runs the test */
};

static void mark(void *context, size_t piece, size_t thread)
{
	struct job *job = context;

	if (thread >= job->threads || job->busy[thread]++ != 0) {
		job->wrong++;
		return;
	}
	job->done[piece]++;
	job->busy[thread]--;
}

static void test_pool_runs_each_piece_once(void **state)
{
	struct err err;

	(void)state;
	for (size_t threads = 1; threads <= 5; threads += 2) {
		struct pool *pool = pool_new(threads, &err);
		assert_non_null(pool);
		assert_int_equal(pool_threads(pool), threads);
		for (size_t pieces = 0; pieces <= 1000; pieces += 125) {
			struct job job = { .threads = threads };
			pool_run(pool, pieces, mark, &job);
			assert_int_equal(job.wrong, 0);
			for (size_t i = 0; i < 1000; i++)
				assert_int_equal(job.done[i], i < pieces);
		}
		pool_free(pool);
	}
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_philox_known_answers),
		cmocka_unit_test(test_rng_depends_on_all_four),
		cmocka_unit_test(test_rng_distributions),
		cmocka_unit_test(test_rng_many_at_once),
		cmocka_unit_test(test_arena_keeps_and_aligns),
		cmocka_unit_test(test_arena_rewinds),
		cmocka_unit_test(test_buf_failure_is_sticky),
		cmocka_unit_test(test_span_order),
		cmocka_unit_test(test_err_puts_context_first),
		cmocka_unit_test(test_value_lists_grow),
		cmocka_unit_test(test_pool_runs_each_piece_once),
	};

	return cmocka_run_group_tests_name("core", tests, NULL, NULL);
}
