/* All numbers of all scores as one long table. */
#ifndef REPORT_NUMBERS_PRINT_H
#define REPORT_NUMBERS_PRINT_H

#include "formats/report/scoreboard.h"

/* Folded. */
void print_every_number(struct buf *out, const struct scoreboard *board, const struct exhibit *exhibits, size_t count);

/* "seed 21" where the model's file is among the exhibits and says so, else the folder. */
void print_run_name(const struct board_run *run, const struct exhibit *exhibits, size_t count, struct buf *out);

#endif
