/* A sequence of blocks with gradient checkpointing: see op_blocks in ops.h. */
#include "nn/ops.h"

struct block {
	block_forward *forward;
	void *context;
	size_t i;
	struct tensor *x, *y;
	bool training;
};

/* Runs the block again on the same tape, backward through it, and rewinds the tape and its arena. */
static void blocks_backward(struct tape *tape, void *saved)
{
	const struct block *block = saved;
	struct tensor input;

	if (!tape_lend_grad(tape, block->x, &input))
		return;
	const struct tape_mark mark = tape_mark(tape);
	const bool training = tape->training;
	const double flops = tape->flops;
	tape->training = block->training;
	tape->recomputing = true;
	tape->last = NULL;
	tape->blocks = NULL;
	struct tensor *y = block->forward(tape, block->context, block->i, &input);
	if (y && y->wants_grad) {
		y->grad = block->y->grad;
		while (tape_backward_step(tape))
			;
	}
	tape->training = training;
	tape->recomputing = false;
	tape->flops = flops;
	tape_rewind(tape, &mark);
	tape_take_grad(block->x, &input);
}

static struct tensor *run_and_keep_result(struct tape *tape, struct block block)
{
	const struct tape_mark mark = tape_mark(tape);
	struct tensor *y = block.forward(tape, block.context, block.i, block.x);

	if (!y || tape->failed)
		return tape_fail(tape);
	block.y = tape_rewind_to(tape, &mark, y);
	struct block *saved = block.y ? tape_save(tape, &block, sizeof block) : NULL;
	if (saved)
		tape_record(tape, saved->y, blocks_backward, saved);
	return tape->failed ? NULL : block.y;
}

static struct tensor *run_without_recording(struct tape *tape, size_t count, block_forward *forward, void *context, struct tensor *x)
{
	const struct tape_mark mark = tape_mark(tape);

	for (size_t i = 0; x && i < count; i++) {
		x = forward(tape, context, i, x);
		if (x)
			x = tape_rewind_to(tape, &mark, x);
	}
	return x ? x : tape_fail(tape);
}

struct tensor *op_blocks(struct tape *tape, size_t count, block_forward *forward, void *context, struct tensor *x)
{
	if (!x)
		return tape_fail(tape);
	if (!tape->recording)
		return run_without_recording(tape, count, forward, context, x);
	for (size_t i = 0; x && i < count; i++)
		x = tape->recompute ? run_and_keep_result(tape, (struct block){ forward, context, i, x, .training = tape->training })
				    : forward(tape, context, i, x);
	return x;
}
