/* Control groups (containers, systemd, Slurm), of version 1 and 2: what they allow is the least that any of them does. */
#ifndef CLI_CGROUP_H
#define CLI_CGROUP_H

#include <stdint.h>
#include <stdio.h>

/* Where the system tells of them. */
struct cgroups {
	const char *list;  /* of this process */
	const char *mount;
};

#define CGROUPS_HERE ((struct cgroups){ "/proc/self/cgroup", "/sys/fs/cgroup" })

/* The least of `allows`, called with the folder of each group of that controller ("cpu", "memory") and of all that it lies
 * in; UINT64_MAX: it knows no bound. */
uint64_t cgroups_least(const struct cgroups *cgroups, const char *controller, uint64_t (*allows)(const char *folder));

/* NULL: the folder has no such file. */
FILE *cgroup_file(const char *folder, const char *name);

#endif
