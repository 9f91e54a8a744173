#include "formats/report/provenance.h"

#include "formats/text/json.h"
#include "formats/tensor/safetensors.h"
#include "formats/tar/shard_info.h"
#include "formats/stream/stream.h"
#include "formats/tar/tar.h"
#include "formats/stream/file_kind.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { JSON_MOST = 16 << 20 };

static int not_ours(struct err *err)
{
	return err_set(err, "it does not say how it was made: these tools did not write it");
}

/* It lives in the arena. */
static int take_header(struct provenance *provenance, const struct value *header, struct err *err)
{
	const struct value *prog = value_get(header, "prog");

	if (!prog || prog->kind != VALUE_ARRAY)
		return not_ours(err);
	provenance->header = *header;
	return 0;
}

/* To its end: there stands whether it is whole, and what was put behind it. */
static int read_stream(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	struct stream_reader reader;
	struct record record = { 0 };
	int state = stream_open(&reader, fd, limits, err) ? -1 : 1;

	while (state > 0)
		state = stream_read(&reader, &record, err);
	provenance->arena = reader.arena; /* the header lives there */
	reader.arena = (struct arena){ 0 };
	if (state == 0)
		state = take_header(provenance, &reader.header, err);
	provenance->behind = reader.tail.progs;
	record_free(&record);
	stream_close(&reader);
	return state;
}

static int take_json(struct provenance *provenance, struct span text, const struct limits *limits, struct err *err)
{
	struct value header;

	if (json_read(text, limits, &provenance->arena, &header, err))
		return -1;
	return take_header(provenance, &header, err);
}

/* A member's content as its own text, which is replaced. */
static int read_member(struct tar_reader *tar, struct buf *content, struct err *err)
{
	buf_clear(content);
	return tar_read(tar, content, JSON_MOST, err);
}

/* A shard begins with its own header. */
static int read_head(
	struct provenance *provenance, struct tar_reader *tar, struct buf *content, const struct limits *limits, struct err *err)
{
	struct tar_member member;
	struct shard_head head;
	int state = tar_next(tar, &member, err);

	if (state == 0 || (state == 1 && !span_is(member.name, SHARD_HEAD_NAME)))
		return not_ours(err);
	if (state < 0 || read_member(tar, content, err) || shard_head_read(&head, buf_span(content), limits, &provenance->arena, err))
		return err_add(err, "it is no stream, checkpoint or JSON, and as a shard");
	return take_header(provenance, &head.header, err);
}

/* The last one of a set ends with what was put behind its first stream. */
static int read_end(
	struct provenance *provenance, struct tar_reader *tar, struct buf *content, const struct limits *limits, struct err *err)
{
	struct tar_member member;
	struct shard_end end;
	int state;

	while ((state = tar_next(tar, &member, err)) == 1) {
		if (!span_is(member.name, SHARD_END_NAME))
			continue;
		if (read_member(tar, content, err) || shard_end_read(&end, buf_span(content), limits, &provenance->arena, err))
			return -1;
		provenance->behind = end.progs;
	}
	return state;
}

static int read_shard(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	struct tar_reader tar;
	struct buf content = { 0 };

	if (tar_open(&tar, fd, err))
		return -1;
	int result = read_head(provenance, &tar, &content, limits, err) || read_end(provenance, &tar, &content, limits, err) ? -1 : 0;
	tar_close(&tar);
	buf_free(&content);
	return result;
}

static int read_checkpoint(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err)
{
	struct safetensors file;

	if (safetensors_open(&file, path, err))
		return -1;
	struct span text = safetensors_metadata(&file, "provenance"), digest = safetensors_metadata(&file, "digest");
	int result = text.size ? take_json(provenance, text, limits, err) : not_ours(err);
	const char *copy = arena_string(&provenance->arena, digest.data, digest.size);
	provenance->digest = span_of(copy, copy ? digest.size : 0);
	safetensors_close(&file);
	return result;
}

/* One object, or the first line of several. */
static int read_json(struct provenance *provenance, int fd, const struct limits *limits, struct err *err)
{
	unsigned char *content = arena_alloc(&provenance->arena, JSON_MOST);
	ssize_t size = content ? pread(fd, content, JSON_MOST, 0) : -1;
	struct err whole;

	if (size < 0)
		return content ? err_errno(err, "read") : err_memory(err);
	if (take_json(provenance, span_of(content, (size_t)size), limits, &whole) == 0)
		return 0;
	const unsigned char *end = memchr(content, '\n', (size_t)size);
	return take_json(provenance, span_of(content, end ? (size_t)(end - content) : (size_t)size), limits, err);
}

static int read_file(struct provenance *provenance, const char *path, int fd, const struct limits *limits, struct err *err)
{
	switch (file_kind(fd)) {
	case FILE_STREAM: provenance->kind = "stream"; return read_stream(provenance, fd, limits, err);
	case FILE_CHECKPOINT: provenance->kind = "checkpoint"; return read_checkpoint(provenance, path, limits, err);
	case FILE_JSON: provenance->kind = "json"; return read_json(provenance, fd, limits, err);
	default: break;
	}
	provenance->kind = "shard";
	return read_shard(provenance, fd, limits, err);
}

int provenance_read(struct provenance *provenance, const char *path, const struct limits *limits, struct err *err)
{
	const bool standard = strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	*provenance = (struct provenance){ .header = value_map(), .behind = value_array() };
	if (fd < 0)
		return err_errno(err, "%s", path);
	int result = read_file(provenance, standard ? "/dev/stdin" : path, fd, limits, err);
	if (!standard)
		close(fd);
	return result ? err_add(err, "%s", path) : 0;
}

void provenance_free(struct provenance *provenance)
{
	arena_free(&provenance->arena);
}
