/* What --list prints: the policies with their numbers and ranges. */
#ifndef AUGMENT_POLICY_LIST_H
#define AUGMENT_POLICY_LIST_H

#include "core/buf.h"
#include "core/err.h"

/* Their names, for the shell's completion: the first `most`, which are borrowed. */
void policy_list_image_names(const char **names, size_t most);
void policy_list_text_names(const char **names, size_t most);

void policy_list(struct buf *out);

/* {"image": [..], "text": [..]} */
int policy_list_json(struct buf *out, struct err *err);

#endif
