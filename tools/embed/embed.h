/* What cc-embed is told, and what it does. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include "tools/cli/tool.h"
#include "formats/model/checkpoint.h"
#include "core/ring.h"

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

/* Records in groups of a batch, read ahead by a thread of their own: what has been read is embedded while more comes. */
enum { GROUPS_AHEAD = 3 };

struct record_group {
	struct record *records; /* they own their bytes */
	size_t count;
	size_t held;            /* bytes of its records */
	uint8_t *pixels;        /* [batch, image_size, image_size, 3] */
	int32_t *ids;           /* [texts, context] */
	size_t *lengths;
	size_t texts, text_room;
	size_t *captions;       /* of each record; 0: txt is not a list, and there is one */
	bool marked;            /* an epoch begins with it */
	uint64_t epoch;
};

struct groups {
	struct tool *tool; /* while the thread runs: its stream and its err are the thread's */
	const struct checkpoint *checkpoint;
	bool images, texts;
	size_t batch;

	struct ring ring;
	struct record_group items[GROUPS_AHEAD];
	pthread_t thread;
	bool started;
	int status;           /* -1: tool->err */
	pthread_mutex_t lock; /* messages and the progress line */
};

/* tool to batch are set. */
int groups_start(struct groups *groups, struct err *err);

/* The next group, borrowed until the next call.  NULL: no more; groups_stop tells why. */
struct record_group *groups_next(struct groups *groups);

/* -1: tool->err.  Fine where it was not started. */
int groups_stop(struct groups *groups);

#endif
