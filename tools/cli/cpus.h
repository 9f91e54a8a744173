/* How many CPUs this process may use. */
#ifndef CLI_CPUS_H
#define CLI_CPUS_H

#include "tools/cli/cgroup.h"

/* The affinity mask (taskset, Slurm), or less where a control group's quota allows less.  At least 1. */
uint64_t cpus_usable(void);

/* What the quotas of control groups allow, rounded up; UINT64_MAX: there is no quota. */
uint64_t cpus_of_groups(const struct cgroups *cgroups);

#endif
