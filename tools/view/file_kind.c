#include "tools/view/file_kind.h"

#include <string.h>
#include <unistd.h>

enum file_kind file_kind(int fd)
{
	unsigned char start[9] = { 0 };
	const ssize_t size = pread(fd, start, sizeof start, 0);

	/* First, since the length that a checkpoint begins with may look like a map. */
	if (start[8] == '{' && memcmp(start + 4, "\0\0\0\0", 4) == 0)
		return FILE_CHECKPOINT;
	if (size <= 0 || (start[0] >= 0x80 && start[0] <= 0x8f) || start[0] == 0xde || start[0] == 0xdf)
		return FILE_STREAM;
	return start[0] == '{' ? FILE_JSON : FILE_OTHER;
}

const char *file_kind_hint(enum file_kind kind)
{
	switch (kind) {
	case FILE_CHECKPOINT:
		return "a model is shown by `cc-model info FILE`";
	case FILE_JSON:
		return "it is JSON already";
	default:
		return "a tar or folder is shown by `cc-shard read FILE | cc-view`";
	}
}
