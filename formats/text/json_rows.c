#include "formats/text/json_rows.h"

#include "formats/text/json.h"
#include "formats/text/table_cell.h"

#include <string.h>

void json_rows_close(struct json_rows *rows)
{
	arena_free(&rows->arena);
}

static int wrong(const struct table *table, const char *why, struct err *err)
{
	return err_set(err, "line %llu: %s", (unsigned long long)table->current_line, why);
}

static bool is_blank(int byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* The next byte that is not white space (or, if `comma`, a comma). */
static int skip_blanks(struct table *table, bool comma, struct err *err)
{
	int next;

	while (is_blank(next = table_peek(table, err)) || (comma && next == ',')) {
		table->current_line += next == '\n';
		table_take(table, 1);
	}
	return next;
}

static int append(const struct json_rows *rows, struct table *table, size_t size, struct err *err)
{
	if (size > rows->limits.string || table->text.size > rows->limits.string - size)
		return err_set(err, "line %llu: the row has more than %zu bytes", (unsigned long long)table->line, rows->limits.string);
	buf_append(&table->text, table->block.data, size);
	table_take(table, size);
	return table->text.failed ? err_memory(err) : 0;
}

/* Skips a byte order mark, and finds out whether the text is an array. */
static int begin(struct json_rows *rows, struct table *table, struct err *err)
{
	int next = table_peek(table, err);

	if (next >= 0xFE || next == 0)
		return wrong(table, "not UTF-8 (iconv -f UTF-16 -t UTF-8 converts UTF-16)", err);
	if (next == 0xEF && table->block.size >= 3 && memcmp(table->block.data, "\xEF\xBB\xBF", 3) == 0)
		table_take(table, 3);
	next = skip_blanks(table, false, err);
	rows->started = true;
	rows->array = next == '[';
	if (rows->array)
		table_take(table, 1);
	return next == TABLE_FAILED ? -1 : 0;
}

static int read_line(const struct json_rows *rows, struct table *table, struct err *err)
{
	int next;

	while ((next = table_peek(table, err)) >= 0) {
		const unsigned char *end = memchr(table->block.data, '\n', table->block.size);
		if (append(rows, table, end ? (size_t)(end - table->block.data) : table->block.size, err))
			return -1;
		if (!end)
			continue;
		table_take(table, 1);
		table->current_line++;
		break;
	}
	return next == TABLE_FAILED ? -1 : 1;
}

struct scan {
	size_t depth;
	bool string, escaped;
};

/* Does the element end before the byte? */
static bool ends_before(const struct scan *scan, int byte)
{
	return scan->depth == 0 && !scan->string && (byte == ',' || byte == ']');
}

static void scan_byte(struct scan *scan, int byte)
{
	if (scan->string) {
		scan->string = scan->escaped || byte != '"';
		scan->escaped = !scan->escaped && byte == '\\';
	} else if (byte == '"') {
		scan->string = true;
	} else if (byte == '{' || byte == '[') {
		scan->depth++;
	} else if (byte == '}' || byte == ']') {
		scan->depth -= scan->depth > 0;
	}
}

static int read_element(const struct json_rows *rows, struct table *table, struct err *err)
{
	struct scan scan = { 0 };
	int next;

	while ((next = table_peek(table, err)) >= 0) {
		size_t size = 0;
		while (size < table->block.size && !ends_before(&scan, table->block.data[size])) {
			table->current_line += table->block.data[size] == '\n';
			scan_byte(&scan, table->block.data[size++]);
		}
		const bool ended = size < table->block.size;
		if (append(rows, table, size, err))
			return -1;
		if (ended)
			return 1;
	}
	if (next == TABLE_FAILED)
		return -1;
	return table->bytes.pieces ? 1 : wrong(table, "the array is never closed: the file is truncated", err);
}

/* Only white space may follow the array. */
static int end_array(struct json_rows *rows, struct table *table, struct err *err)
{
	table_take(table, 1);
	const int next = skip_blanks(table, false, err);

	rows->closed = true;
	return next == TABLE_FAILED ? -1 : next == TABLE_END ? 0 : wrong(table, "text after the array", err);
}

static int next_text(struct json_rows *rows, struct table *table, struct err *err)
{
	if (!rows->started && begin(rows, table, err))
		return -1;
	buf_clear(&table->text);
	int next = skip_blanks(table, rows->array, err);
	table->line = table->current_line;
	table->offset = table->position;
	if (next == TABLE_FAILED)
		return -1;
	if (next == TABLE_END)
		return rows->array && !rows->closed && !table->bytes.pieces
			       ? wrong(table, "the array is never closed: the file is truncated", err)
			       : 0;
	if (rows->array && next == ']')
		return end_array(rows, table, err);
	return rows->array ? read_element(rows, table, err) : read_line(rows, table, err);
}

bool json_rows_are(struct table *table, struct err *err)
{
	const int next = table_peek(table, err);
	size_t at = 0;

	if (next == 0xEF && table->block.size > 3 && memcmp(table->block.data, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (next >= 0 && at < table->block.size && is_blank(table->block.data[at]))
		at++;
	return next >= 0 && at < table->block.size && (table->block.data[at] == '{' || table->block.data[at] == '[');
}

int json_rows_next(struct json_rows *rows, struct table *table, struct err *err)
{
	int state = next_text(rows, table, err);

	if (state != 1)
		return state;
	table->end = table->position;
	arena_reset(&rows->arena);
	rows->bad = json_read_line(buf_span(&table->text), &rows->limits, &rows->arena, &rows->object, &rows->why) != 0;
	if (!rows->bad && rows->object.kind != VALUE_MAP) {
		rows->bad = true;
		err_set(&rows->why, "expected a JSON object");
	}
	return 1;
}
