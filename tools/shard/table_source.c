#include "tools/shard/table_source.h"

#include "formats/sample_name.h"
#include "tools/shard/image_path.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

/* Of a sample's offset: how often its image was named before, above the offset of its row. */
enum { REPEAT_SHIFT = 48, REPEATS_MOST = 9999 };

enum member { MEMBER_IMAGE, MEMBER_CAPTION, MEMBER_LABEL, MEMBERS };

static const struct table_options usual;

static struct table_form form_of(const char *path, const struct table_options *options, const struct limits *limits)
{
	return (struct table_form){ options->delimiter ? options->delimiter : table_delimiter(path), options->no_quotes, limits->string };
}

/* Paths begin in the table's folder, as the authors' program has it. */
static int set_root(struct table_source *source, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');

	buf_clear(&source->root);
	if (source->options->root)
		buf_append_string(&source->root, source->options->root);
	else if (slash)
		buf_append(&source->root, path, (size_t)(slash - path) + 1);
	if (source->root.size && source->root.data[source->root.size - 1] != '/')
		buf_append_byte(&source->root, '/');
	return source->root.failed ? err_memory(err) : 0;
}

static int read_columns(struct table_source *source, struct err *err)
{
	int state = table_next(&source->table, err);

	if (state == 0)
		return err_set(err, "empty: the first line names the columns, as in image,caption");
	return state < 0 ? -1 : table_columns_find(&source->columns, &source->table, source->options, err);
}

int table_source_open(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err)
{
	*source = (struct table_source){ .options = options ? options : &usual, .open = true, .member = MEMBERS };
	const struct table_form form = form_of(path, source->options, limits);

	return table_open(&source->table, fd, &form, err) || set_root(source, path, err) ? -1 : read_columns(source, err);
}

static int begin_pieces(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err)
{
	source->options = options ? options : &usual;
	const struct table_form form = form_of(path, source->options, limits);

	source->open = source->pieces = true;
	if (table_open_pieces(&source->table, &form, err) || set_root(source, path, err))
		return -1;
	table_piece(&source->table, fd, 0, limits->string);
	return read_columns(source, err);
}

static uint64_t place_of(const struct table_source *source, uint64_t offset)
{
	return source->repeat << REPEAT_SHIFT | offset;
}

int table_source_piece(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err)
{
	const uint64_t mask = (UINT64_C(1) << REPEAT_SHIFT) - 1;

	if (!source->open && begin_pieces(source, fd, path, options, limits, err))
		return -1;
	source->repeat = offset >> REPEAT_SHIFT;
	source->member = MEMBERS;
	table_piece(&source->table, fd, offset & mask, end & mask);
	return 0;
}

void table_source_close(struct table_source *source)
{
	if (source->open)
		table_close(&source->table);
	key_set_free(&source->seen);
	buf_free(&source->root);
	buf_free(&source->key);
	buf_free(&source->name);
	buf_free(&source->path);
	source->open = false;
}

static struct span cell(const struct table_source *source, int column)
{
	return column == COLUMN_NONE ? (struct span){ 0 } : table_cell(&source->table, (size_t)column);
}

static void make_bad(struct table_source *source, const char *why)
{
	if (!source->bad)
		err_set(&source->why, "%s", why);
	source->bad = true;
}

static void make_key(struct table_source *source)
{
	const struct table_columns *columns = &source->columns;
	struct span image = cell(source, columns->image);

	buf_clear(&source->key);
	if (columns->key != COLUMN_NONE)
		buf_append_span(&source->key, cell(source, columns->key));
	else
		image_path_key(&source->key, image);
	if (image.size == 0)
		make_bad(source, "its image is not named");
	else if (source->key.size == 0)
		make_bad(source, "it has no key");
	const char *problem = source->key.size ? sample_name_problem(buf_span(&source->key), span_string("")) : NULL;
	if (problem)
		make_bad(source, problem);
	if (problem || !source->key.size) {
		buf_clear(&source->key);
		buf_printf(&source->key, "row-at-byte-%llu", (unsigned long long)source->table.offset);
	}
}

static int stands_twice(const struct table_source *source, uint64_t first, struct err *err)
{
	const struct buf *key = &source->key;

	return err_set(err, "line %llu: the key '%.*s' stands twice, first in line %llu", (unsigned long long)source->table.line,
		(int)(key->size < 512 ? key->size : 512), (const char *)key->data, (unsigned long long)first);
}

static void append_repeat(struct table_source *source)
{
	if (source->repeat)
		buf_printf(&source->key, "~%llu", (unsigned long long)source->repeat + 1);
}

/* Of a piece it is known how often the image was named before. */
static int make_unique(struct table_source *source, struct err *err)
{
	const size_t size = source->key.size;
	int state = 1;

	if (source->pieces) {
		append_repeat(source);
		return 0;
	}
	for (source->repeat = 0; source->repeat < REPEATS_MOST; source->repeat++) {
		uint64_t line = source->table.line;
		source->key.size = size;
		append_repeat(source);
		state = source->key.failed ? -1 : key_set_add(&source->seen, key_hash(buf_span(&source->key)), &line);
		if (state <= 0)
			return state ? err_memory(err) : 0;
		if (source->columns.key != COLUMN_NONE)
			return stands_twice(source, line, err);
	}
	return err_set(err, "line %llu: more than %d rows name the same image", (unsigned long long)source->table.line, REPEATS_MOST);
}

static int next_row(struct table_source *source, struct err *err)
{
	const struct table *table = &source->table;
	int state = table_next(&source->table, err);

	if (state != 1)
		return state;
	source->bad = false;
	source->member = 0;
	source->rows[1] = source->rows[0];
	if (table->count != source->columns.count) {
		err_set(&source->why, "%zu cell%s, and the first line names %zu column%s", table->count, table->count == 1 ? "" : "s",
			source->columns.count, source->columns.count == 1 ? "" : "s");
		source->bad = true;
	}
	make_key(source);
	if (make_unique(source, err))
		return -1;
	source->rows[0].offset = place_of(source, table->offset);
	source->rows[0].line = table->line;
	buf_clear(&source->path);
	struct span image = cell(source, source->columns.image);
	if (image.size && image.data[0] != '/')
		buf_append_span(&source->path, buf_span(&source->root));
	buf_append_span(&source->path, image);
	return source->key.failed || source->path.failed ? err_memory(err) : 1;
}

/* What the image's field is called: as its ending, or where that says nothing, by its first bytes. */
static void append_field(struct table_source *source)
{
	struct span ending = image_path_field(cell(source, source->columns.image));

	buf_append_byte(&source->name, '.');
	if (ending.size)
		buf_append_span(&source->name, ending);
	else
		buf_append_string(&source->name, source->bad || source->names_only ? "jpg" : image_file_field(buf_string(&source->path)));
}

static bool has_member(const struct table_source *source, int member)
{
	const struct table_columns *columns = &source->columns;

	return member == MEMBER_IMAGE || cell(source, member == MEMBER_CAPTION ? columns->caption : columns->label).size;
}

static uint64_t size_of(struct table_source *source, int member)
{
	if (member == MEMBER_IMAGE)
		return source->names_only ? 0 : image_file_size(buf_string(&source->path));
	return cell(source, member == MEMBER_CAPTION ? source->columns.caption : source->columns.label).size;
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct table_source *source = from;
	int state;

	while (source->member < MEMBERS && !has_member(source, source->member))
		source->member++;
	if (source->member == MEMBERS && (state = next_row(source, err)) != 1)
		return state;
	buf_clear(&source->name);
	buf_append_span(&source->name, buf_span(&source->key));
	if (source->member == MEMBER_IMAGE)
		append_field(source);
	else
		buf_append_string(&source->name, source->member == MEMBER_CAPTION ? ".txt" : ".cls");
	*size = size_of(source, source->member++);
	*name = buf_span(&source->name);
	*offset = place_of(source, source->table.offset);
	return source->name.failed ? err_memory(err) : 1;
}

static bool is_integer(struct span text)
{
	size_t at = text.size && *text.data == '-';

	if (at == text.size)
		return false;
	while (at < text.size && isdigit(text.data[at]))
		at++;
	return at == text.size;
}

/* Where none was found yet, all paths may begin elsewhere: open_clip's begin in the current folder. */
static void suggest_root(const struct table_source *source, struct err *err)
{
	struct span image = cell(source, source->columns.image);
	const struct err why = *err;

	if (!source->found && image.size && *image.data != '/' && access((const char *)source->path.data, F_OK))
		err_set(err, "%s (--image-root tells where paths begin)", why.text);
}

static int read_image(struct table_source *source, struct buf *content, size_t most, struct err *err)
{
	if (image_file_read(buf_string(&source->path), content, most, err)) {
		suggest_root(source, err);
		return 1;
	}
	source->found = true;
	return 0;
}

/* The member that was announced last is the one before source->member. */
static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct table_source *source = from;
	const int member = source->member - 1;
	struct span text = cell(source, member == MEMBER_CAPTION ? source->columns.caption : source->columns.label);

	*end = place_of(source, source->table.end);
	if (source->bad) {
		*err = source->why;
		return 1;
	}
	if (member == MEMBER_IMAGE)
		return read_image(source, content, most, err);
	if (member == MEMBER_LABEL && !is_integer(text) && !source->options->class_names) {
		err_set(err, "label '%.*s' is no integer (--classes FILE gives names their numbers)", (int)(text.size < 64 ? text.size : 64),
			(const char *)text.data);
		return 1;
	}
	buf_append_span(content, text);
	return 0;
}

static int feed_skip(void *from, uint64_t *end, struct err *err)
{
	struct table_source *source = from;

	(void)err;
	*end = place_of(source, source->table.end);
	return 0;
}

struct member_feed table_source_feed(struct table_source *source)
{
	return (struct member_feed){ feed_next, feed_read, feed_skip, NULL, source };
}

uint64_t table_source_line(const struct table_source *source, uint64_t offset)
{
	return source->rows[source->rows[0].offset == offset ? 0 : 1].line;
}
