/* The state of a training run between two steps: a safetensors file that is replaced atomically.  It holds the model, so every tool
 * can read it as one; as `state.*` the optimiser's moments, the head and the removed pairs; and in its metadata the place in the
 * stream, the command and the stream's header, so that another run is refused. */
#ifndef TRAINING_STATE_H
#define TRAINING_STATE_H

#include "formats/model/checkpoint.h"
#include "formats/training/place.h"
#include "formats/training/exclusions.h"
#include "train/trainer.h"

struct state {
	const struct value *command, *stream; /* the run's entry of `prog`; its stream's header */
	const struct checkpoint *checkpoint;  /* configuration, vocabulary and provenance */
	struct trainer *trainer;
	struct exclusions *exclusions;        /* NULL: no pairs are removed */
	struct place place;                   /* in the stream, after the trainer's last step */
};

int state_write(const struct state *state, int fd, struct err *err);

/* Sets the trainer, its model, its head and the place.  1: done; 0: the file does not exist; -1: err names the file.  Errors: a state of
 * another command or stream, a damaged file. */
int state_read(struct state *state, const char *path, struct err *err);

/* Upper estimate of the bytes that state_write writes. */
size_t state_size(const struct state *state);

/* Compares two entries of `prog`.  -1 if they differ, with the first difference in err: "cc-train clip: --lr was 1e-3, now it is 2e-3". */
int difference_of_commands(const struct value *was, const struct value *is, struct err *err);

/* Compares two headers of a stream: first their chains of commands, then the other fields. */
int difference_of_headers(const struct value *was, const struct value *is, struct err *err);

#endif
