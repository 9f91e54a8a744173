/* In what two commands, or two chains of them, differ: for a person who wants to know why a run does not go on. */
#ifndef TRAINING_DIFFERENCE_H
#define TRAINING_DIFFERENCE_H

#include "core/err.h"
#include "core/value.h"

/* Two entries of `prog`.  Where they differ: -1 and "cc-train clip: --lr was 1e-3 and is 2e-3". */
int difference_of_commands(const struct value *was, const struct value *is, struct err *err);

/* Two headers of a stream: their chains, and then the rest. */
int difference_of_headers(const struct value *was, const struct value *is, struct err *err);

#endif
