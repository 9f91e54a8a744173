#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/words.h"

static const struct {
	const char *text, *word;
	bool expected;
} cases[] = {
	{ "a ripe banana", "banana", true },
	{ "Banana, ripe", "bAnAnA", true },
	{ "two bananas", "banana", false },
	{ "unbanana banana", "banana", true },
	{ "bananabanana", "banana", false },
	{ "banana_split.jpg", "banana", true },
	{ "banana2", "banana", false },
	{ "", "banana", false },
	{ "a banana", "", false },
	{ "a banana", "  ", false },
	{ "a fire  \n engine passes", "fire engine", true },
	{ "a fire engine", " fire\tengine ", true },
	{ "a fireengine", "fire engine", false },
	{ "fire fire engine", "fire engine", true },
	{ "learn c++ now", "c++", true },
	{ "learn objc++ now", "c++", false },
	{ "C++11", "c++", true }, /* a plus is not a word character, so the word may end there */
	{ "ein CAF\xC3\x89 hier", "caf\xC3\xA9", true },
	{ "ein cafe\xCC\x81 hier", "caf\xC3\xA9", true },
	{ "ein caf\xC3\xA9 hier", "cafe", false },
	{ "ein cafe\xCC\x81 hier", "cafe", false },
	{ "HAUPTSTRASSE",
		"hauptstra\xC3\x9F"
		"e",
		true },
	{ "\xEF\xAC\x81sh", "fish", true },
	{ "\xEF\xAC\x81", "f", false }, /* half of a ligature */
	{ "x\xFF"
	  "banana\xFE",
		"banana", true },
	{ "a \xFF b", "\xFF", true },
	{ "a \xFE b", "\xFF", false },
	{ "\xD0\x9A\xD0\x9E\xD0\xA2 \xD1\x81\xD0\xBF\xD0\xB8\xD1\x82", "\xD0\xBA\xD0\xBE\xD1\x82", true },
	{ "a\xC2\xA0"
	  "banana\xE3\x80\x80",
		"banana", true },
};

static void finds_whole_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool found = text_has_word(span_string(cases[i].text), span_string(cases[i].word));
		if (found != cases[i].expected)
			fail_msg("'%s' in '%s': %d", cases[i].word, cases[i].text, found);
	}
}

static const struct {
	const char *text, *word, *expected;
	size_t count;
} swaps[] = {
	{ "a photo of a cat.", "cat", "a photo of a big dog.", 1 },
	{ "Cat, cats and CAT", "cat", "big dog, cats and big dog", 2 },
	{ "concatenate", "cat", "concatenate", 0 },
	{ "a fire \n truck passes", "fire_truck", "a big dog passes", 1 },
	{ "a Fire_Truck.jpg", "fire truck", "a big dog.jpg", 1 },
	{ "two  blanks stay", "cat", "two  blanks stay", 0 },
	{ "ein CAFE\xCC\x81 hier", "caf\xC3\xA9", "ein big dog hier", 1 },
	{ "\xEF\xAC\x81sh", "fish", "big dog", 1 },
	{ "\xEF\xAC\x81sh \xFF", "f", "\xEF\xAC\x81sh \xFF", 0 },
	{ "c++c++", "c++", "big dogbig dog", 2 },
	{ "cat", "", "cat", 0 },
	{ "", "cat", "", 0 },
};

static void replaces_whole_words(void **state)
{
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
		buf_clear(&out);
		size_t count = text_replace_word(&out, span_string(swaps[i].text), span_string(swaps[i].word), span_string("big dog"));
		assert_string_equal(buf_string(&out), swaps[i].expected);
		assert_int_equal(count, swaps[i].count);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(finds_whole_words), cmocka_unit_test(replaces_whole_words) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
