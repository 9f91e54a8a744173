#include "tools/common/key_list.h"

#include "core/lines.h"

int key_list_take(struct map *keys, struct span text, struct err *err)
{
	struct lines lines = lines_of(text);
	struct span line;
	int state;

	while ((state = lines_next(&lines, &line, err)) == 1)
		if (line.size && map_add(keys, line) < 0)
			return err_memory(err);
	if (state < 0)
		return -1;
	return keys->count ? 0 : err_set(err, "no key in the file; one a line is expected");
}
