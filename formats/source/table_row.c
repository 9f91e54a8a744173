#include "formats/source/table_row.h"

#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"
#include "formats/source/image_path.h"

#include <string.h>
#include <unistd.h>

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
	buf_clear(&row->below);
	buf_append_span(&row->below, prefix);
	buf_append_span(&row->below, image);
	image_path_key(&row->key, buf_span(&row->below));
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
	const char *problem = row->key.size ? sample_name_problem(buf_span(&row->key), span_string("txt")) : "it has no key";
	if (image.size == 0)
		make_bad(row, "its image is not named");
	else if (unusable)
		make_bad(row, unusable);
	else if (problem)
		make_bad(row, problem);
	if (problem) {
		buf_clear(&row->key);
		buf_printf(&row->key, "row-at-byte-%llu", (unsigned long long)rows->table.offset);
	}
}

static int stands_twice(const struct table_row *row, uint64_t line, uint64_t first, struct err *err)
{
	const struct buf *key = &row->key;

	return err_set(err, "line %llu: the key '%.*s' stands twice, first in line %llu", (unsigned long long)line,
		span_shown(buf_span(key), 512), (const char *)key->data, (unsigned long long)first);
}

static void append_repeat(struct table_row *row)
{
	if (row->repeat)
		buf_printf(&row->key, "~%llu", (unsigned long long)row->repeat + 1);
}

static int make_unique(struct table_row *row, const struct table_rows *rows, bool own_key, struct err *err)
{
	const size_t size = row->key.size;

	for (row->repeat = 0; row->repeat < REPEATS_MOST; row->repeat++) {
		uint64_t line = rows->table.line;
		row->key.size = size;
		append_repeat(row);
		int state = row->key.failed ? -1 : key_set_add(&row->seen, buf_span(&row->key), &line);
		if (state <= 0)
			return state ? err_memory(err) : 0;
		if (own_key)
			return stands_twice(row, rows->table.line, line, err);
	}
	return err_set(err, "line %llu: more than %d rows name the same image", (unsigned long long)rows->table.line, REPEATS_MOST);
}

static void make_path(struct table_row *row, struct span image, struct span root)
{
	buf_clear(&row->path);
	if (image.size && *image.data != '/')
		buf_append_span(&row->path, root);
	buf_append_span(&row->path, image);
}

/* dir\a.jpg is dir/a.jpg, unless there is a file of just that name. */
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
	return row->key.failed || row->path.failed || row->image.failed || row->below.failed ? err_memory(err) : 0;
}

void table_row_free(struct table_row *row)
{
	buf_free(&row->key);
	buf_free(&row->path);
	buf_free(&row->image);
	buf_free(&row->below);
	key_set_free(&row->seen);
}
