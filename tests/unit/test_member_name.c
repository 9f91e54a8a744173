#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name;
	enum member_kind kind;
	const char *normal; /* of a file; NULL: the name itself, untouched */
} names[] = {
	{ "a/b.jpg", MEMBER_FILE, NULL },
	{ "a b/v1.0/c..d.txt", MEMBER_FILE, NULL },
	{ "Z\xC3\xBCrich/1.jpg", MEMBER_FILE, NULL },
	{ "\xE6\x9D\xB1\xE4\xBA\xAC.jpg", MEMBER_FILE, NULL },
	{ "Zu\xCC\x88rich/1.jpg", MEMBER_FILE, "Z\xC3\xBCrich/1.jpg" },
	{ "./Zu\xCC\x88rich//1.jpg", MEMBER_FILE, "Z\xC3\xBCrich/1.jpg" },
	{ "\xFF\xCC/1.jpg", MEMBER_FILE, NULL }, /* not UTF-8 */
	{ "./a.jpg", MEMBER_FILE, "a.jpg" },
	{ "././/a.jpg", MEMBER_FILE, "a.jpg" },
	{ "/a/b.jpg", MEMBER_FILE, "a/b.jpg" },
	{ "///a", MEMBER_FILE, "a" },
	{ "a/./b//c/", MEMBER_FILE, "a/b/c/" },
	{ "a/.", MEMBER_FILE, "a" },
	{ ".", MEMBER_FILE, "" },
	{ "/", MEMBER_FILE, "" },
	{ "", MEMBER_FILE, NULL },
	{ "...a/b", MEMBER_IGNORED, NULL },
	{ "a\\b.jpg", MEMBER_FILE, NULL },
	{ "a:b.jpg", MEMBER_FILE, NULL },
	{ "a/C:/b.jpg", MEMBER_FILE, NULL },
	{ "c:", MEMBER_FILE, NULL },
	{ "C:/a.jpg", MEMBER_ESCAPES, NULL },
	{ "..", MEMBER_ESCAPES, NULL },
	{ "../a", MEMBER_ESCAPES, NULL },
	{ "a/../b", MEMBER_ESCAPES, NULL },
	{ "a/..", MEMBER_ESCAPES, NULL },
	{ ".git/../a", MEMBER_ESCAPES, NULL },
	{ "..\\a", MEMBER_ESCAPES, NULL },
	{ "a\\..\\b", MEMBER_ESCAPES, NULL },
	{ "C:\\a", MEMBER_ESCAPES, NULL },
	{ "\\\\host\\a", MEMBER_ESCAPES, NULL },
	{ "..a/b", MEMBER_IGNORED, NULL },
	{ ".hidden", MEMBER_IGNORED, NULL },
	{ "a/.hidden/b.jpg", MEMBER_IGNORED, NULL },
	{ "./.hidden", MEMBER_IGNORED, NULL },
	{ "a/._b.jpg", MEMBER_IGNORED, NULL },
	{ "__MACOSX/a.jpg", MEMBER_IGNORED, NULL },
	{ "x/__MACOSX/a.jpg", MEMBER_IGNORED, NULL },
	{ "a/.DS_Store", MEMBER_IGNORED, NULL },
	{ "a/Thumbs.db", MEMBER_IGNORED, NULL },
	{ "a/THUMBS.DB", MEMBER_IGNORED, NULL },
	{ "Desktop.ini", MEMBER_IGNORED, NULL },
	{ "a/@eaDir/x.jpg", MEMBER_IGNORED, NULL },
	{ "a.jpg:Zone.Identifier", MEMBER_IGNORED, NULL },
	{ "a/README.md", MEMBER_IGNORED, NULL },
	{ "__cc__", MEMBER_FILE, NULL },
	{ "__meta__/a.txt", MEMBER_FILE, NULL },
	{ "Thumbs.db.jpg", MEMBER_FILE, NULL },
};

static void names_get_their_normal_form(void **state)
{
	struct buf scratch = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct span name = span_string(names[i].name);
		struct span normal, again;
		if (member_name(name, &normal, &scratch) != names[i].kind)
			fail_msg("'%s'", names[i].name);
		if (names[i].kind != MEMBER_FILE)
			continue;
		if (names[i].normal ? !span_is(normal, names[i].normal) : normal.data != name.data || normal.size != name.size)
			fail_msg("'%s': '%.*s'", names[i].name, (int)normal.size, (const char *)normal.data);
		char *copy = span_copy_string(normal);
		assert_int_equal(member_name(span_string(copy), &again, &scratch), MEMBER_FILE);
		assert_true(span_is(again, copy)); /* normalising again changes nothing */
		free(copy);
	}
	buf_free(&scratch);
}

static void names_are_compared_composed(void **state)
{
	(void)state;
	assert_true(name_same(span_string("Zu\xCC\x88rich"), span_string("Z\xC3\xBCrich")));
	assert_true(name_same(span_string("a"), span_string("a")));
	assert_false(name_same(span_string("a"), span_string("A")));
	assert_false(name_same(span_string("\xFF"), span_string("\xFE")));
}

static void paths_become_keys(void **state)
{
	static const char *const paths[][2] = {
		{ "photos/cat.0.jpg", "photos/cat_0" },
		{ "../x/./a.jpg", "x/a" },
		{ "/home/me/.cache/v1.0/a.jpg", "home/me/_cache/v1.0/a" },
		{ "a/__MACOSX/b.jpg", "a/__MACOSX_/b" },
		{ "Zu\xCC\x88rich.jpg", "Z\xC3\xBCrich" },
		{ ".hidden.jpg", "_hidden" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct buf key = { 0 };
		name_of_path(&key, span_string(paths[i][0]), 4);
		assert_string_equal(buf_string(&key), paths[i][1]);
		assert_null(sample_name_problem(buf_span(&key), span_string("jpg")));
		buf_free(&key);
	}
}

/* The members in order, and their names with one sample per image. */
static void images_get_separate_names(void **state)
{
	static const char *const members[][2] = {
		{ "cat.0.jpg", "cat_0.jpg" },
		{ "cat.0.txt", "cat_0.txt" },
		{ "cat.0.caption.txt", "cat_0.caption.txt" },
		{ "cat.1.txt", "cat_1.txt" },
		{ "cat.1.JPG", "cat_1.JPG" },
		{ "v1.0/a.jpg", "v1.0/a.jpg" },
		{ "v1.0/a.x.y.json", "v1.0/a.x.y.json" },
		{ "x.seg.png", "x_seg.png" },
		{ "x.gif", "x.gif" },
		{ "README", "README" },
		{ "a.", "a." },
		{ "cat.2.", "cat.2." },
	};
	struct buf stem = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		struct buf name = { 0 };
		sample_name_by_image(span_string(members[i][0]), &stem, &name);
		if (!span_is(buf_span(&name), members[i][1]))
			fail_msg("'%s': '%s'", members[i][0], buf_string(&name));
		buf_free(&name);
	}
	buf_free(&stem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_get_their_normal_form),
		cmocka_unit_test(names_are_compared_composed),
		cmocka_unit_test(paths_become_keys),
		cmocka_unit_test(images_get_separate_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
