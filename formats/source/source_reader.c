#include "formats/source/source_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_kind(
	struct source_reader *reader, const struct limits *limits, const struct table_options *tables, struct buf *names, struct err *err)
{
	struct member_feed feed;

	switch (reader->source->kind) {
	case SOURCE_TAR:
		reader->samples = &reader->shard.samples;
		if (shard_open(&reader->shard, reader->fd, limits, err))
			return -1;
		reader->samples->by_image = reader->source->by_image;
		return 0;
	case SOURCE_FOLDER:
		if (folder_open(&reader->folder, reader->source->path, reader->source->by_image, err))
			return -1;
		reader->folder.names = names;
		feed = folder_feed(&reader->folder);
		break;
	case SOURCE_TABLE:
		if (table_source_open(&reader->table, reader->fd, reader->source, tables, limits, err))
			return -1;
		feed = table_source_feed(&reader->table);
		break;
	default:
		if (batch_open(&reader->batch, reader->fd, reader->source->path, reader->source->size, err))
			return -1;
		feed = batch_feed(&reader->batch);
	}
	reader->samples = &reader->plain;
	sample_reader_init(&reader->plain, &feed, limits);
	reader->plain.of_folder = reader->source->kind == SOURCE_FOLDER;
	if (reader->plain.of_folder)
		reader->plain.seen = &reader->seen;
	return 0;
}

/* reader->fd; -1 of a folder, which needs none. */
static int open_fd(struct source_reader *reader, struct err *err)
{
	const struct source *source = reader->source;
	const char *command = source_command(source->path);

	reader->fd = -1;
	reader->command = (struct command){ .fd = -1 };
	if (command) {
		if (command_start(&reader->command, command, err))
			return -1;
		reader->fd = reader->command.fd;
	} else if (strcmp(source->path, "-") == 0) {
		reader->fd = STDIN_FILENO;
	} else if (source->kind != SOURCE_FOLDER) {
		reader->fd = open(source->path, O_RDONLY | O_CLOEXEC);
		if (reader->fd < 0)
			return err_errno(err, "open");
	}
	return 0;
}

static const char *shown_path(const struct source *source)
{
	return strcmp(source->path, "-") == 0 ? "standard input" : source->path;
}

int source_failed(struct source_reader *reader, struct err *err)
{
	command_blame(&reader->command, err);
	return err_add(err, "%s", shown_path(reader->source));
}

int source_open(struct source_reader *reader, const struct source *source, const struct limits *limits, const struct table_options *tables,
	struct buf *names, struct err *err)
{
	reader->source = source;
	if (open_fd(reader, err)) {
		reader->source = NULL;
		return err_add(err, "%s", shown_path(source));
	}
	if (open_kind(reader, limits, tables, names, err) == 0)
		return 0;
	source_failed(reader, err);
	source_close(reader);
	return -1;
}

int source_finish(struct source_reader *reader, struct err *err)
{
	if (!reader->command.pid)
		return 0;
	reader->fd = -1;
	return command_finish(&reader->command, err);
}

void source_close(struct source_reader *reader)
{
	if (!reader->source)
		return;
	switch (reader->source->kind) {
	case SOURCE_TAR: shard_close(&reader->shard); break;
	case SOURCE_FOLDER: folder_close(&reader->folder); break;
	case SOURCE_BATCH: batch_close(&reader->batch); break;
	case SOURCE_TABLE: table_source_close(&reader->table);
	}
	if (reader->source->kind != SOURCE_TAR && reader->samples)
		sample_reader_free(&reader->plain);
	key_set_free(&reader->seen);
	if (reader->command.pid)
		command_stop(&reader->command);
	else if (reader->fd >= 0 && reader->fd != STDIN_FILENO)
		close(reader->fd);
	reader->samples = NULL;
	reader->source = NULL;
}

const struct shard_head *source_head(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_TAR && reader->shard.head.present ? &reader->shard.head : NULL;
}

const struct shard_end *source_end(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_TAR && reader->shard.end.present ? &reader->shard.end : NULL;
}

bool source_seekable(const struct source_reader *reader)
{
	if (reader->source->kind == SOURCE_TABLE)
		return table_seekable(&reader->table.rows.table);
	if (reader->source->kind != SOURCE_TAR)
		return true;
	return tar_bytes_seekable(&reader->shard.tar.bytes) && !reader->shard.has_rows;
}

bool source_is_cifar(const struct source_reader *reader)
{
	return reader->source->kind == SOURCE_BATCH || (reader->source->kind == SOURCE_TAR && reader->shard.has_rows);
}
