/* A tower's blocks, one after the other: what a model may forget.
 *
 * Where the tape does not record, each block's own tensors are forgotten when its result is there, and so is that result
 * when the next one's is.  Where it records, with tape->recompute, the results are kept and the rest is computed once more
 * in the backward (Chen et al. 2016, "Training deep nets with sublinear memory cost"): the same bits, a third more work. */
#ifndef NN_BLOCKS_H
#define NN_BLOCKS_H

#include "nn/tape.h"

/* Block i applied to x; context is the caller's, and there until the tape's reset.  It is computed from x and parameters
 * alone, and to the same bits each time; batch norms update their running statistics the first time. */
typedef struct tensor *block_forward(struct tape *tape, void *context, size_t i, struct tensor *x);

struct tensor *op_blocks(struct tape *tape, size_t count, block_forward *forward, void *context, struct tensor *x);

#endif
