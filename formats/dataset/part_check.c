#include "formats/dataset/part_check.h"

#include "formats/stream/facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Which part the shard is of (of 0: of none), and a hash of what it has in common with the others. */
static int look_at(const struct shard_head *head, struct split *split, uint64_t *hash, struct err *err)
{
	struct shard_head others = { 0 };
	struct arena arena = { 0 };
	int state = value_copy(&others.header, &head->header, &arena) ? err_memory(err) : 0;

	*split = (struct split){ 0 };
	if (state == 0 && fact_split(&others.header, split, &arena) && split->of > 1) {
		fact_split_remove(&others.header, split);
		facts_remove(&others.header); /* a part written before 0.2 has none */
		facts_remove_versions(&others.header);
		state = shard_head_hash(&others, hash, err);
	}
	if (state == 0 && arena.failed)
		state = err_memory(err);
	split->whole = value_map(); /* it was in the arena */
	arena_free(&arena);
	return state;
}

/* The path of another part: the 1 of the last 1-of-3 in the path's last part is replaced.  NULL: it has no such name. */
static char *other_path(const char *path, uint64_t part, uint64_t parts, uint64_t other)
{
	const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path, *number = NULL;
	size_t width = 0;
	struct buf out = { 0 };

	for (const char *of = start; (of = strstr(of, "-of-")); of++) {
		const char *begin = of;
		while (begin > start && begin[-1] >= '0' && begin[-1] <= '9')
			begin--;
		if (begin == of || strtoull(begin, NULL, 10) != part || strtoull(of + 4, NULL, 10) != parts)
			continue;
		number = begin;
		width = (size_t)(of - begin);
	}
	if (!number)
		return NULL;
	buf_append(&out, path, (size_t)(number - path));
	buf_printf(&out, "%0*" PRIu64, (int)width, other);
	buf_append_string(&out, number + width);
	char *copy = out.failed ? NULL : span_copy_string(buf_span(&out));
	buf_free(&out);
	return copy;
}

static int lost(const struct part_check *check, uint64_t part, const char *path, struct err *err)
{
	err_set(err,
		"part %" PRIu64 " of %" PRIu64 " (cc-shard read --split %" PRIu64 "/%" PRIu64
		") is missing%s%s (--subset reads some of the parts)",
		part, check->parts, part, check->parts, path ? ": there is no " : "", path ? path : "");
	return err_add(err, "%s", check->path);
}

int part_check_finish(struct part_check *check, struct err *err)
{
	int state = 0;

	for (uint64_t part = 0; part < check->parts && check->seen < check->parts && state == 0; part++) {
		if (check->which[part / 8] >> part % 8 & 1)
			continue;
		char *path = other_path(check->path, check->part, check->parts, part);
		if (path ? access(path, F_OK) != 0 : check->seen > 1)
			state = lost(check, part, path, err);
		free(path);
	}
	check->parts = 0;
	return state;
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

/* By its name it belongs to the parts at hand, by its header it does not. */
static bool is_stale(const struct part_check *check, const char *path, const struct split *split)
{
	char *expected = split->of == check->parts ? other_path(check->path, check->part, check->parts, split->part) : NULL;
	bool same = expected && strcmp(expected, path) == 0;

	free(expected);
	return same;
}

int part_check_head(struct part_check *check, const char *path, const struct shard_head *head, struct err *err)
{
	struct split split = { 0 };
	uint64_t header = 0;

	if (head && look_at(head, &split, &header, err))
		return err_add(err, "%s", path);
	if (check->parts && (split.of != check->parts || header != check->header)) {
		if (is_stale(check, path, &split))
			return err_set(err, "%s: stale: it was written by another run than part %" PRIu64 " of %" PRIu64 ", %s", path,
				check->part, check->parts, check->path);
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
