#include "formats/source/table_source.h"

#include "formats/text/captions.h"
#include "formats/tar/field_file.h"
#include "formats/stream/file_magic.h"
#include "formats/source/image_path.h"
#include "formats/source/sources.h"

#include <string.h>
#include <unistd.h>

/* The offset of a sample is the byte offset of its row, with the number of earlier rows of the same image above these bits. */
enum { REPEAT_SHIFT = 48 };

enum member { MEMBER_IMAGE, MEMBER_CAPTION, MEMBER_LABEL, MEMBERS };

/* Paths are relative to the table's folder, as in the original CleanCLIP program. */
static int set_root(struct table_source *source, struct err *err)
{
	const char *path = source->from->path, *root = source->rows.options->root;
	const char *slash = source_command(path) ? NULL : strrchr(path, '/');

	buf_clear(&source->root);
	if (root)
		buf_append_string(&source->root, root);
	else if (slash)
		buf_append(&source->root, path, (size_t)(slash - path) + 1);
	if (source->root.size && source->root.data[source->root.size - 1] != '/')
		buf_append_byte(&source->root, '/');
	return source->root.failed ? err_memory(err) : 0;
}

/* Checks the first bytes if the file is seekable. */
static int refuse_foreign(int fd, struct err *err)
{
	unsigned char head[FILE_MAGIC_BYTES];
	const ssize_t size = pread(fd, head, sizeof head, 0);

	return size <= 0 ? 0 : file_magic_expect_text(span_of(head, (size_t)size), "a table", err);
}

int table_source_open(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, struct err *err)
{
	*source = (struct table_source){ .from = from, .open = true, .member = MEMBERS };
	return refuse_foreign(fd, err) || table_rows_open(&source->rows, fd, from->path, options, limits, err) || set_root(source, err) ? -1
																	: 0;
}

static int begin_pieces(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, struct err *err)
{
	source->from = from;
	source->open = source->pieces = true;
	return table_rows_open_pieces(&source->rows, fd, from->path, options, limits, err) || set_root(source, err) ? -1 : 0;
}

static uint64_t place_of(const struct table_source *source, uint64_t offset)
{
	return source->row.repeat << REPEAT_SHIFT | offset;
}

int table_source_piece(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err)
{
	const uint64_t mask = (UINT64_C(1) << REPEAT_SHIFT) - 1;

	if (!source->open && begin_pieces(source, fd, from, options, limits, err))
		return -1;
	source->row.repeat = offset >> REPEAT_SHIFT;
	source->member = MEMBERS;
	table_rows_piece(&source->rows, fd, offset & mask, end & mask);
	return 0;
}

void table_source_close(struct table_source *source)
{
	if (source->open)
		table_rows_close(&source->rows);
	table_row_free(&source->row);
	buf_free(&source->root);
	buf_free(&source->name);
	source->open = false;
}

static struct span cell(const struct table_source *source, enum table_part part)
{
	return table_rows_cell(&source->rows, part);
}

static int next_row(struct table_source *source, struct err *err)
{
	int state = table_rows_next(&source->rows, err);

	if (state == 0 && !source->pieces && !source->places[0].line)
		return err_set(err, "no rows after the first line");
	if (state != 1)
		return state;
	if (table_row_make(&source->row, &source->rows, buf_span(&source->root),
		    span_string(source->from->prefix ? source->from->prefix : ""), source->pieces, err))
		return -1;
	source->member = 0;
	source->places[1] = source->places[0];
	source->places[0].offset = place_of(source, source->rows.table.offset);
	source->places[0].line = source->rows.table.line;
	return 1;
}

/* Appends the field of the image: its extension, or else the format of its first bytes. */
static void append_field(struct table_source *source)
{
	struct span extension = image_path_field(buf_span(&source->row.image));

	buf_append_byte(&source->name, '.');
	if (extension.size)
		buf_append_span(&source->name, extension);
	else
		buf_append_string(
			&source->name, source->row.bad || source->names_only ? "jpg" : image_file_field(buf_string(&source->row.path)));
}

static bool has_member(const struct table_source *source, int member)
{
	if (member == MEMBER_IMAGE)
		return true;
	return !caption_is_blank(cell(source, member == MEMBER_CAPTION ? TABLE_CAPTION : TABLE_LABEL));
}

static uint64_t size_of(struct table_source *source, int member)
{
	if (member == MEMBER_IMAGE)
		return !source->sizes ? 0 : image_file_size(buf_string(&source->row.path));
	return cell(source, member == MEMBER_CAPTION ? TABLE_CAPTION : TABLE_LABEL).size;
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
	*offset = place_of(source, source->rows.table.offset);
	return source->name.failed ? err_memory(err) : 1;
}

static int check_label(const struct table_source *source, struct span text, struct err *err)
{
	int64_t integer;
	const int parsed = label_parse(text, &integer);

	if (parsed > 0 || (parsed == 0 && source->rows.options->class_names))
		return 0;
	return err_set(err, "label '%.*s' is not an integer%s", span_shown(text, 64), (const char *)text.data,
		parsed < 0 ? "" : "; use --classes FILE to number class names");
}

/* If no image was found so far, all paths may be relative to another folder; open_clip's are relative to the current one. */
static void suggest_root(const struct table_source *source, struct err *err)
{
	struct span image = cell(source, TABLE_IMAGE);
	const struct err why = *err;

	if (!source->found && image.size && *image.data != '/' && access((const char *)source->row.path.data, F_OK))
		err_set(err, "%s; use --image-root to name the folder that paths are relative to", why.text);
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

/* Reads the member that feed_next announced last, which is the one before source->member. */
static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct table_source *source = from;
	const int member = source->member - 1;
	struct span text = cell(source, member == MEMBER_CAPTION ? TABLE_CAPTION : TABLE_LABEL);

	*end = place_of(source, source->rows.table.end);
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
	*end = place_of(source, source->rows.table.end);
	return 0;
}

struct member_feed table_source_feed(struct table_source *source)
{
	return (struct member_feed){ feed_next, feed_read, feed_skip, source };
}

uint64_t table_source_line(const struct table_source *source, uint64_t offset)
{
	return source->places[source->places[0].offset == offset ? 0 : 1].line;
}
