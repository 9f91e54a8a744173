#define _GNU_SOURCE /* sched_getaffinity */
#include "tools/cli/cpus.h"

#include <sched.h>
#include <stdbool.h>

/* At most two numbers of a file; how many there are. */
static int read_numbers(const char *folder, const char *name, double *first, double *second)
{
	FILE *file = cgroup_file(folder, name);

	if (!file)
		return 0;
	const int count = fscanf(file, "%lf %lf", first, second);
	fclose(file);
	return count;
}

/* "max 100000" and -1 are no quota. */
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
