/* Classes as vectors: the class prompts that `cc-embed --prompts` has embedded (a stream), or the head that
 * `cc-train supervised` has trained (safetensors). */
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
	float *weights;        /* [count, width]; of prompts each row has length 1 */
	float *bias;           /* [count], or NULL */
	bool raw;              /* it takes features that are not normalised: `cc-embed --raw` */
	struct span model;     /* the digest of the model that it belongs to; empty: it does not say */
	struct value header;   /* how it was made: the stream's, or what the head's file says */
	struct arena arena;    /* of all that */
};

/* Tells by content which of the two it is.  The caller frees with classifier_free, also after an error. */
int classifier_read(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err);

/* As a head's file. */
int classifier_write(const struct classifier *classifier, int fd, struct err *err);
void classifier_free(struct classifier *classifier);

#endif
