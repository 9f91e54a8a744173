/* cc-poison: sets up a chooser and a poisoner from the options and the stream's header. */
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
	struct buf keys, templates; /* contents of the files */
	struct buf encode;          /* --encode with its default: "jpeg:75" */
};

/* Sets up what depends on options only.  -1: tool->err. */
int poison_setup(struct poison *poison);

/* Increments the header's count of poisonings. */
int poison_count_round(struct tool *tool);

/* Sets up what depends on the header: number of records, class names, caption templates, earlier poisonings. */
int poison_setup_stream(struct poison *poison);

/* At the end of the stream: -1 if there were no candidates, or fewer records than -n was promised. */
int poison_check(struct poison *poison);
void poison_free(struct poison *poison);

#endif
