#include "formats/dataset/replace.h"

#include "formats/text/json.h"
#include "formats/tar/shard.h"
#include "formats/stream/file_kind.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int json_of_prog(const struct value *header, struct buf *text, struct err *err)
{
	const struct value *prog = value_get(header, "prog");

	return prog && json_write(prog, text, err) ? -1 : text->failed ? err_memory(err) : 0;
}

/* The programs that made the one are the first of those that made the other: "[a, b]" and "[a, b, c]". */
static bool begins_with(struct span longer, struct span shorter)
{
	return shorter.size > 2 && longer.size > shorter.size && longer.data[shorter.size - 1] == ',' &&
		memcmp(longer.data, shorter.data, shorter.size - 1) == 0;
}

static int is_source(const struct value *shard, const struct value *header, struct err *err)
{
	struct buf was = { 0 }, is = { 0 };
	int state = json_of_prog(shard, &was, err) || json_of_prog(header, &is, err) ? -1 : begins_with(buf_span(&is), buf_span(&was));

	buf_free(&was);
	buf_free(&is);
	return state;
}

static bool begins_as_ours(int fd)
{
	char name[sizeof SHARD_HEAD_NAME];

	return pread(fd, name, sizeof name, 0) == sizeof name && memcmp(name, SHARD_HEAD_NAME, sizeof name) == 0;
}

/* A shard of ours whose head is damaged may go. */
static int check_shard(const char *path, int fd, const struct value *header, struct err *err)
{
	struct shard shard;
	struct err damage;
	int source;

	if (!begins_as_ours(fd))
		return err_set(err, "%s: is there, and `cc-shard write` did not make it: it is not overwritten (remove it, or name another)", path);
	source = shard_open(&shard, fd, &LIMITS_DEFAULT, &damage) == 0 && shard.head.present ? is_source(&shard.head.header, header, err) : 0;
	shard_close(&shard);
	if (source > 0)
		return err_set(err, "%s: is there, and may be what this stream is made from: it is not overwritten (name another; "
				    "move it into place when it is whole)", path);
	return source ? -1 : 1;
}

int replace_check(const char *path, const struct value *header, struct err *err)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode) || status.st_size == 0)
		return 0;
	if (file_kind_replaces(FILE_TAR, path, err))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int state = check_shard(path, fd, header, err);
	close(fd);
	return state;
}
