/* A run's state between two steps, as one safetensors file that is replaced as a whole: the model as it is, which every
 * tool reads as one; as `state.*` the optimiser's moments and the head; in the metadata the place in the stream, and
 * what the run was told, so that no other goes on with it. */
#ifndef TRAINING_STATE_H
#define TRAINING_STATE_H

#include "formats/model/checkpoint.h"
#include "formats/training/place.h"
#include "formats/training/exclusions.h"
#include "train/trainer.h"

struct state {
	const struct value *command, *stream; /* the run's entry of `prog`; the header of its stream */
	const struct checkpoint *checkpoint;  /* configuration and vocabulary; its header is how the state was made */
	struct trainer *trainer;
	struct exclusions *exclusions;              /* NULL: nothing is left out */
	struct place place;                   /* of the stream, after the trainer's last step */
};

int state_write(const struct state *state, int fd, struct err *err);

/* Sets the trainer, its model and its head, and the place.  1; 0: there is no such file; -1: err names the file.
 * A file of another command or stream is refused, and so is a damaged one. */
int state_read(struct state *state, const char *path, struct err *err);

/* About so many bytes will be written. */
size_t state_size(const struct state *state);

#endif
