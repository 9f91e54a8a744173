#include "formats/dataset/key_list.h"

#include "core/lines.h"
#include "formats/tar/member_name.h"

static int add(struct map *keys, struct span line, struct buf *scratch)
{
	struct span key;

	return member_name(line, &key, scratch) == MEMBER_FILE && scratch->failed ? -1 : map_add(keys, key) < 0 ? -1 : 0;
}

int key_list_take(struct map *keys, struct span text, struct err *err)
{
	struct lines lines = lines_of(text);
	struct buf scratch = { 0 };
	struct span line;
	int state, added = 0;

	while (added == 0 && (state = lines_next(&lines, &line, err)) == 1)
		added = line.size ? add(keys, line, &scratch) : 0;
	buf_free(&scratch);
	if (added)
		return err_memory(err);
	if (state < 0)
		return -1;
	return keys->count ? 0 : err_set(err, "no key in the file; one a line is expected");
}

bool key_list_has(const struct map *keys, struct span key)
{
	struct buf scratch = { 0 };
	struct span normal;
	bool has = map_find(keys, key) != MAP_NONE;

	if (!has && member_name(key, &normal, &scratch) == MEMBER_FILE && normal.data != key.data)
		has = map_find(keys, normal) != MAP_NONE;
	buf_free(&scratch);
	return has;
}
