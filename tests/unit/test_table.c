#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/text/table.h"
#include "golden.h"

#include <stdlib.h>
#include <unistd.h>

static const struct table_form comma = { .delimiter = ',', .longest = 1 << 20 };

static int file_of(struct span content)
{
	char path[] = "/tmp/test_table.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	if (content.size)
		assert_int_equal(write(fd, content.data, content.size), content.size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void show_row(struct buf *shown, const struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		struct span cell = table_cell(table, i);
		buf_append_string(shown, i ? "," : "");
		for (size_t j = 0; j < cell.size; j++)
			buf_printf(shown, "%02x", cell.data[j]);
	}
}

/* In the form of tables.tsv; or the error. */
static struct buf rows_of(struct span text, const struct table_form *form)
{
	struct buf shown = { 0 };
	struct table table;
	struct err err;
	int fd = file_of(text), state;

	assert_int_equal(table_open(&table, fd, form, &err), 0);
	for (const char *slash = ""; (state = table_next(&table, &err)) == 1; slash = "/") {
		buf_append_string(&shown, slash);
		show_row(&shown, &table);
	}
	if (state < 0) {
		buf_clear(&shown);
		buf_append_string(&shown, err.text);
	}
	assert_true(!table_cell(&table, table.count).size);
	table_close(&table);
	close(fd);
	return shown;
}

static char byte_at(struct span text, size_t at)
{
	return at < text.size ? (char)(16 * golden_digit(text.data[at]) + golden_digit(text.data[at + 1])) : 0;
}

static void reads_what_python_reads(void **state)
{
	struct buf golden = golden_read("tests/golden/tables.tsv"), text = { 0 };
	size_t count = 0;

	(void)state;
	for (struct span rest = buf_span(&golden); rest.size; count++) {
		struct span line = golden_cut(&rest, '\n'), name = golden_cut(&line, '\t'), delimiter = golden_cut(&line, '\t');
		const struct table_form form = { .delimiter = byte_at(delimiter, 0), .escape = byte_at(delimiter, 2), .longest = 1 << 20 };
		golden_unhex(&text, golden_cut(&line, '\t'));
		struct buf rows = rows_of(buf_span(&text), &form);
		if (!span_equal(buf_span(&rows), line))
			fail_msg("%.*s: %s", (int)name.size, (const char *)name.data, buf_string(&rows));
		buf_free(&rows);
	}
	assert_true(count > 60);
	buf_free(&golden);
	buf_free(&text);
}

#define AFTER                                                                                                                              \
	"text after a closing quote (inside quotes, a quote is doubled; --escape '\\' reads \\\" as one, --no-quotes reads quotes as text)"
#define TEXT(s) { (const unsigned char *)(s), sizeof(s) - 1 }

static void names_what_is_wrong(void **state)
{
	static const struct {
		struct span text;
		const char *error;
	} cases[] = {
		{ TEXT("a,\"b"), "line 1, column 3: the quote that begins here is never closed" },
		{ TEXT("a,b\nc,\"\n\n\"\""), "line 2, column 3: the quote that begins here is never closed" },
		{ TEXT("a\n\"b\nc\"d\n"), "line 3, column 3: " AFTER },
		{ TEXT("\"a\" ,b"), "line 1, column 4: " AFTER },
		{ TEXT("\"a\"\0,b"), "line 1, column 4: " AFTER },
		{ TEXT("a,b\nc\0d,e"),
			"line 2, column 2: contains a NUL byte, so it is not text (iconv -f UTF-16LE -t UTF-8 converts UTF-16)" },
		{ TEXT("a,\"b\nc\0d\""), "line 2, column 2: contains a NUL byte, so it is not text" },
		{ TEXT("\xFF\xFEi\0m\0"), "line 1, column 1: UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)" },
		{ TEXT("a,b\n\"2\\\" seam\",c\n"),
			"line 2, column 5: text after a closing quote that follows a backslash (--escape '\\' reads \\\" as a quote)" },
		{ TEXT("a,b\n\"c\"\rd,e\n"), "line 2, column 5: " AFTER },
		{ TEXT("a,b\r\nc,\"d\r\ne\"\r\n\r\nf,\"g"), "line 5, column 3: the quote that begins here is never closed" },
		{ TEXT("a,b\rc,\"d\re\"\r\rf,\"g"), "line 5, column 3: the quote that begins here is never closed" },
		{ TEXT("a,b\nc,d\re\nf,\"g"), "line 3, column 3: the quote that begins here is never closed" },
		{ TEXT("sep=;\na;\"b"), "line 2, column 3: the quote that begins here is never closed" },
		{ TEXT("\xEF\xBB\xBF"
		       "a\"\n\"b"),
			"line 2, column 1: the quote that begins here is never closed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf shown = rows_of(cases[i].text, &comma);
		assert_string_equal(buf_string(&shown), cases[i].error);
		buf_free(&shown);
	}
}

static void passes_over_the_mark_and_takes_quotes_as_text(void **state)
{
	const struct table_form tabs = { .delimiter = '\t', .no_quotes = true, .longest = 100 };
	struct buf marked = rows_of(span_string("\xEF\xBB\xBFi,j"), &comma), bare = rows_of(span_string("\"a\tb\"\"\n"), &tabs);

	(void)state;
	assert_string_equal(buf_string(&marked), "69,6a");
	assert_string_equal(buf_string(&bare), "2261,622222");
	buf_free(&marked);
	buf_free(&bare);
}

static void expect_rows(const char *text, const char *rows)
{
	struct buf shown = rows_of(span_string(text), &comma);

	assert_string_equal(buf_string(&shown), rows);
	buf_free(&shown);
}

/* "a" is 61, "b" 62 and so on; a space 20, a comma 2c. */
static void reads_what_excel_and_people_write(void **state)
{
	const struct table_form own = { .delimiter = ',', .longest = 100, .given = true };
	struct buf shown = rows_of(span_string("sep=;\na,b\n"), &own);

	(void)state;
	assert_string_equal(buf_string(&shown), "61,62");
	buf_free(&shown);
	expect_rows("sep=;\r\na;b\r\nc;\"d;,\"\r\n", "61,62/63,643b2c");
	expect_rows("\xEF\xBB\xBFSEP=,\na,b\n", "61,62");
	expect_rows("sep=\t\na\tb\n", "61,62");
	expect_rows("sep=ab,c\n", "7365703d6162,63");
	expect_rows("a, b\nc, \"d, d\"\n e,  f\n", "61,62/63,642c2064/2065,66");
	expect_rows("a,b\nc, d\n", "61,62/63,2064");
	expect_rows("a, \"b\" , c\n \"d\"  ,e , f\n", "61,62,63/202264222020,6520,66");
	expect_rows(" a,b\nc, d\n", "2061,62/63,2064");
}

static void refuses_rows_that_are_too_long(void **state)
{
	const struct table_form narrow = { .delimiter = ',', .longest = 1000 };
	struct buf long_cell = { 0 }, many_cells = { 0 }, quoted = { 0 };
	struct buf *all[] = { &long_cell, &many_cells, &quoted };

	(void)state;
	buf_append_string(&quoted, "a\n\"");
	for (size_t i = 0; i < 100000; i++) {
		buf_append_byte(&long_cell, 'x');
		buf_append_byte(&many_cells, ',');
		buf_append_string(&quoted, "\"\"\n");
	}
	for (size_t i = 0; i < 3; i++) {
		struct buf shown = rows_of(buf_span(all[i]), &narrow);
		assert_non_null(strstr(buf_string(&shown), ": the row has more than 1000 bytes"));
		buf_free(&shown);
		buf_free(all[i]);
	}
}

/* The first block of the file may end anywhere. */
static void knows_no_blocks(void **state)
{
	static const char hard[] = "\na,\"b\"\"c\"\r\n\"d,\r\n\"\"\"\r\n\rx\r,\"\",Z\xC3\xBCrich\n\"\"\"\"";
	struct buf wanted = rows_of(span_string(hard), &comma), text = { 0 };

	(void)state;
	for (size_t pad = 4096 - sizeof hard - 2; pad < 4096 + 2; pad++) {
		buf_clear(&text);
		for (size_t i = 0; i < pad; i++)
			buf_append_byte(&text, 'x');
		buf_append_string(&text, hard);
		struct buf rows = rows_of(buf_span(&text), &comma);
		assert_string_equal(buf_string(&rows) + 2 * pad + 1, buf_string(&wanted));
		buf_free(&rows);
	}
	buf_free(&wanted);
	buf_free(&text);
}

static void finds_rows_again(void **state)
{
	const char text[] = "\xEF\xBB\xBFimage,caption\r\n\r\na,\"1\n2\"\n\nb,2\rc\n\rc,\"3\"";
	struct table table, pieces;
	struct err err;
	int fd = file_of(span_string(text)), number = 0;

	(void)state;
	assert_int_equal(table_open(&table, fd, &comma, &err), 0);
	assert_true(table_seekable(&table));
	assert_int_equal(table_open_pieces(&pieces, &comma, &err), 0);
	table_piece(&pieces, fd, 0, sizeof text - 1);
	assert_int_equal(table_next(&pieces, &err), 1);
	for (; table_next(&table, &err) == 1; number++) {
		static const uint64_t lines[] = { 1, 3, 6, 7 };
		struct buf shown = { 0 }, again = { 0 };
		assert_int_equal(table.line, lines[number]);
		table_piece(&pieces, fd, table.offset, table.end);
		assert_int_equal(table_next(&pieces, &err), 1);
		show_row(&shown, &table);
		show_row(&again, &pieces);
		assert_string_equal(buf_string(&shown), buf_string(&again));
		assert_int_equal(table_next(&pieces, &err), 0);
		buf_free(&shown);
		buf_free(&again);
	}
	assert_int_equal(number, 4);
	table_close(&table);
	table_close(&pieces);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_python_reads),
		cmocka_unit_test(names_what_is_wrong),
		cmocka_unit_test(passes_over_the_mark_and_takes_quotes_as_text),
		cmocka_unit_test(reads_what_excel_and_people_write),
		cmocka_unit_test(refuses_rows_that_are_too_long),
		cmocka_unit_test(knows_no_blocks),
		cmocka_unit_test(finds_rows_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
