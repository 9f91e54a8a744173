#include "formats/dataset/set_check.h"

#include "formats/stream/facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last run of digits with the value `number` in the last part of the path. */
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

/* Are numbers written without leading zeros?  Then a shard 1 exists next to shard 10, rather than 01. */
static bool has_no_zeros(const char *number, size_t width, const char *path)
{
	struct buf shorter = { 0 };

	if (width < 2 || *number == '0')
		return false;
	buf_append(&shorter, path, (size_t)(number - path));
	buf_printf(&shorter, "1%s", number + width);
	const bool exists = !shorter.failed && access(buf_string(&shorter), F_OK) == 0;
	buf_free(&shorter);
	return exists;
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

/* Does the shard of that number exist?  If so, it was left out on purpose. */
static bool shard_exists(struct set_check *check, uint64_t number)
{
	char *path = set_path(check->path, check->shard, number);
	bool exists = path && access(path, F_OK) == 0;

	check->shards_unread += exists && !check->heads_only;
	if (exists && !check->heads_only && !check->first_unread)
		check->first_unread = path;
	else
		free(path);
	return exists;
}

static int shard_missing(const struct set_check *check, uint64_t number, struct err *err)
{
	char *path = set_path(check->path, check->shard, number);

	err_set(err, "shard %" PRIu64 " of the set is missing%s%s%s (--subset reads a part of a set)", number, path ? " (" : "",
		path ? path : "", path ? ")" : "");
	free(path);
	return -1;
}

/* Shards first..end-1 were not read. */
static int check_gap(struct set_check *check, uint64_t first, uint64_t end, struct err *err)
{
	for (uint64_t number = first; number < end; number++)
		if (!shard_exists(check, number))
			return shard_missing(check, number, err);
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

static int continue_set(struct set_check *check, uint64_t last, uint64_t header, const struct shard_head *head, struct err *err)
{
	if (header != check->header)
		return err_set(err, "stale: written by another run than shard %" PRIu64 " of the set", last);
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
	const bool wrong = next ? continue_set(check, last, header, head, err) : begin_set(check, head, err);
	check->header = header;
	check->shards_read += !check->heads_only;
	check->counted = check->counted && head->counted;
	check->records += head->records;
	check->digest = digest_sum(check->digest, head->digest);
	check->part = check->part || wrong; /* the totals are no longer comparable */
	return wrong ? err_add(err, "%s", path) : 0;
}

int set_check_end(struct set_check *check, const struct shard_end *end, struct err *err)
{
	if (!check->open || !end)
		return 0;
	check->ended = true;
	if (end->shards != check->shard + 1)
		return err_set(err, "%s: stale: __end__ says %" PRIu64 " shards, but this is number %" PRIu64, check->path, end->shards,
			check->shard);
	if (check->part || !check->counted)
		return 0;
	if (end->records != check->records || !digest_equal(end->written, check->digest))
		return err_set(err, "%s: __end__ says %" PRIu64 " records, the shards say %" PRIu64 "%s; one of them is stale", check->path,
			end->records, check->records, end->records == check->records ? " with another digest" : "");
	return 0;
}

int set_check_finish(struct set_check *check, struct err *err)
{
	bool judge = check->open && !check->ended && !check->heads_only;
	uint64_t number = check->shard + 1;

	check->open = false;
	if (!judge)
		return 0;
	while (shard_exists(check, number))
		number++;
	if (number > check->shard + 1)
		return 0;
	return err_set(err,
		"%s: the set ends here without __end__: its last shards are missing, or `cc-shard write` did not finish "
		"(--subset reads a part of a set)",
		check->path);
}

void set_check_free(struct set_check *check)
{
	free(check->path);
	free(check->first_unread);
	*check = (struct set_check){ 0 };
}

/* Reads which part of a split the shard is (split->of is 0 if none), and hashes what its header has in common with the other parts. */
static int read_split(const struct shard_head *head, struct split *split, uint64_t *hash, struct err *err)
{
	struct shard_head others = { 0 };
	struct arena arena = { 0 };
	int state = value_copy(&others.header, &head->header, &arena) ? err_memory(err) : 0;

	*split = (struct split){ 0 };
	if (state == 0 && fact_split(&others.header, split, &arena) && split->of > 1) {
		fact_split_remove(&others.header, split);
		facts_remove(&others.header); /* parts written before version 0.2 have no facts */
		facts_remove_versions(&others.header);
		state = shard_head_hash(&others, hash, err);
	}
	if (state == 0 && arena.failed)
		state = err_memory(err);
	split->whole = value_map(); /* its content was in the arena */
	arena_free(&arena);
	return state;
}

int part_check_finish(struct part_check *check, struct err *err)
{
	const uint64_t parts = check->parts;
	uint64_t part = 0;

	check->parts = 0;
	if (check->seen < 2 || check->seen == parts || parts == 0)
		return 0;
	while (check->which[part / 8] >> part % 8 & 1)
		part++;
	return err_set(err,
		"%s: part %" PRIu64 " of %" PRIu64 " (cc-shard read --split %" PRIu64 "/%" PRIu64
		") is missing (--subset reads some of the parts)",
		check->path, part, parts, part, parts);
}

static int begin_split(struct part_check *check, const struct split *split, uint64_t header, struct err *err)
{
	free(check->which);
	check->which = calloc(split->of / 8 + 1, 1);
	if (!check->which)
		return err_memory(err);
	check->parts = split->of;
	check->header = header;
	check->seen = 0;
	return 0;
}

static int take_part(struct part_check *check, const char *path, uint64_t part, struct err *err)
{
	unsigned char *byte = &check->which[part / 8], bit = (unsigned char)(1u << part % 8);

	if (*byte & bit)
		return 0;
	char *copy = strdup(path);
	if (!copy)
		return err_memory(err);
	free(check->path);
	check->path = copy;
	check->part = part;
	*byte |= bit;
	check->seen++;
	return 0;
}

static size_t folder_size(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Is the shard of another split, but lies where a part that is still missing should be? */
static bool is_stale(const struct part_check *check, const char *path, const struct split *split)
{
	const size_t size = folder_size(path);

	return split->of == check->parts && !(check->which[split->part / 8] >> split->part % 8 & 1) && folder_size(check->path) == size &&
	       memcmp(check->path, path, size) == 0;
}

int part_check_head(struct part_check *check, const char *path, const struct shard_head *head, struct err *err)
{
	struct split split = { 0 };
	uint64_t header = 0;

	if (head && read_split(head, &split, &header, err))
		return err_add(err, "%s", path);
	if (check->parts && (split.of != check->parts || header != check->header)) {
		if (is_stale(check, path, &split))
			return err_set(err, "%s: stale: written by another run than part %" PRIu64 " of %" PRIu64 ", %s", path, check->part,
				check->parts, check->path);
		if (part_check_finish(check, err))
			return -1;
	}
	if (split.of < 2)
		return 0;
	return (check->parts == 0 && begin_split(check, &split, header, err)) || take_part(check, path, split.part, err) ? -1 : 0;
}

bool part_check_is_whole(const struct part_check *check)
{
	return check->parts && check->seen == check->parts;
}

bool part_check_join(struct value *header, struct arena *arena)
{
	struct split split;

	if (!fact_split(header, &split, arena) || split.of == 0 || split.limited)
		return false;
	fact_split_remove(header, &split);
	return true;
}

void part_check_free(struct part_check *check)
{
	free(check->which);
	free(check->path);
	*check = (struct part_check){ 0 };
}
