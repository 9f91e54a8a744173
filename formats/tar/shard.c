#include "formats/tar/shard.h"

#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

enum { INFO_MOST = 64 << 20 }; /* bytes of __cc__: class lists may be long */

static int read_text(struct shard *shard, struct buf *text, struct err *err)
{
	size_t most = shard->limits.record < INFO_MOST ? shard->limits.record : INFO_MOST;

	return tar_read(&shard->tar, text, most, err);
}

/* One of the two members that are ours. */
static int read_info(struct shard *shard, struct err *err)
{
	struct buf text = { 0 };
	bool is_head = span_is(shard->member.name, SHARD_HEAD_NAME);
	int state = read_text(shard, &text, err);

	if (state == 0)
		state = is_head ? shard_head_read(&shard->head, buf_span(&text), &shard->limits, &shard->arena, err)
				: shard_end_read(&shard->end, buf_span(&text), &shard->limits, &shard->arena, err);
	buf_free(&text);
	return state ? err_add(err, "%s", is_head ? SHARD_HEAD_NAME : SHARD_END_NAME) : 0;
}

static bool may_belong(struct span name)
{
	struct buf scratch = { 0 };
	struct span key, field;
	bool may = member_name(name, &name, &scratch) != MEMBER_IGNORED && sample_name_split(name, &key, &field);

	buf_free(&scratch);
	return may;
}

/* Is it a file that may belong to a sample?  A link that would is an error: it holds nothing. */
static int is_file(const struct tar_member *member, bool has_rows, struct err *err)
{
	if (cifar_is_python(member->name))
		return err_set(err, "byte %llu: " CIFAR_PYTHON, (unsigned long long)member->offset);
	if (cifar_is_beside(member->name, has_rows) && !cifar_is_batch(member->name, member->size))
		return 0;
	if (member->kind != TAR_LINK || !may_belong(member->name))
		return member->kind == TAR_FILE;
	return err_set(err, "byte %llu: %.*s is a link, which holds nothing (tar -h --hard-dereference writes the files)",
		(unsigned long long)member->offset, span_shown(member->name, 512), (const char *)member->name.data);
}

/* The next member that may belong to a sample, into shard->member. */
static int next_file(struct shard *shard, struct err *err)
{
	for (;;) {
		if (shard->pieces && shard->tar.members && tar_piece_done(&shard->tar))
			return 0;
		int state = tar_next(&shard->tar, &shard->member, err);
		if (state != 1)
			return state;
		if (shard->end.present)
			return err_set(err, "byte %llu: a member behind %s", (unsigned long long)shard->member.offset, SHARD_END_NAME);
		bool ours = span_is(shard->member.name, SHARD_END_NAME) ||
			    (span_is(shard->member.name, SHARD_HEAD_NAME) && shard->tar.members == 1);
		state = ours ? read_info(shard, err) : is_file(&shard->member, shard->has_rows, err);
		if (state)
			return state;
	}
}

static int begin_rows(struct shard *shard, struct err *err)
{
	shard->in_rows = shard->has_rows = true;
	return cifar_begin(&shard->rows, shard->member.name, shard->member.size, err);
}

static int feed_next(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err)
{
	struct shard *shard = from;

	for (;;) {
		int state = shard->in_rows ? cifar_next(&shard->rows, name, err) : 0;
		*offset = shard->member.offset;
		*size = CIFAR_ROW;
		if (state != 0)
			return state;
		shard->in_rows = false;
		state = shard->waiting ? 1 : next_file(shard, err);
		shard->waiting = false;
		if (state != 1)
			return state;
		if (!cifar_is_batch(shard->member.name, shard->member.size))
			break;
		if (begin_rows(shard, err))
			return -1;
	}
	*name = shard->member.name;
	*offset = shard->member.offset;
	*size = shard->member.size;
	return 1;
}

static int feed_read(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err)
{
	struct shard *shard = from;
	int state = shard->in_rows ? cifar_content(&shard->rows, content, err) : tar_read(&shard->tar, content, most, err);

	*end = tar_end(&shard->tar);
	return state;
}

static int feed_skip(void *from, uint64_t *end, struct err *err)
{
	struct shard *shard = from;
	int state = shard->in_rows ? 0 : tar_skip(&shard->tar, err);

	*end = tar_end(&shard->tar);
	return state;
}

static int read_row(void *from, void *bytes, size_t size, struct err *err)
{
	return tar_read_part(from, bytes, size, err);
}

static void init(struct shard *shard, const struct limits *limits)
{
	const struct member_feed feed = { feed_next, feed_read, feed_skip, shard };

	*shard = (struct shard){ .limits = *limits, .rows = { .read = read_row, .from = &shard->tar } };
	sample_reader_init(&shard->samples, &feed, limits);
}

int shard_open(struct shard *shard, int fd, const struct limits *limits, struct err *err)
{
	init(shard, limits);
	shard->samples.seen = &shard->seen;
	if (tar_open(&shard->tar, fd, err))
		return -1;
	int state = next_file(shard, err);
	shard->waiting = state == 1;
	shard->has_rows = shard->waiting && cifar_is_batch(shard->member.name, shard->member.size);
	return state < 0 ? -1 : 0;
}

int shard_open_pieces(struct shard *shard, const struct limits *limits, struct err *err)
{
	init(shard, limits);
	shard->pieces = true;
	return tar_open_pieces(&shard->tar, err);
}

void shard_piece(struct shard *shard, int fd, uint64_t offset, uint64_t end)
{
	tar_piece(&shard->tar, fd, offset, end - offset);
}

void shard_close(struct shard *shard)
{
	tar_close(&shard->tar);
	sample_reader_free(&shard->samples);
	key_set_free(&shard->seen);
	cifar_free(&shard->rows);
	arena_free(&shard->arena);
}
