#include "tools/train/memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* The number behind `name` at the start of a line; the whole file's where name is "".  Closes the file, which may be NULL. */
static bool find_number(FILE *file, const char *name, uint64_t *number)
{
	char line[256];
	const size_t size = strlen(name);
	bool found = false;

	while (file && !found && fgets(line, sizeof line, file))
		found = strncmp(line, name, size) == 0 && sscanf(line + size, " %" SCNu64, number) == 1;
	if (file)
		fclose(file);
	return found;
}

/* How version 2 and version 1 call a group's limit, what it has, and of that what is a cache that gives way. */
static const struct version {
	const char *most, *now, *cache;
} versions[] = {
	{ "memory.max", "memory.current", "inactive_file " },
	{ "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file " },
};

static uint64_t free_by(const char *folder, const struct version *version)
{
	uint64_t most, now = 0, cache = 0;

	if (!find_number(cgroup_file(folder, version->most), "", &most)) /* "max" */
		return UINT64_MAX;
	find_number(cgroup_file(folder, version->now), "", &now);
	find_number(cgroup_file(folder, "memory.stat"), version->cache, &cache);
	now -= cache < now ? cache : now;
	return most > now ? most - now : 0;
}

static uint64_t free_of(const char *folder)
{
	const uint64_t second = free_by(folder, &versions[0]), first = free_by(folder, &versions[1]);

	return second < first ? second : first;
}

uint64_t memory_of_groups(const struct cgroups *cgroups)
{
	return cgroups_least(cgroups, "memory", free_of);
}

uint64_t memory_free(void)
{
	const uint64_t allowed = memory_of_groups(&CGROUPS_HERE);
	uint64_t kilobytes;

	if (!find_number(fopen("/proc/meminfo", "re"), "MemAvailable:", &kilobytes))
		return allowed;
	return kilobytes * 1024 < allowed ? kilobytes * 1024 : allowed;
}
