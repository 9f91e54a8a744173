/* A linear classifier over embeddings: class prompts that `cc-embed --prompts` embedded (a record stream), or the head that
 * `cc-train supervised` trained (safetensors). */
#ifndef MODEL_CLASSIFIER_H
#define MODEL_CLASSIFIER_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"
#include "formats/stream/limits.h"

struct classifier {
	size_t count, width;
	struct span *names;    /* [count] */
	float *weights;        /* [count, width]; rows of prompts are L2-normalised */
	float *bias;           /* [count], or NULL */
	bool raw;              /* expects features that are not normalised (`cc-embed --raw`) */
	struct span model;     /* digest of the model that it belongs to; empty: not stated */
	struct value header;   /* how it was made: the stream's header, or the provenance in the head's file */
	struct arena arena;    /* owns all of these */
};

/* Detects the format from the contents.  Errors: classes not numbered in order, vectors of different lengths, no class,
 * a file of neither format.  The caller frees with classifier_free, also after an error. */
int classifier_read(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err);

/* Writes the head as safetensors. */
int classifier_write(const struct classifier *classifier, int fd, struct err *err);
void classifier_free(struct classifier *classifier);

#endif
