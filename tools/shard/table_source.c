#include "tools/shard/table_source.h"

#include "formats/captions.h"
#include "formats/field_file.h"
#include "tools/shard/image_path.h"
#include "tools/shard/sources.h"

#include <string.h>
#include <unistd.h>

/* Of a sample's offset: how often its image was named before, above the offset of its row. */
enum { REPEAT_SHIFT = 48 };

enum member { MEMBER_IMAGE, MEMBER_CAPTION, MEMBER_LABEL, MEMBERS };

static const struct table_options usual;

static struct table_form form_of(const char *path, const struct table_options *options, const struct limits *limits)
{
	return (struct table_form){ .delimiter = options->delimiter ? options->delimiter : table_delimiter(path), .given = options->delimiter,
		.no_quotes = options->no_quotes, .escape = options->escape, .longest = limits->string };
}

/* Paths begin in the table's folder, as the authors' program has it. */
static int set_root(struct table_source *source, const char *path, struct err *err)
{
	const char *slash = source_command(path) ? NULL : strrchr(path, '/');

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
	return source->row.repeat << REPEAT_SHIFT | offset;
}

int table_source_piece(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err)
{
	const uint64_t mask = (UINT64_C(1) << REPEAT_SHIFT) - 1;

	if (!source->open && begin_pieces(source, fd, path, options, limits, err))
		return -1;
	source->row.repeat = offset >> REPEAT_SHIFT;
	source->member = MEMBERS;
	table_piece(&source->table, fd, offset & mask, end & mask);
	return 0;
}

void table_source_close(struct table_source *source)
{
	if (source->open)
		table_close(&source->table);
	table_row_free(&source->row);
	buf_free(&source->root);
	buf_free(&source->name);
	source->open = false;
}

static struct span cell(const struct table_source *source, int column)
{
	return table_columns_cell(&source->table, &source->columns, column);
}

static int next_row(struct table_source *source, struct err *err)
{
	int state = table_next(&source->table, err);

	if (state == 0 && !source->pieces && !source->rows[0].line)
		return err_set(err, "no rows: nothing is below its first line");
	if (state != 1)
		return state;
	if (table_row_make(&source->row, &source->table, &source->columns, buf_span(&source->root), source->pieces, err))
		return -1;
	source->member = 0;
	source->rows[1] = source->rows[0];
	source->rows[0].offset = place_of(source, source->table.offset);
	source->rows[0].line = source->table.line;
	return 1;
}

/* What the image's field is called: as its ending, or where that says nothing, by its first bytes. */
static void append_field(struct table_source *source)
{
	struct span ending = image_path_field(buf_span(&source->row.image));

	buf_append_byte(&source->name, '.');
	if (ending.size)
		buf_append_span(&source->name, ending);
	else
		buf_append_string(&source->name, source->row.bad || source->names_only ? "jpg" : image_file_field(buf_string(&source->row.path)));
}

static bool has_member(const struct table_source *source, int member)
{
	const struct table_columns *columns = &source->columns;

	if (member == MEMBER_IMAGE)
		return true;
	return !caption_is_blank(cell(source, member == MEMBER_CAPTION ? columns->caption : columns->label));
}

static uint64_t size_of(struct table_source *source, int member)
{
	if (member == MEMBER_IMAGE)
		return !source->sizes ? 0 : image_file_size(buf_string(&source->row.path));
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
	buf_append_span(&source->name, buf_span(&source->row.key));
	if (source->member == MEMBER_IMAGE)
		append_field(source);
	else
		buf_append_string(&source->name, source->member == MEMBER_CAPTION ? ".txt" : ".cls");
	*size = size_of(source, source->member++);
	*name = buf_span(&source->name);
	*offset = place_of(source, source->table.offset);
	return source->name.failed ? err_memory(err) : 1;
}

static int check_label(const struct table_source *source, struct span text, struct err *err)
{
	int64_t integer;
	const int parsed = label_parse(text, &integer);

	if (parsed > 0 || (parsed == 0 && source->options->class_names))
		return 0;
	return err_set(err, "label '%.*s' is not an integer%s", span_shown(text, 64), (const char *)text.data,
		parsed < 0 ? "" : " (--classes FILE gives names their numbers)");
}

/* Where none was found yet, all paths may begin elsewhere: open_clip's begin in the current folder. */
static void suggest_root(const struct table_source *source, struct err *err)
{
	struct span image = cell(source, source->columns.image);
	const struct err why = *err;

	if (!source->found && image.size && *image.data != '/' && access((const char *)source->row.path.data, F_OK))
		err_set(err, "%s (--image-root tells where paths begin)", why.text);
}

static int read_image(struct table_source *source, struct buf *content, size_t most, struct err *err)
{
	if (image_file_read(buf_string(&source->row.path), content, most, err)) {
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
	if (source->row.bad) {
		*err = source->row.why;
		return 1;
	}
	if (member == MEMBER_IMAGE)
		return read_image(source, content, most, err);
	if (member == MEMBER_LABEL && check_label(source, text, err))
		return 1;
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
