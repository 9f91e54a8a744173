/* Number of CPUs and amount of memory that this process may use. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdint.h>
#include <stdio.h>

/* Control groups (containers, systemd, Slurm), version 1 and 2.  A process is bound by the lowest limit of its groups and their parents. */
struct cgroups {
	const char *list; /* file that lists the groups of a process */
	const char *mount; /* folder of the group tree */
};

#define CGROUPS_HERE ((struct cgroups){ "/proc/self/cgroup", "/sys/fs/cgroup" })

/* Minimum of `allows` over the folders of the process's groups of a controller ("cpu", "memory") and of their parents; UINT64_MAX: no
 * limit. */
uint64_t cgroups_least(const struct cgroups *cgroups, const char *controller, uint64_t (*allows)(const char *folder));

/* Opens a file in a group's folder; NULL: it does not exist. */
FILE *cgroup_file(const char *folder, const char *name);

/* CPUs in the affinity mask (taskset, Slurm), limited by the quotas of control groups.  At least 1. */
uint64_t cpus_usable(void);

/* CPU quota of the control groups, rounded up; UINT64_MAX: no quota. */
uint64_t cpus_of_groups(const struct cgroups *cgroups);

/* Bytes that this process may still allocate: available memory, limited by control groups.  UINT64_MAX: unknown. */
uint64_t memory_free(void);

/* Bytes left below the limits of the control groups; UINT64_MAX: no limit. */
uint64_t memory_of_groups(const struct cgroups *cgroups);

#endif
