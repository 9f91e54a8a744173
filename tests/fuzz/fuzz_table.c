/* Damaged tables.  Apart from what sanitizers find: a row read again by its offset must be the same. */
#include "driver.h"

#include "formats/text/json_rows.h"

#include <unistd.h>

enum { ROUNDS = 4000, ROWS = 64 };

static const char *const seeds[] = {
	"image,caption\na.jpg,a dog\nb.jpg,\"a \"\"cat\"\", and\r\nmore\"\r\n\r\nc.jpg,\n",
	"\xEF\xBB\xBFimage,label\r\"a\",1\r\n,\n\"\",\"\"\n",
	"sep=;\r\na; b\r\nc;\"d\re\"\r\n\rf;g\\\"\r",
	"a,b\rc,\"d\re\"\r\n\"f\\\"\",g\\\rh\r",
	"\xEF\xBB\xBF{\"image\": \"a.jpg\", \"caption\": [\"x\", \"\\ud83d\", NaN]}\r\n\n{\"a\": {\"b\": 1e999}}",
	"[ {\"image\": \"],[\"},\n[1, {\"a\": \"\\\"]\"}], 7\n,{}]\n",
	"a,\"b\"\n\"\"\"\",\"\n\n\"\nZ\xC3\xBCrich,\xF0\x9F\x98\x80",
};

static bool equal_rows(const struct table *a, const struct table *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!span_equal(table_cell(a, i), table_cell(b, i)))
			return false;
	return a->count == b->count;
}

static void read_again(struct table *pieces, int fd, const struct table *table)
{
	struct err err;

	table_piece(pieces, fd, table->offset, table->end);
	if (table_next(pieces, &err) != 1 || !equal_rows(table, pieces))
		abort();
	reached[1]++;
}

static void read_rows(int fd, const struct table_form *form)
{
	struct table table, pieces;
	struct err err;

	lseek(fd, 0, SEEK_SET);
	if (table_open(&table, fd, form, &err) == 0 && table_open_pieces(&pieces, form, &err) == 0) {
		table_piece(&pieces, fd, 0, UINT64_MAX >> 1);
		table_next(&pieces, &err);
		for (int i = 0; i < ROWS && table_next(&table, &err) == 1; i++) {
			reached[0]++;
			if (table_seekable(&table))
				read_again(&pieces, fd, &table);
		}
		table_close(&pieces);
	}
	table_close(&table);
}

/* As JSON: one object per line, or an array. */
static void read_objects(int fd)
{
	const struct table_form form = { .delimiter = ',', .longest = 1 << 20 };
	const struct limits limits = { .record = 1 << 20, .string = 1 << 12, .depth = 32, .elements = 1 << 12 };
	struct json_rows rows = { .limits = limits }, again = { .limits = limits };
	struct table table, pieces;
	struct err err;

	lseek(fd, 0, SEEK_SET);
	if (table_open(&table, fd, &form, &err) == 0 && table_open_pieces(&pieces, &form, &err) == 0) {
		json_rows_are(&table, &err);
		table_piece(&pieces, fd, 0, UINT64_MAX >> 1);
		json_rows_next(&again, &pieces, &err);
		for (int i = 0; i < ROWS && json_rows_next(&rows, &table, &err) == 1; i++) {
			if (!table_seekable(&table))
				continue;
			table_piece(&pieces, fd, table.offset, table.end);
			if (json_rows_next(&again, &pieces, &err) != 1 || rows.bad != again.bad ||
				(!rows.bad && !value_equal(&rows.object, &again.object)))
				abort();
		}
		table_close(&pieces);
	}
	table_close(&table);
	json_rows_close(&rows);
	json_rows_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct table_form forms[] = { { .delimiter = ',', .longest = 1 << 20 },
		{ .delimiter = '\t', .no_quotes = true, .longest = 50 }, { .delimiter = ',', .longest = 1 << 20, .escape = '\\' } };
	char path[] = "/tmp/fuzz_table.XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	unlink(path);
	if (size && write(fd, data, size) != (ssize_t)size)
		abort();
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		read_rows(fd, &forms[i]);
	read_objects(fd);
	close(fd);
	return 0;
}

#ifndef LIBFUZZER
static bool seed(unsigned number, struct buf *bytes)
{
	if (number >= sizeof seeds / sizeof *seeds)
		return false;
	buf_append_string(bytes, seeds[number]);
	return true;
}

int main(int argc, char **argv)
{
	return drive(argc, argv, "tables", ROUNDS, seed, 2);
}
#endif
