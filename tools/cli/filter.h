/* The loop of a filter: passes every record to a function, on -j threads, and writes the results in stream order. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "tools/cli/tool.h"

/* What `choose` decides: copy the record's bytes unchanged, pass it to `work`, leave it out (not counted as bad), or fail the run (err). */
enum filter_choice { FILTER_COPY, FILTER_WORK, FILTER_SKIP, FILTER_REFUSE };

/* What `work` decides: write the record; write it and count it as faulty (err: the reason); leave it out; count it as bad (err: the
 * reason) and leave it out; fail the run (err). */
enum filter_verdict { FILTER_KEEP, FILTER_KEEP_BAD, FILTER_DROP, FILTER_BAD, FILTER_FAIL };

struct filter {
	/* Called in stream order by one thread.  NULL: FILTER_WORK for every record. */
	enum filter_choice (*choose)(void *context, const struct record *record, struct err *err);

	/* Called by several threads at once, each with its own `thread` (0 to tool->jobs - 1). */
	enum filter_verdict (*work)(void *context, struct record *record, size_t thread, struct err *err);
	void *context;
};

/* To be called after tool_write; runs to the end of the stream.  The caller then calls tool_finish or tool_fail. */
int tool_filter(struct tool *tool, const struct filter *filter);

#endif
