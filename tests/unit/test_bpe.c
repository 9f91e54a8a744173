#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/parallel.h"
#include "golden.h"
#include "text/bpe.h"

#include <stdlib.h>
#include <string.h>

enum { CONTEXT = 16 }; /* as in tests/golden/bpe.py */

static struct buf merges;
static struct bpe bpe;

static int load(void **state)
{
	struct err err;

	(void)state;
	merges = golden_read("tests/golden/bpe_merges.txt");
	return bpe_load(&bpe, buf_span(&merges), &err);
}

static int unload(void **state)
{
	(void)state;
	bpe_free(&bpe);
	buf_free(&merges);
	return 0;
}

/* One line of bpe_tokens.tsv. */
static void check_tokens(struct span line)
{
	struct buf text = { 0 };
	int32_t ids[CONTEXT];
	size_t length, first_end = CONTEXT;
	struct err err;

	golden_unhex(&text, golden_cut(&line, '\t'));
	assert_int_equal(bpe_encode(&bpe, buf_span(&text), ids, CONTEXT, &length, &err), 0);
	const char *expected = (const char *)line.data;
	for (size_t i = 0; i < CONTEXT; i++) {
		char *end;
		long id = strtol(expected, &end, 10);
		if (id != ids[i])
			fail_msg("'%s': token %zu is %d, expected %ld", buf_string(&text), i, ids[i], id);
		if (id == bpe_end(&bpe) && i < first_end)
			first_end = i;
		expected = end;
	}
	assert_int_equal(length, first_end + 1);
	buf_free(&text);
}

static void encodes_as_defined(void **state)
{
	struct buf golden = golden_read("tests/golden/bpe_tokens.tsv");
	int lines = 0;

	(void)state;
	for (struct span rest = buf_span(&golden); rest.size; lines++)
		check_tokens(golden_cut(&rest, '\n'));
	assert_true(lines >= 60);
	buf_free(&golden);
}

static void learns_as_defined(void **state)
{
	struct buf captions = golden_read("tests/golden/bpe_captions.txt"), learnt = { 0 };
	struct bpe_words words = { 0 };
	struct err err;
	size_t count;

	(void)state;
	for (struct span rest = buf_span(&captions); rest.size;)
		assert_int_equal(bpe_words_add(&words, golden_cut(&rest, '\n'), &err), 0);
	assert_int_equal(bpe_learn(&words, 160, &learnt, &count, &err), 0);
	assert_int_equal(count, bpe_vocab_size(&bpe) - 514);
	assert_string_equal(buf_string(&learnt), buf_string(&merges));
	buf_clear(&learnt);
	assert_int_equal(bpe_learn(&words, 3, &learnt, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_true(span_equal(buf_span(&learnt), bpe_first_merges(buf_span(&merges), 3)));
	buf_free(&learnt);
	buf_free(&captions);
	bpe_words_free(&words);
}

static void learns_nothing_from_no_captions(void **state)
{
	struct bpe_words words = { 0 };
	struct buf learnt = { 0 };
	struct bpe bytes;
	struct err err;
	size_t count;

	(void)state;
	assert_int_equal(bpe_learn(&words, 100, &learnt, &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(bpe_words_add(&words, span_string("once"), &err), 0);
	assert_int_equal(bpe_words_add(&words, span_string("\xFF"), &err), -1);
	buf_clear(&learnt);
	assert_int_equal(bpe_learn(&words, 100, &learnt, &count, &err), 0);
	assert_int_equal(count, 0); /* no pair occurs twice */
	assert_int_equal(bpe_load(&bytes, buf_span(&learnt), &err), 0);
	assert_int_equal(bpe_vocab_size(&bytes), 514);
	bpe_free(&bytes);
	buf_free(&learnt);
	bpe_words_free(&words);
}

static void fails(const char *text, const char *why)
{
	struct bpe broken;
	struct err err;

	assert_int_equal(bpe_load(&broken, span_string(text), &err), -1);
	if (!strstr(err.text, why))
		fail_msg("'%s' instead of '%s'", err.text, why);
}

static void refuses_other_files(void **state)
{
	(void)state;
	fails("", "line 1: \"#version\" is missing");
	fails("a b\n", "line 1: \"#version\" is missing");
	fails("#version\na b\nab cd\n", "line 3: \"cd\" is not a symbol that an earlier line defines");
	fails("#version\na b\n\nab\n", "line 4: expected two symbols separated by a space");
	fails("#version\na b\na b\n", "line 3: duplicate token");
	fails("#version\na b\nb c\na bc\nab c\n", "line 5: duplicate token");
	fails("#version\na</w> b\n", "line 2: the first symbol ends a word (</w>), so nothing can follow it");
	fails("#version\n  b\n", "line 2: \"\" is not a symbol that an earlier line defines");
	fails("#version\na \xFF\n", "line 2: ");
}

static void reads_cr_lf(void **state)
{
	struct bpe other;
	struct err err;
	bool ends;

	(void)state;
	assert_int_equal(bpe_load(&other, span_string("\"x.txt#version: 0.2\r\na b\r\nab c</w>"), &err), 0);
	assert_int_equal(bpe_vocab_size(&other), 516);
	assert_true(span_is(bpe_token(&other, 513, &ends), "abc"));
	assert_true(ends);
	assert_true(span_is(bpe_token(&other, bpe_end(&other), &ends), "<|endoftext|>"));
	assert_false(ends);
	bpe_free(&other);
}

/* A megabyte without a space must not take a minute. */
static void takes_long_words(void **state)
{
	static const char *const units[] = { "a", "ban", "&", "\xCE\xA3'", "&#", "0" };
	int32_t ids[CONTEXT];
	struct err err;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct buf text = { 0 };
		while (text.size < 1 << 20)
			buf_append_string(&text, units[i]);
		assert_int_equal(bpe_encode(&bpe, buf_span(&text), ids, CONTEXT, &length, &err), 0);
		assert_int_equal(length, CONTEXT);
		assert_int_equal(ids[CONTEXT - 1], bpe_end(&bpe));
		buf_free(&text);
	}
	assert_int_equal(bpe_encode(&bpe, span_string("a"), ids, 1, &length, &err), -1);
	assert_int_equal(bpe_encode(&bpe, span_string("a"), ids, 2, &length, &err), 0);
	assert_int_equal(ids[1], bpe_end(&bpe));
}

/* The golden texts, encoded by one thread. */
struct texts {
	struct buf text[128];
	int32_t ids[128][CONTEXT];
	size_t count;
	atomic_int wrong; /* cmocka's assertions work only in the thread that runs the test */
};

static int encode(const struct texts *texts, size_t i, int32_t *ids)
{
	struct err err;
	size_t length;

	return bpe_encode(&bpe, buf_span(&texts->text[i]), ids, CONTEXT, &length, &err);
}

static void encode_again(void *context, size_t piece, size_t thread)
{
	struct texts *texts = context;
	int32_t ids[CONTEXT];

	(void)piece, (void)thread;
	for (size_t i = 0; i < texts->count; i++)
		texts->wrong += encode(texts, i, ids) != 0 || memcmp(ids, texts->ids[i], sizeof ids) != 0;
}

static void threads_share_one(void **state)
{
	static struct texts texts;
	struct buf golden = golden_read("tests/golden/bpe_tokens.tsv");
	struct err err;
	struct pool *pool = pool_new(4, &err);

	(void)state;
	for (struct span rest = buf_span(&golden); rest.size && texts.count < 128; texts.count++) {
		struct span line = golden_cut(&rest, '\n');
		golden_unhex(&texts.text[texts.count], golden_cut(&line, '\t'));
		assert_int_equal(encode(&texts, texts.count, texts.ids[texts.count]), 0);
	}
	pool_run(pool, 32, encode_again, &texts);
	pool_free(pool);
	for (size_t i = 0; i < texts.count; i++)
		buf_free(&texts.text[i]);
	buf_free(&golden);
	assert_int_equal(texts.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_as_defined),
		cmocka_unit_test(learns_as_defined),
		cmocka_unit_test(learns_nothing_from_no_captions),
		cmocka_unit_test(refuses_other_files),
		cmocka_unit_test(reads_cr_lf),
		cmocka_unit_test(takes_long_words),
		cmocka_unit_test(threads_share_one),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
