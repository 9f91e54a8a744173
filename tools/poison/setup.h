/* From options to a chooser and a poisoner. */
#ifndef POISON_SETUP_H
#define POISON_SETUP_H

#include "tools/cli/tool.h"
#include "formats/sample/chooser.h"
#include "formats/sample/poisoner.h"

struct poison {
	struct poison_options {
		const char *attack, *target, *keys, *where, *caption, *templates, *encode, *undo;
		uint64_t count, of, size;
		double rate;
		bool all, list, json;
	} options;
	struct tool tool;
	struct chooser chooser;
	struct poisoner poisoner;
	struct span own_caption;
	struct buf keys, templates; /* the files */
	struct buf encode; /* in full: "jpeg:75" */
};

/* What can be said before the stream is there.  -1: tool->err. */
int poison_setup(struct poison *poison);

/* The header counts this round. */
int poison_count_round(struct tool *tool);

/* What the header decides: the number of records, whether the target is a class, how often it was poisoned before. */
int poison_setup_stream(struct poison *poison);

/* At the end of the stream: did as many records come as were announced? */
int poison_check(struct poison *poison);
void poison_free(struct poison *poison);

#endif
