#include "formats/text/table_cell.h"

#include <stdlib.h>
#include <string.h>

enum { QUOTE = '"' };

static int wrong(const struct table *table, uint64_t line, uint64_t column, const char *why, struct err *err)
{
	return table->bytes.pieces ? err_set(err, "byte %llu: %s", (unsigned long long)table->position, why)
				   : err_set(err, "line %llu, column %llu: %s", (unsigned long long)line, (unsigned long long)column, why);
}

int table_wrong_here(const struct table *table, const char *why, struct err *err)
{
	return wrong(table, table->current_line, table->position - table->line_offset + 1, why, err);
}

static int fill(struct table *table, struct err *err)
{
	const void *block;
	ssize_t got = tar_bytes_next(&table->bytes, &block);

	if (got < 0) {
		*err = table->bytes.err;
		return TABLE_FAILED;
	}
	table->block = span_of(block, (size_t)got);
	return got ? 0 : TABLE_END;
}

int table_peek(struct table *table, struct err *err)
{
	int state = table->block.size ? 0 : fill(table, err);

	return state ? state : *table->block.data;
}

void table_take(struct table *table, size_t size)
{
	table->block.data += size;
	table->block.size -= size;
	table->position += size;
}

/* May the row grow by `more` bytes? */
static int check_length(const struct table *table, size_t more, struct err *err)
{
	if (table->position - table->offset + more <= table->form.longest)
		return 0;
	return err_set(err, "line %llu: the row has more than %zu bytes; is there a quote that is never closed?",
		(unsigned long long)table->line, table->form.longest);
}

static int append(struct table *table, size_t size, struct err *err)
{
	if (check_length(table, size, err))
		return -1;
	buf_append(&table->text, table->block.data, size);
	table_take(table, size);
	return table->text.failed ? err_memory(err) : 0;
}

int table_take_cr(struct table *table, struct err *err)
{
	table_take(table, 1);
	const int next = table_peek(table, err);

	if (next == TABLE_FAILED)
		return TABLE_FAILED;
	if (next == '\n') {
		table->ends = table->ends == ENDS_UNKNOWN ? ENDS_LF : table->ends;
		return 1;
	}
	if (table->ends == ENDS_UNKNOWN && next != TABLE_END)
		table->ends = ENDS_CR;
	table->cr_is_end = table->ends != ENDS_LF || next == TABLE_END;
	return table->cr_is_end;
}

static int append_byte(struct table *table, unsigned char byte, struct err *err)
{
	if (check_length(table, 1, err))
		return -1;
	buf_append_byte(&table->text, byte);
	return table->text.failed ? err_memory(err) : 0;
}

/* Consumes the escape character and appends the byte after it. */
static int read_escaped(struct table *table, struct err *err)
{
	table_take(table, 1);
	const int next = table_peek(table, err);

	if (next < 0)
		return next == TABLE_FAILED ? -1 : 0;
	if (next == 0)
		return table_wrong_here(table, "contains a NUL byte, so it is not text", err);
	const uint64_t after = table->position + 1;
	if (append(table, 1, err))
		return -1;
	if (next == '\n') {
		table->current_line++;
		table->line_offset = after;
	}
	return 0;
}

/* Appends a run of text outside quotes. */
static int read_text(struct table *table, struct err *err)
{
	size_t size = 1;

	while (size < table->block.size && !table->stops[table->block.data[size]])
		size++;
	return append(table, size, err);
}

/* Reads a cell without quotes up to its end. */
static int read_plain(struct table *table, struct err *err)
{
	for (;;) {
		const int next = table_peek(table, err);
		int state = 0;
		if (next < 0)
			return next == TABLE_FAILED ? -1 : 0;
		if (!table->stops[next]) {
			state = read_text(table, err);
		} else if (next == '\r') {
			const int ended = table_take_cr(table, err);
			if (ended)
				return ended < 0 ? -1 : 0;
			state = append_byte(table, '\r', err);
		} else if (table->form.escape && next == (unsigned char)table->form.escape) {
			state = read_escaped(table, err);
		} else {
			return next ? 0
				    : table_wrong_here(table,
					      "contains a NUL byte, so it is not text (iconv -f UTF-16LE -t UTF-8 converts UTF-16)", err);
		}
		if (state)
			return -1;
	}
}

static void count_lines(struct table *table, struct span run)
{
	const unsigned char *at = run.data, *end = run.data + run.size;
	const int mark = table->ends == ENDS_CR ? '\r' : '\n';

	while (at < end && (at = memchr(at, mark, (size_t)(end - at)))) {
		at++;
		table->current_line++;
		table->line_offset = table->position + (uint64_t)(at - run.data);
	}
}

static size_t distance(struct span text, int byte, size_t most)
{
	const unsigned char *at = memchr(text.data, byte, most);

	return at ? (size_t)(at - text.data) : most;
}

/* Appends quoted text up to a quote, an escape character or the end of the block. */
static int read_run(struct table *table, struct err *err)
{
	size_t size = distance(table->block, QUOTE, table->block.size);

	if (table->form.escape)
		size = distance(table->block, table->form.escape, size);
	const struct span run = span_of(table->block.data, size);
	const size_t zero = distance(run, 0, size);
	count_lines(table, span_of(run.data, zero));
	if (zero == size)
		return append(table, size, err);
	table_take(table, zero);
	return table_wrong_here(table, "contains a NUL byte, so it is not text", err);
}

/* For text after a closing quote. */
static int refuse_text(struct table *table, struct err *err)
{
	const bool backslash = !table->form.escape && table->text.size && table->text.data[table->text.size - 1] == '\\';

	return table_wrong_here(table,
		backslash ? "text after a closing quote that follows a backslash (--escape '\\' reads \\\" as a quote)"
			  : "text after a closing quote (inside quotes, a quote is doubled; --escape '\\' reads \\\" as one, "
			    "--no-quotes reads quotes as text)",
		err);
}

/* Checks that the cell ends after its closing quote. */
static int end_quoted(struct table *table, int next, struct err *err)
{
	while (table->skip_blanks && next == ' ') {
		table_take(table, 1);
		next = table_peek(table, err);
	}
	if (next < 0)
		return next == TABLE_FAILED ? -1 : 0;
	if (next == '\r') {
		const int ended = table_take_cr(table, err);
		return ended > 0 ? 0 : ended < 0 ? -1 : refuse_text(table, err);
	}
	return next && next != table->form.escape && table->stops[next] ? 0 : refuse_text(table, err);
}

static int read_quoted(struct table *table, struct err *err)
{
	const uint64_t line = table->current_line, column = table->position - table->line_offset + 1;
	int next;

	table_take(table, 1);
	for (;;) {
		next = table_peek(table, err);
		if (next < 0)
			return next == TABLE_FAILED ? -1 : wrong(table, line, column, "the quote that begins here is never closed", err);
		if (next != QUOTE) {
			if (table->form.escape && next == (unsigned char)table->form.escape ? read_escaped(table, err)
											    : read_run(table, err))
				return -1;
			continue;
		}
		table_take(table, 1);
		next = table_peek(table, err);
		if (next != QUOTE)
			return end_quoted(table, next, err);
		if (append(table, 1, err))
			return -1;
	}
}

/* Skips blanks after a delimiter, if the first row has blanks there. */
static int skip_blanks(struct table *table, struct err *err)
{
	int next = table->count ? table_peek(table, err) : TABLE_END;

	if (!table->header && next == ' ')
		table->skip_blanks = true;
	while (table->skip_blanks && next == ' ') {
		table_take(table, 1);
		next = table_peek(table, err);
	}
	return next == TABLE_FAILED ? -1 : 0;
}

int table_read_cell(struct table *table, struct err *err)
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
	const bool cr = table->cr_is_text;
	table->cr_is_text = false;
	int next = skip_blanks(table, err) || (cr && append_byte(table, '\r', err)) ? TABLE_FAILED : table_peek(table, err);
	int state = next == TABLE_FAILED                             ? -1
		    : next == QUOTE && !table->form.no_quotes && !cr ? read_quoted(table, err)
								     : read_plain(table, err);
	table->cells[table->count++] = (struct table_cell){ begin, table->text.size - begin };
	return state;
}
