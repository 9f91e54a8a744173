/* A program that takes a text and gives one back. */
#ifndef REPORT_CHILD_H
#define REPORT_CHILD_H

#include "core/buf.h"
#include "core/err.h"

/* Runs arguments[0], found on $PATH, with `input` on its standard input; its standard output is appended to `output`.
 * No shell is between.  1: it ran and its exit status is 0; 0: there is no such program; -1: it failed, and what it
 * said last is in err. */
int child_run(const char *const *arguments, struct span input, struct buf *output, struct err *err);

#endif
