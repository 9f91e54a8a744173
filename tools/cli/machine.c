#define _GNU_SOURCE /* sched_getaffinity */
#include "tools/cli/machine.h"

#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

enum { PATH_MOST = 4096 };

FILE *cgroup_file(const char *folder, const char *name)
{
	char path[PATH_MOST + 64];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return fopen(path, "re");
}

/* Minimum over a group and its parents. */
static uint64_t minimum_of_parents(const char *mount, const char *controllers, const char *group, uint64_t (*allows)(const char *folder))
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
	return *controllers == 0; /* version 2 lists no controllers */
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
		const uint64_t here = minimum_of_parents(cgroups->mount, controllers, group, allows);
		least = here < least ? here : least;
	}
	if (file)
		fclose(file);
	return least;
}

/* Reads up to two numbers from a file.  Returns their count. */
static int read_numbers(const char *folder, const char *name, double *first, double *second)
{
	FILE *file = cgroup_file(folder, name);

	if (!file)
		return 0;
	const int count = fscanf(file, "%lf %lf", first, second);
	fclose(file);
	return count;
}

/* "max 100000" and -1 mean that there is no quota. */
static uint64_t quota_of(const char *folder)
{
	double quota = 0, period = 0, unused;
	bool known = read_numbers(folder, "cpu.max", &quota, &period) == 2 ||
		     (read_numbers(folder, "cpu.cfs_quota_us", &quota, &unused) == 1 &&
			     read_numbers(folder, "cpu.cfs_period_us", &period, &unused) == 1);

	if (!known || quota <= 0 || period <= 0 || quota > 1e6 * period)
		return UINT64_MAX;
	const uint64_t whole = (uint64_t)(quota / period);
	return whole + ((double)whole * period < quota);
}

uint64_t cpus_of_groups(const struct cgroups *cgroups)
{
	return cgroups_least(cgroups, "cpu", quota_of);
}

uint64_t cpus_usable(void)
{
	const uint64_t quota = cpus_of_groups(&CGROUPS_HERE);
	cpu_set_t mask;
	uint64_t cpus = 1;

	if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0)
		cpus = (uint64_t)CPU_COUNT(&mask);
	return quota < cpus ? quota : cpus;
}

/* Finds "NAME NUMBER" at the start of a line; name "": the line is the number.  Closes the file, which may be NULL. */
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

/* Version 2 and version 1: the files with a group's limit and usage, and the line of memory.stat with the reclaimable page cache. */
static const struct version {
	const char *limit, *usage, *cache;
} versions[] = {
	{ "memory.max", "memory.current", "inactive_file " },
	{ "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file " },
};

static uint64_t free_by(const char *folder, const struct version *version)
{
	uint64_t limit, usage = 0, cache = 0;

	if (!find_number(cgroup_file(folder, version->limit), "", &limit)) /* "max" */
		return UINT64_MAX;
	find_number(cgroup_file(folder, version->usage), "", &usage);
	find_number(cgroup_file(folder, "memory.stat"), version->cache, &cache);
	usage -= cache < usage ? cache : usage;
	return limit > usage ? limit - usage : 0;
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
