#include "formats/source/path_form.h"

#include "formats/tar/member_name.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utf8proc.h>

enum { PATH_LONGEST = 4096, FIRST_BEYOND_ASCII = 0x80 };

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= FIRST_BEYOND_ASCII)
			return false;
	return true;
}

static bool exists_with(struct buf *path, size_t size, struct span part)
{
	path->size = size;
	buf_append_span(path, part);
	return access(buf_string(path), F_OK) == 0;
}

static bool exists_decomposed(struct buf *path, size_t size, struct span part)
{
	utf8proc_uint8_t *bytes = NULL;
	const utf8proc_ssize_t length =
		utf8proc_map(part.data, (utf8proc_ssize_t)part.size, &bytes, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
	const bool exists = length > 0 && exists_with(path, size, span_of(bytes, (size_t)length));

	free(bytes);
	return exists;
}

/* Appends the part in the form in which it exists. */
static bool append_part(struct buf *path, struct span part, struct buf *scratch)
{
	const size_t size = path->size;

	return exists_with(path, size, part) || exists_with(path, size, name_compose(part, scratch)) || exists_decomposed(path, size, part);
}

bool path_find_form(const char *path, struct buf *found)
{
	struct buf scratch = { 0 };
	bool exists = !is_ascii(path) && strlen(path) <= PATH_LONGEST;

	buf_clear(found);
	while (exists && *path) {
		const size_t slashes = strspn(path, "/"), size = strcspn(path + slashes, "/");
		buf_append(found, path, slashes);
		if (size)
			exists = append_part(found, span_of(path + slashes, size), &scratch);
		path += slashes + size;
	}
	exists = exists && !found->failed && !scratch.failed;
	buf_free(&scratch);
	return exists;
}
