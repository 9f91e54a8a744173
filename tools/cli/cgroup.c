#include "tools/cli/cgroup.h"

#include <stdbool.h>
#include <string.h>

enum { PATH_MOST = 4096 };

FILE *cgroup_file(const char *folder, const char *name)
{
	char path[PATH_MOST + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return fopen(path, "re");
}

/* Of a group and of all that it lies in. */
static uint64_t least_above(const char *mount, const char *controllers, const char *group, uint64_t (*allows)(const char *folder))
{
	char path[PATH_MOST];
	const size_t base = (size_t)snprintf(path, sizeof path, "%s%s%s", mount, *controllers ? "/" : "", controllers);
	uint64_t least = UINT64_MAX;

	if (base + strlen(group) >= sizeof path)
		return UINT64_MAX;
	strcpy(path + base, group);
	for (;;) {
		const uint64_t here = allows(path);
		least = here < least ? here : least;
		char *slash = strrchr(path + base, '/');
		if (!slash)
			return least;
		*slash = 0;
	}
}

static bool lists(const char *controllers, const char *wanted)
{
	const size_t size = strlen(wanted);

	for (const char *at = controllers; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, wanted, size) == 0 && (at[size] == 0 || at[size] == ','))
			return true;
	}
	return *controllers == 0; /* version 2 lists none */
}

uint64_t cgroups_least(const struct cgroups *cgroups, const char *controller, uint64_t (*allows)(const char *folder))
{
	char line[PATH_MOST];
	uint64_t least = UINT64_MAX;
	FILE *file = fopen(cgroups->list, "re");

	/* "4:cpu,cpuacct:/path", or "0::/path" */
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!group)
			continue;
		*group++ = 0;
		if (!lists(++controllers, controller))
			continue;
		const uint64_t here = least_above(cgroups->mount, controllers, group, allows);
		least = here < least ? here : least;
	}
	if (file)
		fclose(file);
	return least;
}
