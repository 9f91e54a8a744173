/* The demo's model, built from ops; records the time and the FLOPs of each. */
#ifndef BENCH_ENGINE_MODEL_H
#define BENCH_ENGINE_MODEL_H

#include "clip/parameters.h"
#include "core/rng.h"
#include "nn/ops.h"

#include <math.h>
#include <string.h>
#include <time.h>

enum { BATCH = 128, SIDE = 32, TOKENS = 12, WIDTH = 128, LAYERS = 2, HEADS = 4, WORDS = 1000, EMBED = 64 };
enum { BLOCKS = 3, MOST_NODES = 256 };
static const size_t channels[BLOCKS + 1] = { 32, 48, 96, 192 };

static inline double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* CPU time of this thread, as other processes may use the machine. */
static inline double now(void)
{
	return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

static inline double wall(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* The cost of an op: forward and backward time, and the FLOPs of its matrix products in both. */
struct line {
	const char *name;
	const struct tape_node *node;
	double forward, backward, flops;
};

struct block {
	struct tensor conv1, conv2, shortcut;
	struct batch_norm norm1, norm2, norm3;
};

struct layer {
	struct tensor gain1, bias1, qkv, qkv_bias, out, out_bias, gain2, bias2, up, up_bias, down, down_bias;
};

struct model {
	struct parameters set;

	struct tensor images, stem, image_projection;
	struct batch_norm stem_norm;
	struct block blocks[BLOCKS];

	int32_t ids[BATCH * TOKENS];
	size_t ends[BATCH];
	struct tensor table, positions, gain, bias, text_projection, logit_scale;
	struct layer layers[LAYERS];

	struct line lines[MOST_NODES];
	size_t used;
	double mark;
};

static inline void parameter(struct model *m, struct tensor *t, size_t rank, const size_t *shape, float mean, float std)
{
	struct parameter *p = parameters_add(&m->set, t, rank, shape, "%zu", m->set.count);

	p->part = PART_IMAGE;
	p->mean = mean;
	p->std = std;
}

static inline void matrix(struct model *m, struct tensor *t, size_t out, size_t in)
{
	parameter(m, t, 2, (size_t[]){ out, in }, 0, 1 / sqrtf((float)in));
}

static inline void vector(struct model *m, struct tensor *t, size_t size, float value)
{
	parameter(m, t, 1, &size, value, 0);
}

static inline void kernel(struct model *m, struct tensor *t, size_t out, size_t side, size_t in)
{
	parameter(m, t, 4, (size_t[]){ out, side, side, in }, 0, sqrtf(2 / (float)(side * side * in)));
}

static inline void norm(struct model *m, struct batch_norm *n, size_t c)
{
	vector(m, &n->gain, c, 1);
	vector(m, &n->bias, c, 0);
	vector(m, &n->running_mean, c, 0);
	m->set.items[m->set.count - 1].statistic = true;
	vector(m, &n->running_var, c, 1);
	m->set.items[m->set.count - 1].statistic = true;
}

static inline void make_images(struct model *m)
{
	parameter(m, &m->images, 4, (size_t[]){ BATCH, SIDE, SIDE, 3 }, 0, 1);
	m->set.items[m->set.count - 1].statistic = true; /* no gradient */
	kernel(m, &m->stem, channels[0], 3, 3);
	norm(m, &m->stem_norm, channels[0]);
	for (size_t i = 0; i < BLOCKS; i++) {
		struct block *b = &m->blocks[i];
		kernel(m, &b->conv1, channels[i + 1], 3, channels[i]);
		kernel(m, &b->conv2, channels[i + 1], 3, channels[i + 1]);
		kernel(m, &b->shortcut, channels[i + 1], 1, channels[i]);
		norm(m, &b->norm1, channels[i + 1]);
		norm(m, &b->norm2, channels[i + 1]);
		norm(m, &b->norm3, channels[i + 1]);
	}
	matrix(m, &m->image_projection, EMBED, channels[BLOCKS]);
}

static inline void make_texts(struct model *m)
{
	matrix(m, &m->table, WORDS, WIDTH);
	matrix(m, &m->positions, TOKENS, WIDTH);
	for (size_t i = 0; i < LAYERS; i++) {
		struct layer *l = &m->layers[i];
		vector(m, &l->gain1, WIDTH, 1);
		vector(m, &l->bias1, WIDTH, 0);
		matrix(m, &l->qkv, 3 * WIDTH, WIDTH);
		vector(m, &l->qkv_bias, 3 * WIDTH, 0);
		matrix(m, &l->out, WIDTH, WIDTH);
		vector(m, &l->out_bias, WIDTH, 0);
		vector(m, &l->gain2, WIDTH, 1);
		vector(m, &l->bias2, WIDTH, 0);
		matrix(m, &l->up, 4 * WIDTH, WIDTH);
		vector(m, &l->up_bias, 4 * WIDTH, 0);
		matrix(m, &l->down, WIDTH, 4 * WIDTH);
		vector(m, &l->down_bias, WIDTH, 0);
	}
	vector(m, &m->gain, WIDTH, 1);
	vector(m, &m->bias, WIDTH, 0);
	matrix(m, &m->text_projection, WIDTH, EMBED);
	vector(m, &m->logit_scale, 1, 2.6593f);
}

/* -1 after setting err. */
static inline int model_make(struct model *m, struct err *err)
{
	struct rng rng = rng_for(1, span_string(""), 0, "bench");

	make_images(m);
	make_texts(m);
	for (size_t i = 0; i < BATCH * TOKENS; i++)
		m->ids[i] = (int32_t)rng_below(&rng, WORDS);
	for (size_t i = 0; i < BATCH; i++)
		m->ends[i] = i * TOKENS + 6 + rng_below(&rng, TOKENS - 6);
	if (parameters_allocate(&m->set, err) || parameters_train(&m->set, PART_IMAGE, err))
		return -1;
	parameters_initialise(&m->set, 1);
	return 0;
}

/* Records the op that was just put on the tape.  flops: of one matrix product; the backward has `backward` of them. */
static inline struct tensor *note(struct model *m, struct tape *tape, const char *name, double flops, int backward, struct tensor *y)
{
	double time = now();

	m->lines[m->used++] = (struct line){ .name = name, .node = tape->last, .forward = time - m->mark, .flops = flops * (1 + backward) };
	m->mark = time;
	return y;
}

static inline struct tensor *conv(
	struct model *m, struct tape *tape, const char *name, struct tensor *x, struct tensor *weight, size_t stride)
{
	struct tensor *y = op_conv2d(tape, x, weight, stride, weight->shape[1] / 2);
	double patch = (double)tensor_size(weight) / (double)weight->shape[0];

	return note(m, tape, name, 2 * (double)tensor_size(y) * patch, x->wants_grad ? 2 : 1, y);
}

static inline struct tensor *linear(
	struct model *m, struct tape *tape, const char *name, struct tensor *x, struct tensor *weight, struct tensor *bias)
{
	double flops = 2 * (double)tensor_rows(x) * (double)tensor_size(weight);

	return note(m, tape, name, flops, 2, op_linear(tape, x, weight, bias));
}

static inline struct tensor *batch_norm(
	struct model *m, struct tape *tape, struct tensor *x, struct batch_norm *n, struct tensor *skip, bool relu)
{
	return note(m, tape, "batch norm", 0, 0, op_batch_norm(tape, x, n, skip, relu));
}

static inline struct tensor *image_tower(struct model *m, struct tape *tape)
{
	static const char *const names[BLOCKS][3] = { { "conv 32-48 /2", "conv 48-48", "conv 1x1 32-48" },
		{ "conv 48-96 /2", "conv 96-96", "conv 1x1 48-96" }, { "conv 96-192 /2", "conv 192-192", "conv 1x1 96-192" } };
	struct tensor *x = conv(m, tape, "conv 3-32", &m->images, &m->stem, 1);

	x = batch_norm(m, tape, x, &m->stem_norm, NULL, true);
	for (size_t i = 0; i < BLOCKS; i++) {
		struct block *b = &m->blocks[i];
		struct tensor *y = conv(m, tape, names[i][0], x, &b->conv1, 2);
		y = batch_norm(m, tape, y, &b->norm1, NULL, true);
		y = conv(m, tape, names[i][1], y, &b->conv2, 1);
		struct tensor *skip = note(m, tape, "average pool", 0, 0, op_avg_pool2d(tape, x, 2));
		skip = conv(m, tape, names[i][2], skip, &b->shortcut, 1);
		skip = batch_norm(m, tape, skip, &b->norm3, NULL, false);
		x = batch_norm(m, tape, y, &b->norm2, skip, true);
	}
	x = note(m, tape, "global pool", 0, 0, op_global_avg_pool(tape, x));
	x = linear(m, tape, "linear, head", x, &m->image_projection, NULL);
	return note(m, tape, "l2 normalise", 0, 0, op_l2_normalise(tape, x));
}

static inline struct tensor *text_layer(struct model *m, struct tape *tape, struct layer *l, struct tensor *x)
{
	struct tensor *y = note(m, tape, "layer norm", 0, 0, op_layer_norm(tape, x, &l->gain1, &l->bias1));

	y = linear(m, tape, "linear, qkv", y, &l->qkv, &l->qkv_bias);
	y = note(m, tape, "attention", 2. * 2 * BATCH * TOKENS * TOKENS * WIDTH, 2, op_attention(tape, y, HEADS, true));
	y = linear(m, tape, "linear, out", y, &l->out, &l->out_bias);
	x = note(m, tape, "add", 0, 0, op_add(tape, x, y));
	y = note(m, tape, "layer norm", 0, 0, op_layer_norm(tape, x, &l->gain2, &l->bias2));
	y = linear(m, tape, "linear, up", y, &l->up, &l->up_bias);
	y = note(m, tape, "quick gelu", 0, 0, op_quick_gelu(tape, y));
	y = linear(m, tape, "linear, down", y, &l->down, &l->down_bias);
	return note(m, tape, "add", 0, 0, op_add(tape, x, y));
}

static inline struct tensor *text_tower(struct model *m, struct tape *tape)
{
	struct tensor *x = op_embedding(tape, m->ids, BATCH, TOKENS, &m->table, &m->positions);

	note(m, tape, "embedding", 0, 0, x);
	for (size_t i = 0; i < LAYERS; i++)
		x = text_layer(m, tape, &m->layers[i], x);
	x = note(m, tape, "gather rows", 0, 0, op_gather_rows(tape, x, m->ends, BATCH));
	x = note(m, tape, "layer norm", 0, 0, op_layer_norm(tape, x, &m->gain, &m->bias));
	x = note(m, tape, "linear, head", 2. * BATCH * WIDTH * EMBED, 2, op_project(tape, x, &m->text_projection));
	return note(m, tape, "l2 normalise", 0, 0, op_l2_normalise(tape, x));
}

/* Forward: both towers and the loss. */
static inline struct tensor *model_loss(struct model *m, struct tape *tape)
{
	struct tensor *image = image_tower(m, tape), *text = text_tower(m, tape);
	double flops = 2. * BATCH * BATCH * EMBED;
	struct tensor *losses[] = { op_info_nce(tape, image, text, 0, &m->logit_scale), NULL };

	note(m, tape, "info nce", flops, 2, losses[0]);
	losses[1] = op_info_nce(tape, text, image, 0, &m->logit_scale);
	note(m, tape, "info nce", flops, 2, losses[1]);
	return note(m, tape, "weighted sum", 0, 0, op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f }));
}

#endif
