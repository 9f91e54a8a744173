/* Which sample and which of its fields a file or a tar's member is, by its name, as WebDataset has it. */
#ifndef FORMATS_SAMPLE_NAME_H
#define FORMATS_SAMPLE_NAME_H

#include "core/buf.h"

#include <stdbool.h>

/* The key is the path up to the first dot of its last part, the field's name what follows that dot: "a.b/c.seg.png" is the field
 * seg.png of a.b/c.  False where the name belongs to no sample: no dot, nothing before it or behind it, a hidden file, or one of
 * WebDataset's own (its first part is __like__this__). */
bool sample_name_split(struct span name, struct span *key, struct span *field);

/* The other way: can a tar's member be called KEY.FIELD and be read back as the same two?  NULL: yes; or why not. */
const char *sample_name_problem(struct span key, struct span field);

#endif
