/* Residual attention blocks, normalised before (Radford et al. 2019), as CLIP's towers have them:
 * x + out_proj(attention(in_proj(ln_1(x)))), then x + c_proj(gelu(c_fc(ln_2(x)))). */
#ifndef CLIP_TRANSFORMER_H
#define CLIP_TRANSFORMER_H

#include "clip/parameters.h"

struct transformer_block {
	struct tensor ln_1_gain, ln_1_bias, ln_2_gain, ln_2_bias; /* [width] */
	struct tensor in_weight, in_bias;   /* [3 width, width] */
	struct tensor out_weight, out_bias; /* [width, width] */
	struct tensor fc_weight, fc_bias;   /* [hidden, width] */
	struct tensor proj_weight, proj_bias; /* [width, hidden] */
};

struct transformer {
	struct transformer_block *blocks;
	size_t width, heads, layers, hidden;
	bool quick_gelu, causal;
	bool plain_start; /* begins as torch.nn's layers do, not as CLIP's text tower */
};

/* int(width * mlp_ratio), as open_clip has it. */
size_t transformer_hidden(size_t width, double mlp_ratio);

/* Declares PREFIX.0.attn.in_proj_weight and so on; the numbers of `transformer` are set, its blocks go into the set's
 * arena. */
void transformer_declare(struct transformer *transformer, struct parameters *set, const char *prefix);

/* x [n, t, width] -> its rows `rows` (of n t) after the last block, [count, width].
 * Of the last block only those rows are computed, but for their keys and values.  rows: until the tape's reset. */
struct tensor *transformer_forward(struct tape *tape, struct transformer *transformer, struct tensor *x, const size_t *rows, size_t count);

#endif
