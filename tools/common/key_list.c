#include "tools/common/key_list.h"

#include <string.h>

int key_list_take(struct map *keys, struct span text, struct err *err)
{
	while (text.size) {
		const unsigned char *end = memchr(text.data, '\n', text.size);
		size_t length = end ? (size_t)(end - text.data) : text.size;
		size_t used = length + (end != NULL);
		if (length && text.data[length - 1] == '\r')
			length--;
		if (length && map_add(keys, span_of(text.data, length)) < 0)
			return err_memory(err);
		text = span_of(text.data + used, text.size - used);
	}
	return keys->count ? 0 : err_set(err, "no key in the file; one a line is expected");
}
