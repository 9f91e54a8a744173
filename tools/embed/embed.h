/* cc-embed: its options and its parts. */
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

/* Write the whole output stream with the opened model.  -1: tool.err. */
int embed_records(struct embed *embed);
int embed_prompts(struct embed *embed);

/* Batches of records, filled by a reader thread while earlier batches are embedded. */
enum { GROUPS_AHEAD = 3 };

struct record_group {
	struct record *records; /* [batch], which own their bytes; `count` are used */
	size_t count;
	size_t memory;          /* bytes of the records */
	uint8_t *pixels;        /* [batch, image_size, image_size, 3] */
	int32_t *ids;           /* [texts, context], capacity text_capacity texts */
	size_t *lengths;        /* [texts], tokens */
	size_t texts, text_capacity;
	size_t *captions;       /* [batch], number of captions of each record; 0: txt is a single caption, not a list */
	bool marked;            /* an epoch mark precedes the group */
	uint64_t epoch;
};

struct groups {
	/* set by the caller */
	struct tool *tool; /* its stream and err belong to the thread while that runs */
	const struct checkpoint *checkpoint;
	bool images, texts;
	size_t batch;

	struct ring ring;
	struct record_group items[GROUPS_AHEAD];
	pthread_t thread;
	bool started;
	int status;           /* -1: tool->err */
	pthread_mutex_t lock; /* of messages and the progress line */
};

int groups_start(struct groups *groups, struct err *err);

/* The next group, borrowed until the next call.  NULL: end of the stream or error; groups_stop returns which. */
struct record_group *groups_next(struct groups *groups);

/* Joins the thread and frees the groups; may be called without groups_start.  -1: tool->err. */
int groups_stop(struct groups *groups);

#endif
