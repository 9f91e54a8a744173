#define _GNU_SOURCE /* sched_getaffinity */
#include "tools/common/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { PATH_MOST = 4096 };

/* At most two numbers of a file; how many there are. */
static int read_numbers(const char *folder, const char *name, double *first, double *second)
{
	char path[PATH_MOST + 64];
	int count = 0;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	count = fscanf(file, "%lf %lf", first, second);
	fclose(file);
	return count;
}

/* "max 100000" and -1 are no quota. */
static size_t quota_of(const char *folder)
{
	double quota = 0, period = 0, unused;
	bool known = read_numbers(folder, "cpu.max", &quota, &period) == 2 ||
		(read_numbers(folder, "cpu.cfs_quota_us", &quota, &unused) == 1 &&
			read_numbers(folder, "cpu.cfs_period_us", &period, &unused) == 1);

	if (!known || quota <= 0 || period <= 0 || quota > 1e6 * period)
		return SIZE_MAX;
	const size_t whole = (size_t)(quota / period);
	return whole + ((double)whole * period < quota);
}

/* Of a group and of all that it lies in. */
static size_t quota_above(const char *mount, const char *controllers, const char *group)
{
	char path[PATH_MOST];
	const size_t base = (size_t)snprintf(path, sizeof path, "%s%s%s", mount, *controllers ? "/" : "", controllers);
	size_t least = SIZE_MAX;

	if (base + strlen(group) >= sizeof path)
		return SIZE_MAX;
	strcpy(path + base, group);
	for (;;) {
		const size_t quota = quota_of(path);
		least = quota < least ? quota : least;
		char *slash = strrchr(path + base, '/');
		if (!slash)
			return least;
		*slash = 0;
	}
}

static bool lists_cpu(const char *controllers)
{
	for (const char *at = controllers; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, "cpu", 3) == 0 && (at[3] == 0 || at[3] == ','))
			return true;
	}
	return *controllers == 0; /* version 2 lists none */
}

size_t cpus_of_groups(const char *groups, const char *mount)
{
	char line[PATH_MOST];
	size_t least = SIZE_MAX;
	FILE *file = fopen(groups, "re");

	/* "4:cpu,cpuacct:/path", or "0::/path" */
	while (file && fgets(line, sizeof line, file)) {
		line[strcspn(line, "\n")] = 0;
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!group)
			continue;
		*group++ = 0;
		if (!lists_cpu(++controllers))
			continue;
		const size_t quota = quota_above(mount, controllers, group);
		least = quota < least ? quota : least;
	}
	if (file)
		fclose(file);
	return least;
}

size_t cpus_usable(void)
{
	const size_t quota = cpus_of_groups("/proc/self/cgroup", "/sys/fs/cgroup");
	cpu_set_t mask;
	size_t cpus = 1;

	if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0)
		cpus = (size_t)CPU_COUNT(&mask);
	return quota < cpus ? quota : cpus;
}
