#include "formats/dataset/set_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last run of digits in the path's last part whose value is `number`. */
static const char *find_number(const char *path, uint64_t number, size_t *width)
{
	const char *slash = strrchr(path, '/'), *found = NULL;

	for (const char *at = slash ? slash + 1 : path; *at; at++) {
		if (!is_digit(*at))
			continue;
		size_t count = strspn(at, "0123456789");
		if (count < 20 && strtoull(at, NULL, 10) == number) {
			found = at;
			*width = count;
		}
		at += count - 1;
	}
	return found;
}

/* Are numbers written as "%d" does it?  Then 10 has a 1 beside it, and no 01. */
static bool has_no_zeros(const char *number, size_t width, const char *path)
{
	struct buf shorter = { 0 };

	if (width < 2 || *number == '0')
		return false;
	buf_append(&shorter, path, (size_t)(number - path));
	buf_printf(&shorter, "1%s", number + width);
	const bool there = !shorter.failed && access(buf_string(&shorter), F_OK) == 0;
	buf_free(&shorter);
	return there;
}

char *set_path(const char *path, uint64_t shard, uint64_t other)
{
	size_t width = 0;
	const char *number = find_number(path, shard, &width);
	struct buf out = { 0 };

	if (!number)
		return NULL;
	buf_append(&out, path, (size_t)(number - path));
	buf_printf(&out, "%0*" PRIu64, has_no_zeros(number, width, path) ? 1 : (int)width, other);
	buf_append_string(&out, number + width);
	char *copy = out.failed ? NULL : span_copy_string(buf_span(&out));
	buf_free(&out);
	return copy;
}

/* Is the shard of that number where the others lie?  It was not named, then. */
static bool is_there(struct set_check *check, uint64_t number)
{
	char *path = set_path(check->path, check->shard, number);
	bool there = path && access(path, F_OK) == 0;

	check->unnamed += there && !check->heads_only;
	if (there && !check->heads_only && !check->first_unnamed)
		check->first_unnamed = path;
	else
		free(path);
	return there;
}

static int lost(const struct set_check *check, uint64_t number, struct err *err)
{
	char *path = set_path(check->path, check->shard, number);

	err_set(err, "shard %" PRIu64 " of the set is missing%s%s (--subset reads a part of a set)", number, path ? ": there is no " : "",
		path ? path : "");
	free(path);
	return -1;
}

/* Those in first..end-1 were not read. */
static int check_gap(struct set_check *check, uint64_t first, uint64_t end, struct err *err)
{
	for (uint64_t number = first; number < end; number++)
		if (!is_there(check, number))
			return lost(check, number, err);
	check->part = check->part || first < end;
	return 0;
}

static bool same_stem(const struct set_check *check, const char *path, uint64_t shard)
{
	char *expected = set_path(path, shard, check->shard);
	bool same = expected && strcmp(expected, check->path) == 0;

	free(expected);
	return same;
}

static int begin_set(struct set_check *check, const struct shard_head *head, struct err *err)
{
	check->open = true;
	check->part = check->ended = false;
	check->counted = true;
	check->records = 0;
	check->digest = (struct digest){ 0 };
	return check_gap(check, 0, head->shard, err);
}

static int go_on(struct set_check *check, uint64_t last, uint64_t header, const struct shard_head *head, struct err *err)
{
	if (header != check->header)
		return err_set(err, "stale: it was written by another run than shard %" PRIu64 " of the set", last);
	if (check->ended)
		return err_set(err, "stale: shard %" PRIu64 " was the last of its set", last);
	return check_gap(check, last + 1, head->shard, err);
}

int set_check_head(struct set_check *check, const char *path, const struct shard_head *head, struct err *err)
{
	uint64_t header = 0, last = check->shard;
	bool next = check->open && head && head->shard > last && same_stem(check, path, head->shard);

	if (!next && set_check_finish(check, err))
		return -1;
	if (!head)
		return 0;
	if (shard_head_hash(head, &header, err))
		return -1;
	char *copy = strdup(path);
	if (!copy)
		return err_memory(err);
	free(check->path);
	check->path = copy;
	check->shard = head->shard;
	const bool wrong = next ? go_on(check, last, header, head, err) : begin_set(check, head, err);
	check->header = header;
	check->named += !check->heads_only;
	check->counted = check->counted && head->counted;
	check->records += head->records;
	check->digest = digest_sum(check->digest, head->digest);
	check->part = check->part || wrong; /* its sums tell nothing any more */
	return wrong ? err_add(err, "%s", path) : 0;
}

int set_check_end(struct set_check *check, const struct shard_end *end, struct err *err)
{
	if (!check->open || !end)
		return 0;
	check->ended = true;
	if (end->shards != check->shard + 1)
		return err_set(err, "%s: stale: __end__ says %" PRIu64 " shards, and this is number %" PRIu64, check->path, end->shards,
			check->shard);
	if (check->part || !check->counted)
		return 0;
	if (end->records != check->records || !digest_equal(end->written, check->digest))
		return err_set(err, "%s: __end__ says %" PRIu64 " records, the shards say %" PRIu64 "%s: one of them is stale", check->path,
			end->records, check->records, end->records == check->records ? " of another digest" : "");
	return 0;
}

int set_check_finish(struct set_check *check, struct err *err)
{
	bool judge = check->open && !check->ended && !check->heads_only;
	uint64_t number = check->shard + 1;

	check->open = false;
	if (!judge)
		return 0;
	while (is_there(check, number))
		number++;
	if (number > check->shard + 1)
		return 0;
	return err_set(err,
		"%s: the set ends here without __end__: its last shards are lost, or `cc-shard write` did not finish "
		"(--subset reads a part of a set)",
		check->path);
}

void set_check_free(struct set_check *check)
{
	free(check->path);
	free(check->first_unnamed);
	*check = (struct set_check){ 0 };
}
