/* A model with all that belongs to it, as a safetensors file: parameters under open_clip's names; in the metadata its
 * configuration, its vocabulary, how it was made, and the digest of the first three. */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include "clip/clip.h"
#include "formats/stream/digest.h"
#include "formats/tensor/safetensors.h"
#include "image/preprocess.h"
#include "text/bpe.h"

struct checkpoint {
	struct clip *clip;
	struct value config;     /* the JSON that clip was made from */
	struct preprocess pixels; /* how its images are made, as the configuration tells */
	struct span vocabulary;  /* merges as text; empty: none */
	struct bpe bpe;          /* of it */
	bool vocabulary_failed;  /* an error of checkpoint_new is about the vocabulary, not about the configuration */
	struct value header;     /* how it was made: a map with `prog`, as a stream's header has it */
	struct digest digest;    /* when it was read */
	struct arena arena;      /* of config, vocabulary, header */
};

/* A model without values for a configuration (JSON) and merges ("" : none): parameters are to be initialised.
 * Where text_cfg has no vocab_size, the vocabulary's is put in.  The caller frees with checkpoint_free, also after an
 * error. */
int checkpoint_new(struct checkpoint *checkpoint, struct span config, struct span vocabulary, struct err *err);

/* Errors name the tensor that is missing, too many, or not of the shape that the configuration asks for. */
int checkpoint_read(struct checkpoint *checkpoint, const char *path, struct err *err);
int checkpoint_write(struct checkpoint *checkpoint, int fd, struct err *err);

/* A file may hold more than a model; who wants the model passes over it. */
#define CHECKPOINT_MORE "state." /* what the names of its tensors begin with */
struct checkpoint_more {
	const struct safetensors_item *items;
	size_t count;
	struct value metadata; /* a map of strings */
};
int checkpoint_write_with(struct checkpoint *checkpoint, const struct checkpoint_more *more, int fd, struct err *err);

/* The parameters alone, into those that are there, of a file that is open. */
int checkpoint_read_parameters(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err);

/* About so many bytes will be written, a little less. */
size_t checkpoint_size(const struct checkpoint *checkpoint);

/* What the parameters, configuration and vocabulary come to now. */
int checkpoint_digest(const struct checkpoint *checkpoint, struct digest *digest, struct err *err);

/* What a model made from this one records about it: a map of its digest and its header, borrowed from checkpoint and arena.  Failure
 * shows in the arena. */
struct value checkpoint_origin(const struct checkpoint *checkpoint, struct arena *arena);
void checkpoint_free(struct checkpoint *checkpoint);

#endif
