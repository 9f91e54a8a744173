#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "augment/augment.h"
#include "text/words.h"

#include <stdio.h>
#include <string.h>

/* "dog" has two synonyms, "quick" one, "the" one that must not be looked up; other words have none. */
static int few_synonyms(const struct thesaurus *thesaurus, struct span word, struct buf *out, struct err *err)
{
	(void)thesaurus, (void)err;
	assert_false(is_stop_word(word));
	if (span_is(word, "dog"))
		buf_append_string(out, "domestic dog\nhound\n");
	else if (span_is(word, "quick"))
		buf_append_string(out, "fast\n");
	return 0;
}

static int no_answer(const struct thesaurus *thesaurus, struct span word, struct buf *out, struct err *err)
{
	(void)thesaurus, (void)word, (void)out;
	return err_set(err, "no answer");
}

static const struct thesaurus few = { few_synonyms }, broken = { no_answer };

static struct buf augment(const char *policy, struct span text, uint64_t seed)
{
	struct text_augmentation augmentation;
	struct buf out = { 0 };
	struct err err;
	struct rng rng = rng_for(seed, span_string("key"), 0, "eda");

	if (text_augmentation_parse(&augmentation, policy, &err))
		fail_msg("%s", err.text);
	augmentation.args.thesaurus = &few;
	assert_int_equal(text_augment(&augmentation, &out, text, &rng, &err), 0);
	return out;
}

/* Whether the results of 200 seeds are exactly those of a list, each at least once. */
static void gives(const char *policy, const char *text, const char *const *expected)
{
	uint64_t seen = 0;
	int count = 0;

	while (expected[count])
		count++;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct buf out = augment(policy, span_string(text), seed);
		int i = 0;
		while (i < count && strcmp(expected[i], buf_string(&out)) != 0)
			i++;
		if (i == count)
			fail_msg("%s: '%s' became '%s'", policy, text, buf_string(&out));
		seen |= 1ull << i;
		buf_free(&out);
	}
	if (seen != (1ull << count) - 1)
		fail_msg("%s: '%s' does not become all that it may", policy, text);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void replaces_words(void **state)
{
	(void)state;
	gives("eda:operation=replace", "The quick  Dog, a \"DOG\".",
		LIST("The fast Dog, a \"DOG\".", "The quick domestic dog, a \"domestic dog\".", "The quick hound, a \"hound\"."));
	gives("eda:operation=replace,alpha=1", "the quick dog", LIST("the fast domestic dog", "the fast hound"));
	gives("eda:operation=replace", "the of and", LIST("the of and"));
	gives("eda:operation=replace", "dogs dogged", LIST("dogs dogged"));
	gives("eda:operation=replace", " ... \xFF ", LIST("... \xFF"));
	gives("eda:operation=replace", "", LIST(""));
}

static void inserts_synonyms(void **state)
{
	(void)state;
	gives("eda:operation=insert", "the quick!", LIST("fast the quick!", "the fast quick!", "the quick! fast"));
	gives("eda:operation=insert", "the cat", LIST("the cat"));
	gives("eda:operation=insert", "", LIST(""));
	gives("eda:operation=insert,alpha=1", "a quick",
		LIST("fast fast a quick", "fast a fast quick", "fast a quick fast", "a fast fast quick", "a fast quick fast",
			"a quick fast fast"));
}

static void swaps_words(void **state)
{
	(void)state;
	gives("eda:operation=swap", "one two, three.", LIST("two, one three.", "one three. two,", "three. two, one"));
	gives("eda:operation=swap", "one two", LIST("two one"));
	gives("eda:operation=swap", "one", LIST("one"));
	gives("eda:operation=swap", "", LIST(""));
}

static void deletes_words(void **state)
{
	(void)state;
	gives("eda:operation=delete,p=0.5", "a b c", LIST("a", "b", "c", "a b", "a c", "b c", "a b c"));
	gives("eda:operation=delete,p=1", "a b", LIST("a", "b"));
	gives("eda:operation=delete,p=0", "a b", LIST("a b"));
	gives("eda:operation=delete", "", LIST(""));
}

/* Each of the four operations occurs about equally often; the result shows which one it was. */
static void draws_an_operation(void **state)
{
	int replaced = 0, inserted = 0, swapped = 0, deleted = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct buf out = augment("eda:p=1", span_string("quick brown fox"), seed);
		const char *text = buf_string(&out);
		size_t blanks = 0;
		for (const char *c = text; *c; c++)
			blanks += *c == ' ';
		replaced += strcmp(text, "fast brown fox") == 0;
		inserted += blanks == 3;
		swapped += blanks == 2 && strstr(text, "quick") && strcmp(text, "quick brown fox") != 0;
		deleted += blanks == 0;
		buf_free(&out);
	}
	assert_in_range(replaced, 430, 570);
	assert_in_range(inserted, 430, 570);
	assert_in_range(swapped, 430, 570);
	assert_in_range(deleted, 430, 570);
}

/* The result of a seed never changes. */
static void results_never_change(void **state)
{
	static const char *const expected[] = {
		"The quick brown dog jumps over the lazy dog, I hound think.",
		"The dog, brown dog jumps over the lazy quick I think.",
		"quick brown jumps over the lazy dog, I think.",
		"The quick brown dog I over the lazy dog, jumps think.",
		"The domestic dog quick brown dog jumps over the lazy dog, I think.",
		"The quick brown dog jumps over the lazy dog, I think. hound",
		"The quick brown hound jumps over the lazy hound, I think.",
		"The quick brown I jumps over the lazy dog, dog think.",
		"The quick brown dog jumps over I lazy dog, the think.",
		"The quick brown dog think. over the lazy dog, I jumps",
	};

	(void)state;
	for (size_t seed = 0; seed < sizeof expected / sizeof *expected; seed++) {
		struct buf out = augment("eda", span_string("The quick brown dog jumps over the lazy dog, I think."), seed);
		assert_string_equal(buf_string(&out), expected[seed]);
		buf_free(&out);
	}
}

static void takes_long_texts(void **state)
{
	static const char *const units[] = { "x", "dog ", "a\xCC\x81 ", " ", "," };

	(void)state;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct buf text = { 0 };
		while (text.size < 1 << 20)
			buf_append_string(&text, units[i]);
		for (uint64_t seed = 0; seed < 8; seed++) {
			struct buf out = augment("eda", buf_span(&text), seed);
			buf_free(&out);
		}
		buf_free(&text);
	}
}

static void passes_errors_on(void **state)
{
	struct text_augmentation augmentation;
	struct buf out = { 0 };
	struct err err;
	struct rng rng = rng_for(0, span_string("key"), 0, "eda");

	(void)state;
	assert_int_equal(text_augmentation_parse(&augmentation, "eda:operation=sing", &err), -1);
	assert_non_null(strstr(err.text, "replace"));
	assert_int_equal(text_augmentation_parse(&augmentation, "eda:operation=replace", &err), 0);
	augmentation.args.thesaurus = &broken;
	assert_int_equal(text_augment(&augmentation, &out, span_string("dog"), &rng, &err), -1);
	assert_non_null(strstr(err.text, "no answer"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_words),
		cmocka_unit_test(inserts_synonyms),
		cmocka_unit_test(swaps_words),
		cmocka_unit_test(deletes_words),
		cmocka_unit_test(draws_an_operation),
		cmocka_unit_test(results_never_change),
		cmocka_unit_test(takes_long_texts),
		cmocka_unit_test(passes_errors_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
