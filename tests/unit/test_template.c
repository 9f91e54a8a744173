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
	assert_int_equal(templates_parse(&t,
				 span_string("\xEF\xBB\xBF"
					     "a photo of a {}.\r\n\n  the {}!\n{} \xC3\xA9"),
				 &err),
		0);
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
	fails("{}\n\na photo\n", "line 3: {} is missing");
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
	buf_clear(&out);
	template_fill(&out, span_string("a {}_b"), span_string("fire_truck"));
	assert_string_equal(buf_string(&out), "a fire truck_b"); /* underscores of the template are kept */
	buf_free(&out);
}

static void are_stored_in_a_header(void **state)
{
	struct templates t, back, clip;
	struct arena arena = { 0 };
	struct value header = value_map();
	struct buf text = { 0 };
	struct err err;

	(void)state;
	templates_default(&clip);
	assert_int_equal(templates_parse(&t, span_string("a {}\nthe {}\n"), &err), 0);
	assert_int_equal(templates_from_value(&back, value_get(&header, "templates"), &err), 0);
	assert_int_equal(back.count, 0);
	value_set(&header, "templates", templates_value(&t, &arena), &arena);
	assert_int_equal(templates_from_value(&back, value_get(&header, "templates"), &err), 1);
	assert_true(templates_equal(&t, &back));
	assert_false(templates_equal(&t, &clip));
	assert_true(templates_match(&t, span_string("the cat")));
	assert_false(templates_match(&t, span_string("this cat")));
	assert_false(templates_match(&t, span_string("")));
	assert_true(templates_match(&clip, span_string("a photo of a cat.")));
	assert_false(templates_match(&clip, span_string("a photo of a cat")));
	templates_describe(&text, &t, NULL);
	assert_string_equal(buf_string(&text), "2 templates (number 1 is \"a {}\")");
	templates_free(&back);
	templates_free(&t);
	assert_int_equal(templates_parse(&t, span_string("a {}\n"), &err), 0);
	assert_int_equal(templates_from_value(&back, value_get(&header, "templates"), &err), 1);
	buf_clear(&text);
	templates_describe(&text, &back, &t);
	templates_describe(&text, &t, &back);
	templates_describe(&text, &clip, &t);
	assert_string_equal(buf_string(&text), "2 templates (number 2 is \"the {}\")the template \"a {}\"CLIP's 80 templates");
	templates_free(&back);
	templates_free(&t);
	buf_free(&text);
	arena_free(&arena);
}

static void wrong_in_a_header(struct value list, const char *why)
{
	struct templates t;
	struct err err;

	assert_int_equal(templates_from_value(&t, &list, &err), -1);
	assert_string_equal(err.text, why);
	assert_null(t.owned);
}

static void a_header_may_hold_anything(void **state)
{
	struct arena arena = { 0 };
	struct value list = value_array();

	(void)state;
	wrong_in_a_header(list, "templates: not a list of sentences");
	wrong_in_a_header(value_string("a {}"), "templates: not a list of sentences");
	value_push(&list, value_string("a {}"), &arena);
	value_push(&list, value_integer(7), &arena);
	wrong_in_a_header(list, "templates: number 2: {} is missing; it marks where the class name goes");
	list = value_array();
	value_push(&list, value_string("{} \xFF"), &arena);
	wrong_in_a_header(list, "templates: number 1: not UTF-8");
	arena_free(&arena);
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
		cmocka_unit_test(are_stored_in_a_header),
		cmocka_unit_test(a_header_may_hold_anything),
		cmocka_unit_test(default_is_clips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
