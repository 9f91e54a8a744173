#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/text/wordnet.h"
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void ask(const struct wordnet *wordnet, const char *word, const char *expected)
{
	struct buf out = { 0 };
	struct err err;

	assert_int_equal(wordnet->thesaurus.synonyms(&wordnet->thesaurus, span_string(word), &out, &err), 0);
	assert_string_equal(buf_string(&out), expected);
	buf_free(&out);
}

static void open_real(struct wordnet *wordnet)
{
	struct err err;

	if (wordnet_open(wordnet, NULL, &err))
		fail_msg("%s", err.text);
}

/* tests/golden/wordnet.py: by rules, by exceptions, by neither. */
static void equals_nltk(void **state)
{
	struct buf golden = golden_read("tests/golden/wordnet.tsv");
	struct wordnet wordnet;
	int lines = 0;

	(void)state;
	open_real(&wordnet);
	for (struct span rest = buf_span(&golden); rest.size; lines++) {
		struct buf word = { 0 }, expected = { 0 };
		buf_append_span(&word, golden_cut(&rest, '\t'));
		buf_append_span(&expected, golden_cut(&rest, '\n'));
		for (size_t i = 0; i < expected.size; i++)
			expected.data[i] = expected.data[i] == '|' ? '\n' : expected.data[i];
		if (expected.size)
			buf_append_byte(&expected, '\n');
		ask(&wordnet, buf_string(&word), buf_string(&expected));
		buf_free(&word);
		buf_free(&expected);
	}
	assert_true(lines > 100);
	buf_free(&golden);
	wordnet_close(&wordnet);
}

static void finds_nothing_for_no_words(void **state)
{
	struct wordnet wordnet;
	char long_word[300];

	(void)state;
	open_real(&wordnet);
	ask(&wordnet, "", "");
	ask(&wordnet, " ", "");
	ask(&wordnet, "00001740", "");
	memset(long_word, 'a', sizeof long_word - 1);
	long_word[sizeof long_word - 1] = 0;
	ask(&wordnet, long_word, "");
	wordnet_close(&wordnet);
}

/* A WordNet of a few nouns. */
static void write_folder(char *folder, const char *index, const char *data, const char *exceptions)
{
	static const char *const names[] = { "noun", "verb", "adj", "adv" };
	char path[600];

	for (int i = 0; i < 12; i++) {
		const char *content = i % 4 ? "\n" : i / 4 == 0 ? index : i / 4 == 1 ? data : exceptions;
		snprintf(path, sizeof path, "%s/%s%s%s", folder,
			i / 4 == 0   ? "index."
			: i / 4 == 1 ? "data."
				     : "",
			names[i % 4], i / 4 == 2 ? ".exc" : "");
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		fputs(content, file);
		fclose(file);
	}
}

static void survives_other_files(void **state)
{
	static const struct {
		const char *index, *data, *exceptions, *expected;
	} cases[] = {
		{ "  1 licence\ncat n 1 1 @ 1 0 0\n", "0 05 n 02 cat 0 Big_Cat-like 0 000 | x\n", "cats cat\n", "big cat like\n" },
		{ "cat n 1 0 1 0 0", "0 05 n 02 cat 0 24/7 0 o'clock 0 000", "\n", "" }, /* no newline; the third is not counted */
		{ "cat n 9 9 @ 1 0 0 1 2 3\n", "0 05 n 0f cat 0 a 0\n", "\n", "" },
		{ "cat n 9 1 @ 1 0 0 1 2 3 77\n", "0 05 n 0f cat 0 a 0\n", "\n", "a\n" },
		{ "cat n 1 0 1 0 99999999999999999999\n", "x\n", "\n", "" },
		{ "cat n 1 99999999999\n", "x\n", "cat cat cat\n", "" },
		{ "cat\n", "\n", "cat\n", "" },
		{ "\n\n\n", "\n", "\n\n", "" },
		{ "cat n 1 0 1 0 0\n", "0 1 2 zz a 0\n", "\n", "" },
	};
	char folder[] = "/tmp/cc-wordnet-XXXXXX", remove[100];

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wordnet wordnet;
		struct err err;
		write_folder(folder, cases[i].index, cases[i].data, cases[i].exceptions);
		assert_int_equal(wordnet_open(&wordnet, folder, &err), 0);
		ask(&wordnet, "cat", cases[i].expected);
		wordnet_close(&wordnet);
	}
	snprintf(remove, sizeof remove, "rm -r %s", folder);
	assert_int_equal(system(remove), 0);
}

static void names_the_package(void **state)
{
	struct wordnet wordnet;
	struct err err;

	(void)state;
	assert_int_equal(wordnet_open(&wordnet, "/nowhere", &err), -1);
	assert_non_null(strstr(err.text, "/nowhere/index.noun"));
	assert_non_null(strstr(err.text, "wordnet-base"));
	assert_int_equal(setenv("CC_WORDNET", "/elsewhere", 1), 0);
	assert_int_equal(wordnet_open(&wordnet, NULL, &err), -1);
	assert_non_null(strstr(err.text, "/elsewhere/index.noun"));
	assert_int_equal(unsetenv("CC_WORDNET"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_nltk),
		cmocka_unit_test(finds_nothing_for_no_words),
		cmocka_unit_test(survives_other_files),
		cmocka_unit_test(names_the_package),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
