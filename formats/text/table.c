#include "formats/text/table.h"

#include "formats/text/table_cell.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Consumes the end of the line, of which a CR may already be consumed. */
static int end_line(struct table *table, struct err *err)
{
	if (!table->cr_is_end) {
		const int next = table_peek(table, err);
		if (next < 0)
			return next == TABLE_FAILED ? -1 : 0;
		table_take(table, 1);
		table->ends = table->ends == ENDS_UNKNOWN ? ENDS_LF : table->ends;
	}
	table->cr_is_end = false;
	table->current_line++;
	table->line_offset = table->position;
	return 0;
}

/* Skips empty lines.  1: a row begins; 0: the end. */
static int find_row(struct table *table, struct err *err)
{
	int next;

	for (;;) {
		table->line = table->current_line;
		table->offset = table->position;
		next = table_peek(table, err);
		if (next != '\n' && next != '\r')
			return next == TABLE_FAILED ? -1 : next != TABLE_END;
		const int ended = next == '\r' ? table_take_cr(table, err) : 1;
		if (ended < 0 || (ended && end_line(table, err)))
			return -1;
		table->cr_is_text = !ended;
		if (!ended)
			return 1;
	}
}

/* Skips a byte order mark. */
static int begin_text(struct table *table, struct err *err)
{
	static const unsigned char mark[] = { 0xEF, 0xBB, 0xBF };

	int next = table_peek(table, err);
	if (next == TABLE_FAILED)
		return -1;
	if (next >= 0xFE)
		return table_wrong_here(table, "UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)", err);
	if (next == mark[0] && table->block.size >= sizeof mark && memcmp(table->block.data, mark, sizeof mark) == 0)
		table_take(table, sizeof mark);
	table->line_offset = table->position;
	return 0;
}

static int next_row(struct table *table, struct err *err)
{
	buf_clear(&table->text);
	table->count = 0;
	int state = find_row(table, err);
	if (state != 1)
		return state;
	for (;;) {
		if (table_read_cell(table, err))
			return -1;
		int next = table->cr_is_end ? TABLE_END : table_peek(table, err);
		if (next == TABLE_FAILED || next != (unsigned char)table->form.delimiter)
			break;
		table_take(table, 1);
	}
	if (end_line(table, err))
		return -1;
	table->end = table->position;
	return 1;
}

static void set_delimiter(struct table *table, char delimiter)
{
	table->stops[(unsigned char)table->form.delimiter] = false;
	table->form.delimiter = delimiter;
	table->stops[(unsigned char)delimiter] = true;
}

/* Is the row sep=X?  It is one cell, or "sep=" and an empty cell if X is already the delimiter. */
static bool is_separator_line(const struct table *table)
{
	const struct span first = table_cell(table, 0), second = table_cell(table, 1);
	const bool sep = first.size >= 4 && strncasecmp((const char *)first.data, "sep=", 4) == 0;

	return sep && ((table->count == 1 && first.size == 5) || (table->count == 2 && first.size == 4 && second.size == 0));
}

static int first_row(struct table *table, struct err *err)
{
	int state = begin_text(table, err) ? -1 : next_row(table, err);

	if (state == 1 && is_separator_line(table)) {
		if (table->count == 1 && !table->form.given)
			set_delimiter(table, (char)table_cell(table, 0).data[4]);
		state = next_row(table, err);
	}
	return state;
}

int table_next(struct table *table, struct err *err)
{
	const int state = table->position == 0 ? first_row(table, err) : next_row(table, err);

	table->header = true;
	return state;
}

struct span table_cell(const struct table *table, size_t column)
{
	if (column >= table->count)
		return (struct span){ 0 };
	return span_of(table->text.data + table->cells[column].begin, table->cells[column].size);
}

static void init(struct table *table, const struct table_form *form)
{
	*table = (struct table){ .form = *form, .current_line = 1 };
	table->stops[0] = table->stops['\n'] = table->stops['\r'] = table->stops[(unsigned char)form->delimiter] = true;
	if (form->escape)
		table->stops[(unsigned char)form->escape] = true;
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
	table->cr_is_end = table->cr_is_text = false;
	table->current_line = 1;
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
