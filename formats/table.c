#include "formats/table.h"

#include <stdlib.h>
#include <string.h>

/* Its text, in table->text. */
struct table_cell {
	size_t begin, size;
};

enum { QUOTE = '"', END = -1, FAILED = -2 };

static int wrong(const struct table *table, uint64_t line, uint64_t column, const char *why, struct err *err)
{
	return table->bytes.pieces
		? err_set(err, "byte %llu: %s", (unsigned long long)table->position, why)
		: err_set(err, "line %llu, column %llu: %s", (unsigned long long)line, (unsigned long long)column, why);
}

static int wrong_here(const struct table *table, const char *why, struct err *err)
{
	return wrong(table, table->here, table->position - table->line_offset + 1, why, err);
}

static int fill(struct table *table, struct err *err)
{
	const void *block;
	ssize_t got = tar_bytes_next(&table->bytes, &block);

	if (got < 0) {
		*err = table->bytes.err;
		return FAILED;
	}
	table->block = span_of(block, (size_t)got);
	return got ? 0 : END;
}

/* The next byte, which stays; END or FAILED. */
static inline int peek(struct table *table, struct err *err)
{
	int state = table->block.size ? 0 : fill(table, err);

	return state ? state : *table->block.data;
}

static void take(struct table *table, size_t size)
{
	table->block.data += size;
	table->block.size -= size;
	table->position += size;
}

/* Before `more` bytes of the row are kept. */
static int check_length(const struct table *table, size_t more, struct err *err)
{
	if (table->position - table->offset + more <= table->form.longest)
		return 0;
	return err_set(err, "line %llu: a row of more than %zu bytes: is there a quote that is never closed?",
		(unsigned long long)table->line, table->form.longest);
}

static int append(struct table *table, size_t size, struct err *err)
{
	if (check_length(table, size, err))
		return -1;
	buf_append(&table->text, table->block.data, size);
	take(table, size);
	return table->text.failed ? err_memory(err) : 0;
}

/* Outside quotes, up to what ends the cell. */
static int read_plain(struct table *table, struct err *err)
{
	int next;

	while ((next = peek(table, err)) >= 0 && !table->stops[next]) {
		size_t size = 1;
		while (size < table->block.size && !table->stops[table->block.data[size]])
			size++;
		if (append(table, size, err))
			return -1;
	}
	return next == 0 ? wrong_here(table, "a zero byte: this is no text", err) : next == FAILED ? -1 : 0;
}

static void count_lines(struct table *table, struct span run)
{
	const unsigned char *at = run.data, *end = run.data + run.size;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		table->here++;
		table->line_offset = table->position + (uint64_t)(at - run.data);
	}
}

/* Up to a quote or the block's end. */
static int read_run(struct table *table, struct err *err)
{
	const unsigned char *quote = memchr(table->block.data, QUOTE, table->block.size);
	struct span run = span_of(table->block.data, quote ? (size_t)(quote - table->block.data) : table->block.size);
	const unsigned char *zero = memchr(run.data, 0, run.size);

	if (zero) {
		count_lines(table, span_of(run.data, (size_t)(zero - run.data)));
		take(table, (size_t)(zero - run.data));
		return wrong_here(table, "a zero byte: this is no text", err);
	}
	count_lines(table, run);
	return append(table, run.size, err);
}

static int read_quoted(struct table *table, struct err *err)
{
	const uint64_t line = table->here, column = table->position - table->line_offset + 1;
	int next;

	take(table, 1);
	for (;;) {
		next = peek(table, err);
		if (next < 0)
			return next == FAILED ? -1 : wrong(table, line, column, "the quote that begins here is never closed", err);
		if (next != QUOTE) {
			if (read_run(table, err))
				return -1;
			continue;
		}
		take(table, 1);
		next = peek(table, err);
		if (next != QUOTE)
			break;
		if (append(table, 1, err))
			return -1;
	}
	if (next == FAILED)
		return -1;
	if (next == END || (next && table->stops[next]))
		return 0;
	return wrong_here(table, "text behind a closing quote (within quotes, two of them are one; --no-quotes takes them as they are)", err);
}

static int read_cell(struct table *table, struct err *err)
{
	const size_t begin = table->text.size;

	if (check_length(table, 0, err))
		return -1;
	if (table->count == table->capacity) {
		size_t capacity = table->capacity ? 2 * table->capacity : 16;
		struct table_cell *cells = realloc(table->cells, capacity * sizeof *cells);
		if (!cells)
			return err_memory(err);
		table->cells = cells;
		table->capacity = capacity;
	}
	int next = peek(table, err);
	int state = next == FAILED ? -1 : next == QUOTE && !table->form.no_quotes ? read_quoted(table, err) : read_plain(table, err);
	table->cells[table->count++] = (struct table_cell){ begin, table->text.size - begin };
	return state;
}

/* LF, CR LF or CR. */
static int end_line(struct table *table, struct err *err)
{
	int first = peek(table, err);

	if (first < 0)
		return first == FAILED ? -1 : 0;
	take(table, 1);
	int next = first == '\r' ? peek(table, err) : END;
	if (next == '\n')
		take(table, 1);
	table->here++;
	table->line_offset = table->position;
	return next == FAILED ? -1 : 0;
}

/* 1: a row begins here; 0: it is the end. */
static int find_row(struct table *table, struct err *err)
{
	int next;

	while ((next = peek(table, err)) == '\n' || next == '\r')
		if (end_line(table, err))
			return -1;
	table->line = table->here;
	table->offset = table->position;
	return next == FAILED ? -1 : next != END;
}

/* The mark of UTF-8 is passed over. */
static int begin_text(struct table *table, struct err *err)
{
	static const unsigned char mark[] = { 0xEF, 0xBB, 0xBF };

	int next = peek(table, err);
	if (next == FAILED)
		return -1;
	if (next >= 0xFE)
		return wrong_here(table, "UTF-16; UTF-8 is expected (iconv -f UTF-16 -t UTF-8 makes it)", err);
	if (next == mark[0] && table->block.size >= sizeof mark && memcmp(table->block.data, mark, sizeof mark) == 0)
		take(table, sizeof mark);
	table->line_offset = table->position;
	return 0;
}

int table_next(struct table *table, struct err *err)
{
	buf_clear(&table->text);
	table->count = 0;
	if (table->position == 0 && begin_text(table, err))
		return -1;
	int state = find_row(table, err);
	if (state != 1)
		return state;
	for (;;) {
		if (read_cell(table, err))
			return -1;
		int next = peek(table, err);
		if (next == FAILED || next != (unsigned char)table->form.delimiter)
			break;
		take(table, 1);
	}
	if (end_line(table, err))
		return -1;
	table->end = table->position;
	return 1;
}

struct span table_cell(const struct table *table, size_t column)
{
	if (column >= table->count)
		return (struct span){ 0 };
	return span_of(table->text.data + table->cells[column].begin, table->cells[column].size);
}

static void init(struct table *table, const struct table_form *form)
{
	*table = (struct table){ .form = *form, .here = 1 };
	table->stops[0] = table->stops['\n'] = table->stops['\r'] = table->stops[(unsigned char)form->delimiter] = true;
}

int table_open(struct table *table, int fd, const struct table_form *form, struct err *err)
{
	init(table, form);
	return tar_bytes_open(&table->bytes, fd, err);
}

int table_open_pieces(struct table *table, const struct table_form *form, struct err *err)
{
	init(table, form);
	return tar_bytes_open_pieces(&table->bytes, err);
}

void table_piece(struct table *table, int fd, uint64_t offset, uint64_t end)
{
	tar_bytes_piece(&table->bytes, fd, offset, end - offset);
	table->block = (struct span){ 0 };
	table->position = table->line_offset = offset;
	table->here = 1;
}

void table_close(struct table *table)
{
	tar_bytes_close(&table->bytes);
	buf_free(&table->text);
	free(table->cells);
	table->cells = NULL;
}

bool table_seekable(const struct table *table)
{
	return tar_bytes_seekable(&table->bytes);
}
