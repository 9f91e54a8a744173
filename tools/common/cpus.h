/* How many CPUs this process may use. */
#ifndef TOOLS_CPUS_H
#define TOOLS_CPUS_H

#include <stddef.h>

/* The affinity mask (taskset, Slurm), or less where a control group's quota (containers, systemd) allows less.  At least 1. */
size_t cpus_usable(void);

/* What the quotas of control groups allow, of version 1 and 2, rounded up; SIZE_MAX: there is no quota.
 * groups: /proc/self/cgroup.  mount: /sys/fs/cgroup. */
size_t cpus_of_groups(const char *groups, const char *mount);

#endif
