/* What --list prints: the attacks with their numbers and ranges. */
#ifndef POISON_ATTACK_LIST_H
#define POISON_ATTACK_LIST_H

#include "core/buf.h"
#include "core/err.h"

/* Their names, for the shell's completion: the first `most`, which are borrowed. */
void attack_list_names(const char **names, size_t most);

void attack_list(struct buf *out);

/* The same as one JSON array. */
int attack_list_json(struct buf *out, struct err *err);

#endif
