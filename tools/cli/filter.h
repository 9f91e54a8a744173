/* The loop of a filter: every record through a function, on -j threads, in the order in which they came. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "tools/cli/tool.h"

enum filter_choice { FILTER_FORWARD, FILTER_WORK, FILTER_SKIP, FILTER_REFUSE };
enum filter_verdict { FILTER_KEEP, FILTER_MENDED, FILTER_DROP, FILTER_BAD, FILTER_FAIL };

struct filter {
	/* Called in stream order, by one thread.  FORWARD: its bytes go on as they came.  SKIP: it is left out, which is
	 * no fault.  REFUSE: err says why the run fails.  NULL: FILTER_WORK for all. */
	enum filter_choice (*choose)(void *context, const struct record *record, struct err *err);

	/* Called by several threads at once, with different `thread`s (0..tool->jobs-1).
	 * BAD: err says what is wrong with this record.  MENDED: the same, and it goes on all the same.  FAIL: err says why the run fails. */
	enum filter_verdict (*work)(void *context, struct record *record, size_t thread, struct err *err);
	void *context;
};

/* From tool_write to the end of the stream; the caller then calls tool_finish or tool_fail. */
int tool_filter(struct tool *tool, const struct filter *filter);

#endif
