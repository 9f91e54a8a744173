#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text/template.h"

#include <string.h>

static void parses_lines(void **state)
{
	struct templates t;
	struct err err;

	(void)state;
	assert_int_equal(templates_parse(&t, span_string("\xEF\xBB\xBF" "a photo of a {}.\r\n\n  the {}!\n{} \xC3\xA9"), &err), 0);
	assert_int_equal(t.count, 3);
	assert_true(span_is(t.items[0], "a photo of a {}."));
	assert_true(span_is(t.items[1], "the {}!"));
	assert_true(span_is(t.items[2], "{} \xC3\xA9"));
	templates_free(&t);
}

static void fails(const char *text, const char *why)
{
	struct templates t;
	struct err err;

	assert_int_equal(templates_parse(&t, span_string(text), &err), -1);
	assert_non_null(strstr(err.text, why));
}

static void errors_name_the_line(void **state)
{
	(void)state;
	fails("{}\n\na photo\n", "line 3: no {}");
	fails("{}\n{} and {}\n", "line 2: more than one {}");
	fails("{} \xFF\n", "line 1: not UTF-8");
	fails("", "no template");
	fails("\n \n", "no template");
}

static void fills(void **state)
{
	struct buf out = { 0 };

	(void)state;
	template_fill(&out, span_string("a {} in a video game."), span_string("fire {} engine"));
	assert_string_equal(buf_string(&out), "a fire {} engine in a video game.");
	buf_clear(&out);
	template_fill(&out, span_string("{}"), span_string(""));
	assert_string_equal(buf_string(&out), "");
	buf_free(&out);
}

static void default_is_clips(void **state)
{
	struct templates t;

	(void)state;
	templates_default(&t);
	assert_int_equal(t.count, 80);
	assert_true(span_is(t.items[0], "a bad photo of a {}."));
	assert_true(span_is(t.items[79], "a tattoo of the {}."));
	templates_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_lines),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(fills),
		cmocka_unit_test(default_is_clips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
