#include "formats/report/named_file.h"

#include <string.h>
#include <unistd.h>

const char *named_file(const char *argument, struct span *name)
{
	const char *equals = strchr(argument, '=');
	const bool named = equals && equals > argument && access(argument, F_OK) != 0;
	const char *path = named ? equals + 1 : argument, *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	*name = named ? span_of(argument, (size_t)(equals - argument)) : span_of(base, strcspn(base, "."));
	if (name->size == 0)
		*name = span_string(base);
	return path;
}
