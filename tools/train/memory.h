/* How much memory is left, so that a run that does not fit is refused and not killed by the system in its middle. */
#ifndef TOOLS_MEMORY_H
#define TOOLS_MEMORY_H

#include <stdint.h>

/* Bytes that this process may still take: of the machine, or of the control group that it is in (a container's, a
 * Slurm job's).  UINT64_MAX: the system does not tell. */
uint64_t memory_free(void);

#endif
