/* Score tables as HTML. */
#ifndef REPORT_SCOREBOARD_PRINT_H
#define REPORT_SCOREBOARD_PRINT_H

#include "formats/report/scoreboard.h"

/* All tables, each with its protocol and with notes on the cells whose protocol is another; then every number there is. */
int scoreboard_print(const struct scoreboard *board, const struct exhibit *exhibits, size_t count, struct buf *out, struct err *err);

#endif
