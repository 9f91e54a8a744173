#include "tools/cli/print.h"

#include "text/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>

/* One write per message, since the other programs of the pipe print to the same terminal. */
static void print_message(struct tool *tool, const char *text)
{
	struct buf line = { 0 };

	progress_clear(&tool->progress);
	buf_printf(&line, "%s: ", tool->about->name);
	append_printable(&line, span_string(text));
	buf_append_byte(&line, '\n');
	if (line.failed)
		fprintf(stderr, "%s: out of memory\n", tool->about->name);
	else
		fwrite(line.data, 1, line.size, stderr);
	buf_free(&line);
}

void tool_say(struct tool *tool, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	if (tool->quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	print_message(tool, text);
}

void tool_warn(struct tool *tool, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	print_message(tool, text);
}

int tool_usage(struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tool->err.text, ERR_TEXT, format, args);
	va_end(args);
	tool->exit_code = TOOL_USAGE;
	return -1;
}

static bool prints_to_file(const struct tool *tool)
{
	return tool->output_path && strcmp(tool->output_path, "-") != 0;
}

bool tool_prints_to_terminal(const struct tool *tool)
{
	return !prints_to_file(tool) && isatty(STDOUT_FILENO);
}

int tool_print_open(struct tool *tool)
{
	return prints_to_file(tool) && tool->output.fd < 0 ? tool_output(tool, FILE_OTHER) : 0;
}

static int print_to(struct output *output, struct span text, struct err *err)
{
	struct buf escaped = { 0 };

	if (!isatty(output->fd))
		return output_write(output, text, err);
	append_printable_lines(&escaped, text);
	const int result = escaped.failed ? err_memory(err) : output_write(output, buf_span(&escaped), err);
	buf_free(&escaped);
	return result;
}

int tool_print(struct tool *tool, struct span text)
{
	struct output standard = { .fd = STDOUT_FILENO };

	if (tool_print_open(tool))
		return -1;
	if (memory_failed()) /* the text may be incomplete */
		return err_memory(&tool->err);
	progress_clear(&tool->progress);
	return print_to(prints_to_file(tool) ? &tool->output : &standard, text, &tool->err);
}

void text_table_init(struct text_table *table, const struct text_table_column *columns, size_t column_count)
{
	*table = (struct text_table){ .columns = columns, .column_count = column_count };
}

void text_table_cell(struct text_table *table, struct span text)
{
	append_printable(&table->text, text);
	buf_append(&table->ends, &table->text.size, sizeof table->text.size);
}

void text_table_format(struct text_table *table, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	text_table_cell(table, span_string(text));
}

void text_table_cells(struct text_table *table, const char *const *texts)
{
	for (; *texts; texts++)
		text_table_cell(table, span_string(*texts));
}

static struct span cell_at(const struct text_table *table, size_t i)
{
	size_t begin = 0, end;

	if (i)
		memcpy(&begin, table->ends.data + (i - 1) * sizeof begin, sizeof begin);
	memcpy(&end, table->ends.data + i * sizeof end, sizeof end);
	return span_of(table->text.data + begin, end - begin);
}

/* Columns of a terminal; the text is valid UTF-8 after append_printable. */
static size_t display_width(struct span text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.size;) {
		utf8proc_int32_t codepoint;
		const utf8proc_ssize_t size = utf8proc_iterate(text.data + i, (utf8proc_ssize_t)(text.size - i), &codepoint);
		width += size > 0 ? (size_t)utf8proc_charwidth(codepoint) : 1;
		i += size > 0 ? (size_t)size : 1;
	}
	return width;
}

static size_t column_width(const struct text_table *table, size_t column, size_t cells)
{
	size_t most = table->columns[column].width;

	for (size_t i = column; i < cells; i += table->column_count) {
		const size_t width = display_width(cell_at(table, i));
		most = width > most ? width : most;
	}
	return most;
}

void text_table_print(struct text_table *table, struct buf *out)
{
	const size_t cells = table->ends.failed ? 0 : table->ends.size / sizeof(size_t), columns = table->column_count;
	size_t widths[TEXT_TABLE_COLUMNS], blanks = 0; /* spaces before the next text */

	out->failed |= table->text.failed || table->ends.failed;
	for (size_t i = 0; i < columns; i++)
		widths[i] = column_width(table, i, cells);
	for (size_t i = 0; i < cells; i++) {
		const struct span text = cell_at(table, i);
		const bool right = table->columns[i % columns].right;
		const size_t padding = widths[i % columns] - display_width(text);
		blanks += right ? padding : 0;
		if (text.size) {
			buf_printf(out, "%*s", (int)blanks, "");
			buf_append_span(out, text);
			blanks = 0;
		}
		blanks += 2 + (right ? 0 : padding);
		if (i % columns == columns - 1) {
			buf_append_byte(out, '\n');
			blanks = 0;
		}
	}
	buf_free(&table->text);
	buf_free(&table->ends);
}

void text_table_align(struct buf *lines, const struct text_table_column *columns, size_t column_count)
{
	struct text_table table;

	text_table_init(&table, columns, column_count);
	for (size_t begin = 0, i = 0; i < lines->size; i++)
		if (lines->data[i] == '\t' || lines->data[i] == '\n') {
			text_table_cell(&table, span_of(lines->data + begin, i - begin));
			begin = i + 1;
		}
	buf_clear(lines);
	text_table_print(&table, lines);
}
