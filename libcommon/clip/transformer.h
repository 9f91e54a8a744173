/* Pre-norm residual attention blocks (Radford et al. 2019), as in CLIP's towers:
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
	bool torch_init; /* initialised like torch.nn's layers, not like CLIP's text tower */
};

/* int(width * mlp_ratio), as in open_clip. */
size_t transformer_hidden(size_t width, double mlp_ratio);

/* Declares PREFIX.0.attn.in_proj_weight and so on.  The numbers in `transformer` must be set; its blocks are allocated in the set's
 * arena. */
void transformer_declare(struct transformer *transformer, struct parameters *set, const char *prefix);

/* x [n, t, width] -> the rows `rows` of its n t rows after the last block, [count, width].
 * The last block computes only these rows, except for keys and values.  rows: borrowed until the tape's reset. */
struct tensor *transformer_forward(struct tape *tape, struct transformer *transformer, struct tensor *x, const size_t *rows, size_t count);

/* Position embeddings for another number of positions (resize_positions.c), like open_clip's resize_pos_embed and
 * resize_text_pos_embed: what torch.nn.functional.interpolate computes, to a few units in the last place. */

/* A class token and a square grid: bicubic with antialiasing.  from: [rows, width], to: [to_rows, width].
 * -1: rows or to_rows is not 1 + n * n with n > 0, or out of memory. */
int resize_grid_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width);

/* A line: linear, without antialiasing.  rows > 0. */
void resize_line_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width);

#endif
