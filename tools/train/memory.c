#include "tools/train/memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The number behind `name` at the start of a line; the whole file's where name is "". */
static bool find_number(const char *path, const char *name, uint64_t *number)
{
	char line[256];
	size_t size = strlen(name);
	bool found = false;
	FILE *file = fopen(path, "r");

	while (file && !found && fgets(line, sizeof line, file))
		found = strncmp(line, name, size) == 0 && sscanf(line + size, " %" SCNu64, number) == 1;
	if (file)
		fclose(file);
	return found;
}

/* The path of its control group, version 2: "0::/user.slice". */
static bool find_group(char path[512])
{
	char line[400];
	bool found = false;
	FILE *file = fopen("/proc/self/cgroup", "r");

	while (file && !found && fgets(line, sizeof line, file)) {
		found = strncmp(line, "0::/", 4) == 0;
		line[strcspn(line, "\n")] = 0;
	}
	if (file)
		fclose(file);
	if (found)
		snprintf(path, 512, "/sys/fs/cgroup%s", strcmp(line + 3, "/") == 0 ? "" : line + 3);
	return found;
}

/* Its limit, what it has, and of that what is a cache that gives way. */
static uint64_t free_of(const char *group)
{
	char path[600];
	uint64_t most, now = 0, cache = 0;

	snprintf(path, sizeof path, "%s/memory.max", group);
	if (!find_number(path, "", &most)) /* "max" */
		return UINT64_MAX;
	snprintf(path, sizeof path, "%s/memory.current", group);
	find_number(path, "", &now);
	snprintf(path, sizeof path, "%s/memory.stat", group);
	find_number(path, "inactive_file ", &cache);
	now -= cache < now ? cache : now;
	return most > now ? most - now : 0;
}

uint64_t memory_free(void)
{
	uint64_t kilobytes, least = UINT64_MAX;
	char group[512];

	if (find_number("/proc/meminfo", "MemAvailable:", &kilobytes))
		least = kilobytes * 1024;
	bool more = find_group(group);
	while (more) { /* and those around it */
		uint64_t here = free_of(group);
		least = here < least ? here : least;
		char *end = strrchr(group, '/');
		more = end && end - group >= (long)strlen("/sys/fs/cgroup");
		if (more)
			*end = 0;
	}
	return least;
}
