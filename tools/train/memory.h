/* How much memory is left, so that a run that does not fit is refused and not killed by the system in its middle. */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include "tools/cli/cgroup.h"

/* Bytes that this process may still take: of the machine, or of the control groups that it is in.  UINT64_MAX: the system
 * does not tell. */
uint64_t memory_free(void);

/* What control groups still allow; UINT64_MAX: they have no limit. */
uint64_t memory_of_groups(const struct cgroups *cgroups);

#endif
