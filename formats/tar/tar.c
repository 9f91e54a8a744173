#include "formats/tar/tar.h"

#include "formats/stream/file_magic.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

/* CHUNK: contents are read in pieces of this size, so a wrong size in a header cannot cause a large allocation. */
enum { TAR_BLOCK = 512, CHUNK = 1 << 20 };

static la_ssize_t read_callback(struct archive *archive, void *context, const void **block)
{
	struct tar_bytes *bytes = context;
	ssize_t got = tar_bytes_next(bytes, block);

	if (got < 0)
		archive_set_error(archive, EIO, "%s", bytes->err.text);
	return got;
}

static la_int64_t skip_callback(struct archive *archive, void *context, la_int64_t wanted)
{
	(void)archive;
	return (la_int64_t)tar_bytes_skip(context, (uint64_t)wanted);
}

static uint64_t position(const struct tar_reader *reader)
{
	return (uint64_t)archive_filter_bytes(reader->archive, 0);
}

/* "byte 1024: why" */
static int failed(struct tar_reader *reader, struct err *err)
{
	const char *why = archive_error_string(reader->archive);
	unsigned long long at = reader->offset, size = reader->bytes.delivered;

	if (archive_errno(reader->archive) == ENOMEM || errno == ENOMEM || memory_failed())
		return err_memory(err);
	if (!why || !*why)
		why = "libarchive failed without saying why";
	if (strstr(why, "runcated"))
		return err_set(err, "byte %llu: the tar is truncated at byte %llu (%s)", at, size, why);
	return err_set(err, "byte %llu: %s", at, why);
}

static int open_archive(struct tar_reader *reader, struct err *err)
{
	errno = 0;
	reader->archive = archive_read_new();
	reader->entry = archive_entry_new();
	if (!reader->archive || !reader->entry || errno == ENOMEM) /* the reader may be incomplete */
		return err_memory(err);
	if (archive_read_support_format_tar(reader->archive) != ARCHIVE_OK)
		return err_memory(err);
	archive_read_set_read_callback(reader->archive, read_callback);
	archive_read_set_skip_callback(reader->archive, skip_callback);
	return archive_read_set_callback_data(reader->archive, &reader->bytes) == ARCHIVE_OK ? 0 : err_memory(err);
}

int tar_open(struct tar_reader *reader, int fd, struct err *err)
{
	*reader = (struct tar_reader){ 0 };
	return tar_bytes_open(&reader->bytes, fd, err) || open_archive(reader, err) ? -1 : 0;
}

int tar_open_pieces(struct tar_reader *reader, struct err *err)
{
	*reader = (struct tar_reader){ 0 };
	if (tar_bytes_open_pieces(&reader->bytes, err))
		return -1;
	reader->bytes.header_first = true;
	return open_archive(reader, err);
}

void tar_close(struct tar_reader *reader)
{
	if (reader->archive)
		archive_read_free(reader->archive);
	archive_entry_free(reader->entry);
	tar_bytes_close(&reader->bytes);
	reader->archive = NULL;
	reader->entry = NULL;
}

void tar_piece(struct tar_reader *reader, int fd, uint64_t offset, uint64_t size)
{
	tar_bytes_piece(&reader->bytes, fd, offset, size);
}

bool tar_piece_done(const struct tar_reader *reader)
{
	return reader->bytes.left == 0 && position(reader) == reader->bytes.delivered;
}

static int all_zero(uint64_t size, struct err *err)
{
	if (size == 0)
		return err_set(err, "empty: 0 bytes");
	return err_set(err, "no members: all of its %llu bytes are zero", (unsigned long long)size);
}

static bool unrecognised(const struct tar_reader *reader)
{
	const char *why = archive_error_string(reader->archive);

	return reader->members == 0 && why && strncmp(why, "Unrecognized", 12) == 0;
}

/* The first line has a delimiter and only characters of text. */
static bool looks_like_table(const struct tar_bytes *bytes)
{
	const unsigned char *text = bytes->last.data;
	bool delimited = false;

	for (size_t i = 0; bytes->delivered == bytes->last.size && i < bytes->last.size && text[i] != '\n'; i++) {
		if (text[i] < ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
		delimited = delimited || strchr(",;\t", text[i]);
	}
	return delimited;
}

static int not_a_tar(struct tar_reader *reader, struct err *err)
{
	const bool first = reader->bytes.delivered == reader->bytes.last.size, table = looks_like_table(&reader->bytes);
	const struct file_magic *magic = first ? file_magic(reader->bytes.last) : NULL;
	uint64_t end = 0;
	struct err why;

	if (magic && magic->magic != MAGIC_TAR)
		file_magic_refuse_data(reader->bytes.last, "a tar", &why);
	else
		err_set(&why, magic ? "not a tar: its first header is damaged" : "not a tar, plain or compressed");
	int rest = tar_bytes_drain(&reader->bytes, 0, &end, err);
	if (rest == 0)
		return all_zero(end, err);
	if (rest < 0)
		return -1;
	if (table && (!magic || magic->magic == MAGIC_TEXT))
		return err_set(err, "not a tar, plain or compressed; a table must be named .csv or .tsv, or be read with an option for "
				    "tables, such as --delimiter");
	*err = why;
	return -1;
}

/* libarchive stops at the end-of-archive blocks or at the end of the bytes.  Is this a proper end? */
static int check_end(struct tar_reader *reader, struct err *err)
{
	uint64_t members_end = (uint64_t)archive_read_header_position(reader->archive);
	uint64_t end = 0;
	int rest = tar_bytes_drain(&reader->bytes, position(reader), &end, err);

	if (rest < 0)
		return err_add(err, "byte %llu", (unsigned long long)reader->bytes.delivered);
	if (rest > 0)
		return err_set(err,
			"byte %llu: unexpected data after the end of the archive "
			"(to join tars, use `tar --concatenate`)",
			(unsigned long long)position(reader));
	if (members_end == 0)
		return all_zero(end, err);
	if (end - members_end < 2 * TAR_BLOCK)
		return err_set(err,
			"byte %llu: the tar is truncated: it has no end-of-archive blocks (the last of %llu members is complete)",
			(unsigned long long)end, (unsigned long long)reader->members);
	return 0;
}

static int describe(const struct tar_reader *reader, struct tar_member *member, struct err *err)
{
	const char *name = archive_entry_pathname(reader->entry);
	const la_int64_t size = archive_entry_size(reader->entry);

	if (!name)
		name = archive_entry_pathname_utf8(reader->entry);
	if (!name)
		return err_set(err, "byte %llu: a member's name cannot be converted in this locale; use a UTF-8 locale",
			(unsigned long long)reader->offset);
	*member = (struct tar_member){
		.name = span_string(name), .offset = reader->offset, .size = size > 0 ? (uint64_t)size : 0, .kind = TAR_SPECIAL
	};
	if (archive_entry_hardlink(reader->entry) || archive_entry_filetype(reader->entry) == AE_IFLNK)
		member->kind = TAR_LINK;
	else if (archive_entry_filetype(reader->entry) == AE_IFREG)
		member->kind = TAR_FILE;
	else if (archive_entry_filetype(reader->entry) == AE_IFDIR)
		member->kind = TAR_FOLDER;
	return 0;
}

/* libarchive reads when it is opened, so opening is delayed until the first piece is set.  Before the first piece comes a dummy header. */
static int open_late(struct tar_reader *reader, struct err *err)
{
	if (archive_read_open1(reader->archive) != ARCHIVE_OK)
		return unrecognised(reader) ? not_a_tar(reader, err) : failed(reader, err);
	if (reader->bytes.pieces && archive_read_next_header2(reader->archive, reader->entry) != ARCHIVE_OK)
		return failed(reader, err);
	return 0;
}

/* libarchive only warns if it skips something, such as a long name in a damaged pax header.  The warning that a name cannot be converted is
 * harmless. */
static bool is_incomplete(const struct tar_reader *reader, int state)
{
	const char *why = archive_error_string(reader->archive);

	return state == ARCHIVE_WARN && !(why && strstr(why, "can't be converted"));
}

int tar_next(struct tar_reader *reader, struct tar_member *member, struct err *err)
{
	if (reader->ended)
		return 0;
	if (reader->members == 0 && open_late(reader, err))
		return -1;
	int state = archive_read_next_header2(reader->archive, reader->entry);
	if (state == ARCHIVE_EOF) {
		reader->ended = true;
		return check_end(reader, err);
	}
	const la_int64_t offset = archive_read_header_position(reader->archive); /* negative after a fatal error */
	reader->offset = offset < 0 ? position(reader) : (uint64_t)offset;
	if (state == ARCHIVE_FATAL || state == ARCHIVE_RETRY || is_incomplete(reader, state))
		return failed(reader, err);
	reader->members++;
	return describe(reader, member, err) ? -1 : 1;
}

/* Appends the zeros after the last bytes of a sparse file. */
static int add_hole(struct buf *content, size_t size, struct err *err)
{
	unsigned char *end = buf_reserve(content, size);

	if (!end)
		return err_memory(err);
	memset(end, 0, size);
	content->size += size;
	return 0;
}

int tar_read(struct tar_reader *reader, struct buf *content, size_t most, struct err *err)
{
	const la_int64_t announced = archive_entry_size(reader->entry);
	size_t left = announced > 0 ? (size_t)announced : 0;

	if (left > most)
		return err_set(err, "byte %llu: %zu bytes; at most %zu are accepted", (unsigned long long)reader->offset, left, most);
	for (;;) { /* the read that reaches the end also consumes the padding */
		const size_t wanted = left < CHUNK ? left + 1 : CHUNK;
		unsigned char *end = buf_reserve(content, wanted);
		if (!end)
			return err_memory(err);
		la_ssize_t got = archive_read_data(reader->archive, end, wanted);
		if (got < 0)
			return failed(reader, err);
		if (got == 0)
			return left ? add_hole(content, left, err) : 0;
		if ((size_t)got > left)
			return err_set(err, "byte %llu: more than the %lld bytes that its header announces",
				(unsigned long long)reader->offset, (long long)announced);
		content->size += (size_t)got;
		left -= (size_t)got;
	}
}

int tar_read_part(struct tar_reader *reader, void *part, size_t size, struct err *err)
{
	la_ssize_t got = archive_read_data(reader->archive, part, size);

	if (got < 0)
		return failed(reader, err);
	if (got > 0 && (size_t)got < size)
		return err_set(err, "byte %llu: truncated in the middle of a row", (unsigned long long)reader->offset);
	return got > 0;
}

int tar_skip(struct tar_reader *reader, struct err *err)
{
	return archive_read_data_skip(reader->archive) < ARCHIVE_WARN ? failed(reader, err) : 0;
}

uint64_t tar_end(const struct tar_reader *reader)
{
	uint64_t at = position(reader);

	return at + (TAR_BLOCK - at % TAR_BLOCK) % TAR_BLOCK;
}
