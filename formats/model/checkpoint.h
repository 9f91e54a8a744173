/* A model as one safetensors file: the parameters under open_clip's names, float32, and in the metadata the configuration
 * (`config`), the vocabulary (`vocabulary`), how the model was made (`provenance`) and a digest of parameters,
 * configuration and vocabulary (`digest`). */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include "clip/clip.h"
#include "formats/stream/digest.h"
#include "formats/tensor/safetensors.h"
#include "image/preprocess.h"
#include "text/bpe.h"

struct checkpoint {
	struct clip *clip;
	struct value config;     /* the JSON that clip was built from */
	struct preprocess pixels; /* how its images are preprocessed, from the configuration */
	struct span vocabulary;  /* BPE merges as text; empty: none */
	struct bpe bpe;          /* the tokenizer of that vocabulary */
	bool vocabulary_failed;  /* the error of checkpoint_new is about the vocabulary, not about the configuration */
	struct value header;     /* how the model was made: a map with `prog`, like a stream's header */
	struct digest digest;    /* of the file as it was read or last written */
	struct arena arena;      /* owns config, vocabulary and header */
};

/* Builds a model from a configuration (JSON) and BPE merges (empty: none).  Its parameters have no memory until clip_allocate.
 * A missing text_cfg.vocab_size is set to the size of the vocabulary.
 * The caller frees with checkpoint_free, also after an error. */
int checkpoint_new(struct checkpoint *checkpoint, struct span config, struct span vocabulary, struct err *err);

/* Errors name the tensor that is missing, unexpected, or of a shape that the configuration does not require. */
int checkpoint_read(struct checkpoint *checkpoint, const char *path, struct err *err);
int checkpoint_write(struct checkpoint *checkpoint, int fd, struct err *err);

/* A file may hold other tensors beside the model, such as a training state; checkpoint_read skips them. */
#define CHECKPOINT_MORE "state." /* prefix of their names */
struct checkpoint_more {
	const struct safetensors_item *items;
	size_t count;
	struct value metadata; /* a map of strings */
};
int checkpoint_write_with(struct checkpoint *checkpoint, const struct checkpoint_more *more, int fd, struct err *err);

/* Reads the parameters of an open file into the model, which has memory for them. */
int checkpoint_read_parameters(struct checkpoint *checkpoint, const struct safetensors *file, struct err *err);

/* Bytes that checkpoint_write will write, without the file's own header and the metadata other than the vocabulary. */
size_t checkpoint_size(const struct checkpoint *checkpoint);

/* The digest of the parameters, configuration and vocabulary as they are now. */
int checkpoint_digest(const struct checkpoint *checkpoint, struct digest *digest, struct err *err);

/* What a model made from this one records about it: a map of its digest and its header, borrowed from checkpoint and arena.  Failure
 * shows in the arena. */
struct value checkpoint_origin(const struct checkpoint *checkpoint, struct arena *arena);
void checkpoint_free(struct checkpoint *checkpoint);

#endif
