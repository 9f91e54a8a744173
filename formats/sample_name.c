#include "formats/sample_name.h"

#include <string.h>

static size_t base_of(struct span name)
{
	size_t at = name.size;

	while (at && name.data[at - 1] != '/')
		at--;
	return at;
}

static bool is_meta(struct span name)
{
	const unsigned char *slash = name.size ? memchr(name.data, '/', name.size) : NULL;
	size_t size = slash ? (size_t)(slash - name.data) : name.size;

	return size >= 4 && memcmp(name.data, "__", 2) == 0 && memcmp(name.data + size - 2, "__", 2) == 0;
}

bool sample_name_split(struct span name, struct span *key, struct span *field)
{
	size_t base = base_of(name);
	const unsigned char *dot = base < name.size ? memchr(name.data + base, '.', name.size - base) : NULL;

	if (!dot || dot == name.data + base || is_meta(name))
		return false;
	*key = span_of(name.data, (size_t)(dot - name.data));
	*field = span_of(dot + 1, name.size - key->size - 1);
	return field->size > 0;
}

const char *sample_name_problem(struct span key, struct span field)
{
	size_t base = base_of(key);

	if (base == key.size)
		return "the key ends in a slash";
	if (memchr(key.data + base, '.', key.size - base))
		return "the key has a dot in its last part, where the name of a tar's member would end it";
	if (is_meta(key) && base)
		return "the key begins with a part like __this__, which readers of shards skip";
	if (memchr(key.data, 0, key.size) || memchr(field.data, 0, field.size))
		return "a zero byte in a name";
	if (!field.size)
		return "a field without a name";
	if (span_is(field, "__key__"))
		return "a field cannot be called __key__";
	return memchr(field.data, '/', field.size) ? "a slash in a field's name" : NULL;
}
