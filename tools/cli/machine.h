/* How many CPUs and how much memory this process may use. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdint.h>
#include <stdio.h>

/* Control groups (containers, systemd, Slurm), of version 1 and 2: the lowest limit of all of them counts.  Where the system lists them: */
struct cgroups {
	const char *list; /* of this process */
	const char *mount;
};

#define CGROUPS_HERE ((struct cgroups){ "/proc/self/cgroup", "/sys/fs/cgroup" })

/* The least of `allows`, called with the folder of each group of that controller ("cpu", "memory") and of all that it lies
 * in; UINT64_MAX: it knows no bound. */
uint64_t cgroups_least(const struct cgroups *cgroups, const char *controller, uint64_t (*allows)(const char *folder));

/* NULL: the folder has no such file. */
FILE *cgroup_file(const char *folder, const char *name);

/* The affinity mask (taskset, Slurm), or less where a control group's quota allows less.  At least 1. */
uint64_t cpus_usable(void);

/* What the quotas of control groups allow, rounded up; UINT64_MAX: there is no quota. */
uint64_t cpus_of_groups(const struct cgroups *cgroups);

/* Bytes that this process may still allocate, of the machine or of its control groups, so that a run that does not fit is refused
 * before it starts.  UINT64_MAX: not known. */
uint64_t memory_free(void);

/* What control groups still allow; UINT64_MAX: they have no limit. */
uint64_t memory_of_groups(const struct cgroups *cgroups);

#endif
