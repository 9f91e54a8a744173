#include "formats/tar/tar.h"

#include "formats/stream/io.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

/* Contents below LARGE are collected in the buffer until it holds FLUSH_AT bytes. */
enum { LARGE = 32 << 10, FLUSH_AT = 256 << 10 };

static int flush_with(struct tar_writer *writer, struct span more)
{
	int state = writer->buffer.failed ? err_memory(&writer->err) : io_write(writer->fd, buf_span(&writer->buffer), more, &writer->err);

	buf_clear(&writer->buffer);
	return state;
}

static la_ssize_t write_callback(struct archive *archive, void *context, const void *data, size_t size)
{
	struct tar_writer *writer = context;
	int state = 0;

	if (writer->finished)
		return (la_ssize_t)size;
	if (size >= LARGE) {
		state = flush_with(writer, span_of(data, size));
	} else {
		buf_append(&writer->buffer, data, size);
		if (writer->buffer.size >= FLUSH_AT)
			state = flush_with(writer, (struct span){ 0 });
	}
	writer->size += size;
	if (state)
		archive_set_error(archive, EIO, "%s", writer->err.text);
	return state ? -1 : (la_ssize_t)size;
}

static int failed(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);

	if (archive_errno(archive) == ENOMEM || errno == ENOMEM)
		return err_memory(err);
	return err_set(err, "%s", why && *why ? why : "libarchive failed without saying why");
}

static int open_archive(struct tar_writer *writer, struct archive **archive, int (*set_format)(struct archive *), struct err *err)
{
	*archive = archive_write_new();
	if (!*archive)
		return err_memory(err);
	if (set_format(*archive) != ARCHIVE_OK)
		return failed(*archive, err);
	archive_write_set_bytes_per_block(*archive, 0);
	return archive_write_open(*archive, writer, NULL, write_callback, NULL) == ARCHIVE_OK ? 0 : failed(*archive, err);
}

int tar_writer_open(struct tar_writer *writer, int fd, struct err *err)
{
	*writer = (struct tar_writer){ .fd = fd, .entry = archive_entry_new() };
	if (!writer->entry)
		return err_memory(err);
	return open_archive(writer, &writer->ustar, archive_write_set_format_ustar, err) ||
			       open_archive(writer, &writer->pax, archive_write_set_format_pax_restricted, err)
		       ? -1
		       : 0;
}

static void describe(struct tar_writer *writer, uint64_t size)
{
	archive_entry_clear(writer->entry);
	archive_entry_copy_pathname(writer->entry, buf_string(&writer->name));
	archive_entry_set_size(writer->entry, (la_int64_t)size);
	archive_entry_set_filetype(writer->entry, AE_IFREG);
	archive_entry_set_perm(writer->entry, 0644);
	archive_entry_set_mtime(writer->entry, 0, 0);
}

int tar_write(struct tar_writer *writer, struct span name, struct span head, struct span body, struct err *err)
{
	struct archive *archive = writer->ustar;

	buf_clear(&writer->name);
	buf_append_span(&writer->name, name);
	describe(writer, head.size + body.size);
	if (writer->name.failed)
		return err_memory(err);
	int state = archive_write_header(archive, writer->entry);
	if (state != ARCHIVE_OK && state != ARCHIVE_FATAL) {
		archive = writer->pax;
		state = archive_write_header(archive, writer->entry);
	}
	if (state != ARCHIVE_OK || (head.size && archive_write_data(archive, head.data, head.size) < 0) ||
		(body.size && archive_write_data(archive, body.data, body.size) < 0) || archive_write_finish_entry(archive) != ARCHIVE_OK)
		return failed(archive, err);
	return 0;
}

int tar_writer_finish(struct tar_writer *writer, struct err *err)
{
	if (archive_write_close(writer->ustar) != ARCHIVE_OK)
		return failed(writer->ustar, err);
	if (flush_with(writer, (struct span){ 0 })) {
		*err = writer->err;
		return -1;
	}
	return 0;
}

int tar_writer_replace(struct tar_writer *writer, uint64_t offset, struct span bytes, struct err *err)
{
	while (bytes.size) {
		ssize_t written = pwrite(writer->fd, bytes.data, bytes.size, (off_t)offset);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_errno(err, "write");
		bytes = span_of(bytes.data + written, bytes.size - (size_t)written);
		offset += (uint64_t)written;
	}
	return 0;
}

void tar_writer_free(struct tar_writer *writer)
{
	writer->finished = true;
	if (writer->ustar)
		archive_write_free(writer->ustar);
	if (writer->pax)
		archive_write_free(writer->pax);
	archive_entry_free(writer->entry);
	buf_free(&writer->buffer);
	buf_free(&writer->name);
	writer->ustar = writer->pax = NULL;
	writer->entry = NULL;
}
