#include "formats/source/table_rows.h"

#include "formats/text/captions.h"
#include "formats/stream/file_magic.h"
#include "formats/stream/io.h"
#include "formats/text/table_cell.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"
#include "formats/source/image_path.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct table_options usual = { .lines = true };

bool table_is_array(const char *path)
{
	const size_t length = strlen(path);
	unsigned char start[64];
	struct err ignored; /* opening the file reports it */
	struct stat status;
	size_t at = 0;

	if (length < 5 || strcmp(path + length - 5, ".json") != 0)
		return false;
	if (stat(path, &status) || !S_ISREG(status.st_mode)) /* opening a FIFO here would start its writer and lose its first bytes */
		return false;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const ssize_t got = fd < 0 ? 0 : io_read(fd, start, sizeof start, &ignored);
	if (fd >= 0)
		close(fd);
	if (got > 3 && memcmp(start, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (got > 0 && at < (size_t)got && isspace(start[at]))
		at++;
	return got > 0 && at < (size_t)got && start[at] == '[';
}

/* Refuses binary files by naming their format. */
static int check_text(struct table_rows *rows, struct err *err)
{
	const int first = table_peek(&rows->table, err);
	const struct span block = rows->table.block,
			  head = span_of(block.data, block.size < FILE_MAGIC_BYTES ? block.size : FILE_MAGIC_BYTES);
	const struct file_magic *magic = first >= 0 ? file_magic(head) : NULL;

	if (first == TABLE_FAILED)
		return -1;
	if (!magic || magic->magic == MAGIC_EMPTY || magic->magic == MAGIC_TEXT || magic->magic == MAGIC_JSON)
		return 0;
	return file_magic_refuse_data(head, "a table", err);
}

static int read_columns(struct table_rows *rows, struct err *err)
{
	if (rows->is_json) {
		const int state = json_rows_next(&rows->json, &rows->table, err);
		if (state == 0)
			return err_set(err, "empty; expected one JSON object per line, or an array of objects");
		if (state < 0)
			return -1;
		if (rows->json.bad)
			return err_set(err, "line %" PRIu64 ": %s", rows->table.line, rows->json.why.text);
		rows->pending = true;
		return table_columns_of_json(&rows->columns, &rows->json.object, rows->table.line, rows->options, err);
	}
	const int state = table_next(&rows->table, err);
	if (state == 0)
		return err_set(err, "empty; expected a first line with column names, such as image,caption");
	return state < 0 ? -1 : table_columns_find(&rows->columns, &rows->table, rows->options, err);
}

static struct table_form form_of(const char *path, const struct table_options *options, const struct limits *limits)
{
	return (struct table_form){ .delimiter = options->delimiter ? options->delimiter : table_delimiter(path),
		.given = options->delimiter,
		.no_quotes = options->no_quotes,
		.escape = options->escape,
		.longest = limits->string };
}

static void begin(struct table_rows *rows, const char *path, const struct table_options *options, const struct limits *limits)
{
	*rows = (struct table_rows){ .options = options ? options : &usual, .json = { .limits = *limits } };
	rows->columns.metadata = table_is_metadata(path);
}

/* JSON or not: by the name of the table, or else by its first byte. */
static void detect_kind(struct table_rows *rows, const char *path)
{
	struct err ignored; /* reading the first row reports it */
	const bool json = json_rows_are(&rows->table, &ignored);

	rows->is_json = table_is_json(path) || (json && !table_is_csv(path) && !rows->options->delimiter);
}

int table_rows_open(struct table_rows *rows, int fd, const char *path, const struct table_options *options, const struct limits *limits,
	struct err *err)
{
	begin(rows, path, options, limits);
	const struct table_form form = form_of(path, rows->options, limits);

	if (table_open(&rows->table, fd, &form, err) || check_text(rows, err))
		return -1;
	detect_kind(rows, path);
	if (read_columns(rows, err))
		return -1;
	const char *name;
	const struct value *caption = rows->is_json ? table_columns_value(&rows->columns, &rows->json.object, TABLE_CAPTION, &name) : NULL;
	rows->lists = caption && caption->kind == VALUE_ARRAY;
	return 0;
}

int table_rows_open_pieces(struct table_rows *rows, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err)
{
	begin(rows, path, options, limits);
	const struct table_form form = form_of(path, rows->options, limits);

	if (table_open_pieces(&rows->table, &form, err))
		return -1;
	table_piece(&rows->table, fd, 0, limits->string);
	detect_kind(rows, path);
	return read_columns(rows, err);
}

void table_rows_piece(struct table_rows *rows, int fd, uint64_t offset, uint64_t end)
{
	rows->pending = false;
	table_piece(&rows->table, fd, offset, end);
}

void table_rows_close(struct table_rows *rows)
{
	table_close(&rows->table);
	json_rows_close(&rows->json);
	for (size_t i = 0; i < TABLE_PARTS; i++)
		buf_free(&rows->cells[i]);
}

static int take_captions(struct table_rows *rows, const struct value *value, struct buf *cell, struct err *err)
{
	size_t count;

	if (captions_from_value(value, cell, &count, err))
		return -1;
	if (count > 1 && !rows->options->lines)
		return err_set(err, "%zu captions; use --captions lines to read them", count);
	if (count == 1 && rows->options->lines)
		caption_join_lines(cell);
	return 0;
}

static int take_value(struct table_rows *rows, enum table_part part, const struct value *value, struct err *err)
{
	struct buf *cell = &rows->cells[part];

	if (!value || value->kind == VALUE_NULL)
		return 0;
	if (part == TABLE_CAPTION)
		return take_captions(rows, value, cell, err);
	if (value->kind == VALUE_STRING)
		buf_append_span(cell, value->string);
	else if (value->kind == VALUE_INTEGER)
		buf_printf(cell, "%" PRId64, value->integer);
	else if (value->kind == VALUE_REAL)
		buf_printf(cell, "%.17g", value->real);
	else
		return err_set(err, "expected a string or a number");
	return cell->failed ? err_memory(err) : 0;
}

static void take_object(struct table_rows *rows)
{
	for (size_t part = 0; part < TABLE_PARTS; part++)
		buf_clear(&rows->cells[part]);
	rows->bad = rows->json.bad;
	if (rows->bad)
		rows->why = rows->json.why;
	for (size_t part = 0; part < TABLE_PARTS && !rows->bad; part++) {
		const char *name = NULL;
		const struct value *value = table_columns_value(&rows->columns, &rows->json.object, (enum table_part)part, &name);
		if (take_value(rows, (enum table_part)part, value, &rows->why)) {
			err_add(&rows->why, "%s", name);
			rows->bad = true;
		}
	}
}

static int next_object(struct table_rows *rows, struct err *err)
{
	const int state = rows->pending ? 1 : json_rows_next(&rows->json, &rows->table, err);

	rows->pending = false;
	if (state == 1)
		take_object(rows);
	return state;
}

/* Does the row look like one in which a backslash escapes the delimiter, as in "a\,b"? */
static bool seems_escaped(const struct table_rows *rows)
{
	for (size_t i = 0; i + 1 < rows->table.count; i++) {
		const struct span cell = table_cell(&rows->table, i);
		if (cell.size && cell.data[cell.size - 1] == '\\')
			return true;
	}
	return false;
}

int table_rows_next(struct table_rows *rows, struct err *err)
{
	if (rows->is_json)
		return next_object(rows, err);
	const int state = table_next(&rows->table, err);
	const size_t count = rows->table.count, wanted = rows->columns.count;
	rows->bad = state == 1 && count != wanted;
	if (rows->bad)
		err_set(&rows->why, "%zu cell%s, but the first line names %zu column%s%s", count, count == 1 ? "" : "s", wanted,
			wanted == 1 ? "" : "s",
			count > wanted && !rows->options->escape && seems_escaped(rows)
				? "; if a backslash escapes the delimiter, use --escape '\\'"
				: "");
	return state;
}

struct span table_rows_cell(const struct table_rows *rows, enum table_part part)
{
	return rows->is_json ? buf_span(&rows->cells[part]) : table_columns_cell(&rows->table, &rows->columns, part);
}

enum { REPEATS_MOST = 9999 };

static void make_bad(struct table_row *row, const char *why)
{
	if (!row->bad)
		err_set(&row->why, "%s", why);
	row->bad = true;
}

static void append_normal(struct buf *key, struct span cell)
{
	struct buf scratch = { 0 };

	member_name(cell, &cell, &scratch);
	buf_append_span(key, cell);
	key->failed = key->failed || scratch.failed;
	buf_free(&scratch);
}

static void append_key(struct table_row *row, struct span image, struct span prefix)
{
	buf_clear(&row->prefixed);
	buf_append_span(&row->prefixed, prefix);
	buf_append_span(&row->prefixed, image);
	image_path_key(&row->key, buf_span(&row->prefixed));
}

static void make_key(struct table_row *row, const struct table_rows *rows, struct span prefix)
{
	const struct span image = buf_span(&row->image);
	const char *unusable = image_path_problem(table_rows_cell(rows, TABLE_IMAGE));

	buf_clear(&row->key);
	if (rows->columns.at[TABLE_KEY] != COLUMN_NONE)
		append_normal(&row->key, table_rows_cell(rows, TABLE_KEY));
	else
		append_key(row, image, prefix);
	const char *problem = row->key.size ? sample_name_problem(buf_span(&row->key), span_string("txt")) : "no key";
	if (image.size == 0)
		make_bad(row, "no image path");
	else if (unusable)
		make_bad(row, unusable);
	else if (problem)
		make_bad(row, problem);
	if (problem) {
		buf_clear(&row->key);
		buf_printf(&row->key, "row-at-byte-%llu", (unsigned long long)rows->table.offset);
	}
}

static int duplicate_key(const struct table_row *row, uint64_t line, uint64_t first, struct err *err)
{
	const struct buf *key = &row->key;

	return err_set(err, "line %llu: duplicate key '%.*s', first used in line %llu", (unsigned long long)line,
		span_shown(buf_span(key), 512), (const char *)key->data, (unsigned long long)first);
}

static void append_repeat(struct table_row *row)
{
	if (row->repeat)
		buf_printf(&row->key, "~%llu", (unsigned long long)row->repeat + 1);
}

/* For a key from the key column the set stores its line.  For a key made from a path it stores the number of repeats, so that the next
 * one need not try them all. */
static int make_unique(struct table_row *row, const struct table_rows *rows, bool own_key, struct err *err)
{
	const uint64_t line = rows->table.line;
	const size_t size = row->key.size;
	uint64_t known = own_key ? line : 0;
	int state = row->key.failed ? -1 : key_set_add(&row->seen, buf_span(&row->key), &known);

	row->repeat = 0;
	if (state == 1 && own_key)
		return duplicate_key(row, line, known, err);
	for (uint64_t next = known + 1; state == 1 && next < REPEATS_MOST; next++) {
		uint64_t none = 0;
		row->key.size = size;
		key_set_change(&row->seen, buf_span(&row->key), next);
		row->repeat = next;
		append_repeat(row);
		state = row->key.failed ? -1 : key_set_add(&row->seen, buf_span(&row->key), &none);
	}
	if (state == 1)
		return err_set(err, "line %llu: more than %d rows name the same image", (unsigned long long)line, REPEATS_MOST);
	return state ? err_memory(err) : 0;
}

static void make_path(struct table_row *row, struct span image, struct span root)
{
	buf_clear(&row->path);
	if (image.size && *image.data != '/')
		buf_append_span(&row->path, root);
	buf_append_span(&row->path, image);
}

/* dir\a.jpg is read as dir/a.jpg, unless there is a file with exactly that name. */
static void take_image(struct table_row *row, struct span cell, struct span root)
{
	buf_clear(&row->image);
	buf_append_span(&row->image, cell);
	make_path(row, cell, root);
	if (!cell.size || !memchr(cell.data, '\\', cell.size))
		return;
	image_path_slashes(&row->image);
	if (access(buf_string(&row->path), F_OK))
		make_path(row, buf_span(&row->image), root);
}

int table_row_make(struct table_row *row, const struct table_rows *rows, struct span root, struct span prefix, bool known, struct err *err)
{
	row->bad = rows->bad;
	if (row->bad)
		row->why = rows->why;
	take_image(row, table_rows_cell(rows, TABLE_IMAGE), root);
	make_key(row, rows, prefix);
	if (known)
		append_repeat(row);
	else if (make_unique(row, rows, rows->columns.at[TABLE_KEY] != COLUMN_NONE, err))
		return -1;
	return row->key.failed || row->path.failed || row->image.failed || row->prefixed.failed ? err_memory(err) : 0;
}

void table_row_free(struct table_row *row)
{
	buf_free(&row->key);
	buf_free(&row->path);
	buf_free(&row->image);
	buf_free(&row->prefixed);
	key_set_free(&row->seen);
}
