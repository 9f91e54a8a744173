/* Poisoning taken back: where a record has a ledger, its original takes its place. */
#ifndef POISON_UNDO_H
#define POISON_UNDO_H

#include "tools/cli/tool.h"

/* Copies tool->in to tool->out.  originals: a stream with the records as they were, in the same order; each is checked against the digest
 * in the ledger.  Says how many were restored. */
int undo(struct tool *tool, const char *originals);

#endif
