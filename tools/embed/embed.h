/* What cc-embed is told, and what it does. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include "tools/cli/tool.h"
#include "formats/model/checkpoint.h"

struct embed_options {
	const char *model, *prompts, *templates;
	bool image, text, keep, raw, any_pixels;
	uint64_t batch;
};

struct embed {
	struct tool tool;
	struct embed_options opt;
	struct checkpoint checkpoint;
	struct pool *pool;
	struct arena arena;
	struct tape tape;
};

/* Each: -1 with tool.err.  From the opened model to the end of the output stream. */
int embed_records(struct embed *embed);
int embed_prompts(struct embed *embed);

#endif
