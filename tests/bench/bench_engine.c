/* How fast the engine is: a training step of the demo's model (REFERENCE, "A trial at small scale") against BLIS's sgemm
 * of 1024^3 in the same run, one thread against two, and the time of each op.
 * usage: bench_engine [seconds] */
#define _POSIX_C_SOURCE 200809L
#include "core/rng.h"
#include "nn/gemm.h"
#include "nn/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 128, SIDE = 32, TOKENS = 12, WIDTH = 128, LAYERS = 2, HEADS = 4, WORDS = 1000, EMBED = 64 };
enum { BLOCKS = 3, MOST_PARAMETERS = 128, MOST_NODES = 256 };
static const size_t channels[BLOCKS + 1] = { 32, 48, 96, 192 };

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What this thread worked: others may use the machine too. */
static double now(void)
{
	return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

static double wall(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* What an op cost: forward, backward, and the flops of its matrix products in both. */
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
	struct arena arena;
	struct rng rng;
	struct tensor *parameters[MOST_PARAMETERS];
	size_t count;

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

static void data(struct model *m, struct tensor *t, size_t rank, const size_t *shape, float middle, float spread)
{
	*t = (struct tensor){ .rank = rank, .shape = { 1, 1, 1, 1 } };
	memcpy(t->shape, shape, rank * sizeof *shape);
	t->data = arena_alloc(&m->arena, tensor_size(t) * sizeof(float));
	for (size_t i = 0; i < tensor_size(t); i++)
		t->data[i] = middle + spread * rng_normal(&m->rng);
}

static void parameter(struct model *m, struct tensor *t, size_t rank, const size_t *shape, float middle, float spread)
{
	data(m, t, rank, shape, middle, spread);
	t->grad = arena_zeroed(&m->arena, tensor_size(t), sizeof(float));
	m->parameters[m->count++] = t;
}

static void matrix(struct model *m, struct tensor *t, size_t out, size_t in)
{
	parameter(m, t, 2, (size_t[]){ out, in }, 0, 1 / sqrtf((float)in));
}

static void vector(struct model *m, struct tensor *t, size_t size, float value)
{
	parameter(m, t, 1, &size, value, 0);
}

static void kernel(struct model *m, struct tensor *t, size_t out, size_t side, size_t in)
{
	parameter(m, t, 4, (size_t[]){ out, side, side, in }, 0, sqrtf(2 / (float)(side * side * in)));
}

static void norm(struct model *m, struct batch_norm *n, size_t c)
{
	vector(m, &n->gain, c, 1);
	vector(m, &n->bias, c, 0);
	data(m, &n->running_mean, 1, &c, 0, 0);
	data(m, &n->running_var, 1, &c, 1, 0);
}

static void make_images(struct model *m)
{
	data(m, &m->images, 4, (size_t[]){ BATCH, SIDE, SIDE, 3 }, 0, 1);
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

static void make_texts(struct model *m)
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
	for (size_t i = 0; i < BATCH * TOKENS; i++)
		m->ids[i] = (int32_t)rng_below(&m->rng, WORDS);
	for (size_t i = 0; i < BATCH; i++)
		m->ends[i] = i * TOKENS + 6 + rng_below(&m->rng, TOKENS - 6);
}

/* Notes the op that was just put on the tape; flops: of one matrix product, of which there are `backward` more. */
static struct tensor *note(struct model *m, struct tape *tape, const char *name, double flops, int backward, struct tensor *y)
{
	double time = now();

	m->lines[m->used++] = (struct line){ .name = name, .node = tape->last, .forward = time - m->mark,
		.flops = flops * (1 + backward) };
	m->mark = time;
	return y;
}

static struct tensor *conv(struct model *m, struct tape *tape, const char *name, struct tensor *x, struct tensor *weight,
	size_t stride)
{
	struct tensor *y = op_conv2d(tape, x, weight, stride, weight->shape[1] / 2);
	double patch = (double)tensor_size(weight) / (double)weight->shape[0];

	return note(m, tape, name, 2 * (double)tensor_size(y) * patch, x->grad ? 2 : 1, y);
}

static struct tensor *linear(struct model *m, struct tape *tape, const char *name, struct tensor *x, struct tensor *weight,
	struct tensor *bias)
{
	double flops = 2 * (double)tensor_rows(x) * (double)tensor_size(weight);

	return note(m, tape, name, flops, 2, op_linear(tape, x, weight, bias));
}

static struct tensor *batch_norm(struct model *m, struct tape *tape, struct tensor *x, struct batch_norm *n,
	struct tensor *skip, bool relu)
{
	return note(m, tape, "batch norm", 0, 0, op_batch_norm(tape, x, n, skip, relu));
}

static struct tensor *image_tower(struct model *m, struct tape *tape)
{
	static const char *const names[BLOCKS][3] = { { "conv 32-48 /2", "conv 48-48", "conv 1x1 32-48" },
		{ "conv 48-96 /2", "conv 96-96", "conv 1x1 48-96" },
		{ "conv 96-192 /2", "conv 192-192", "conv 1x1 96-192" } };
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

static struct tensor *text_layer(struct model *m, struct tape *tape, struct layer *l, struct tensor *x)
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

static struct tensor *text_tower(struct model *m, struct tape *tape)
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

static void loss_backward(struct model *m, struct tape *tape, struct tensor *loss)
{
	size_t i = m->used;

	loss->grad[0] = 1;
	loss->unset = false;
	for (struct tape_node *node = tape->last; node; node = node->previous) {
		double before = now();
		node->backward(tape, node->saved);
		while (i > 1 && m->lines[i - 1].node != node)
			i--;
		m->lines[i - 1].backward += now() - before;
	}
}

/* The optimiser's pass over all parameters: four streams in, three out. */
static void adamw_piece(void *context, size_t piece, size_t thread)
{
	struct model *m = context;
	struct tensor *t = m->parameters[piece];

	(void)thread;
	for (size_t i = 0; i < tensor_size(t); i++) {
		t->data[i] -= 1e-4f * t->grad[i];
		t->grad[i] = 0;
	}
}

static double step(struct model *m, struct tape *tape)
{
	double start = now();

	m->used = 0;
	m->mark = start;
	struct tensor *image = image_tower(m, tape), *text = text_tower(m, tape);
	double flops = 2. * BATCH * BATCH * EMBED;
	struct tensor *losses[] = { op_info_nce(tape, image, text, 0, &m->logit_scale), NULL };
	note(m, tape, "info nce", flops, 2, losses[0]);
	losses[1] = op_info_nce(tape, text, image, 0, &m->logit_scale);
	note(m, tape, "info nce", flops, 2, losses[1]);
	struct tensor *loss = op_weighted_sum(tape, 2, losses, (const float[]){ .5f, .5f });
	note(m, tape, "weighted sum", 0, 0, loss);
	loss_backward(m, tape, loss);
	double before = now();
	pool_run(tape->pool, m->count, adamw_piece, m);
	m->lines[m->used++] = (struct line){ .name = "optimiser", .forward = now() - before };
	tape_reset(tape);
	return now() - start;
}

/* The best of many steps. */
struct total {
	double flops, best, best_wall;
	struct line lines[MOST_NODES];
	size_t used;
};

static double least(double a, double b)
{
	return a == 0 || b < a ? b : a;
}

/* Adds up the lines of one name. */
static size_t sum_lines(const struct model *m, struct line *sums)
{
	size_t used = 0;

	for (size_t i = 0; i < m->used; i++) {
		size_t at = 0;
		while (at < used && strcmp(sums[at].name, m->lines[i].name) != 0)
			at++;
		if (at == used)
			sums[used++] = (struct line){ .name = m->lines[i].name };
		sums[at].forward += m->lines[i].forward;
		sums[at].backward += m->lines[i].backward;
		sums[at].flops += m->lines[i].flops;
	}
	return used;
}

static void add_step(struct total *total, const struct model *m, double time, double wall_time)
{
	struct line sums[MOST_NODES];

	total->best = least(total->best, time);
	total->best_wall = least(total->best_wall, wall_time);
	total->used = sum_lines(m, sums);
	total->flops = 0;
	for (size_t i = 0; i < total->used; i++) {
		struct line *l = &total->lines[i];
		total->flops += sums[i].flops;
		*l = (struct line){ .name = sums[i].name, .flops = sums[i].flops,
			.forward = least(l->forward, sums[i].forward), .backward = least(l->backward, sums[i].backward) };
	}
}

static void print_lines(const struct total *total)
{
	printf("%-18s %10s %10s %8s %8s\n", "op, one thread", "forward ms", "backward", "share", "GFLOPS");
	for (size_t i = 0; i < total->used; i++) {
		const struct line *l = &total->lines[i];
		double both = l->forward + l->backward;
		printf("%-18s %10.2f %10.2f %7.1f%% %8.0f\n", l->name, 1e3 * l->forward, 1e3 * l->backward,
			100 * both / total->best, l->flops / both * 1e-9);
	}
}

static double sgemm_peak(void)
{
	enum { N = 1024 };
	float *a = malloc(3 * sizeof(float) * N * N), *c = a + 2 * N * N;
	double best = 1e9;

	for (size_t i = 0; i < 3 * N * N; i++)
		a[i] = (float)(i % 7);
	for (int i = 0; i < 8; i++) {
		double before = now();
		gemm(N, N, N, (struct matrix){ a, N, 1 }, (struct matrix){ a + N * N, N, 1 }, false, c, N);
		double time = now() - before;
		best = time < best ? time : best;
	}
	free(a);
	return 2. * N * N * N / best * 1e-9;
}

static void run(struct model *m, size_t threads, struct total *total)
{
	struct err err;
	struct arena arena = { 0 };
	struct tape tape = { .pool = pool_new(threads, &err), .arena = &arena, .training = true, .recording = true };

	step(m, &tape);
	step(m, &tape);
	for (int i = 0; i < 5; i++) {
		double before = wall(), time = step(m, &tape);
		add_step(total, m, time, wall() - before);
	}
	pool_free(tape.pool);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 4, until;
	static struct model model;
	static struct total one, two;

	gemm_init();
	model.rng = rng_for(1, span_string(""), 0, "bench");
	make_images(&model);
	make_texts(&model);
	double peak = 0;
	for (until = wall() + seconds; wall() < until;) {
		double gflops = sgemm_peak();
		peak = gflops > peak ? gflops : peak;
		run(&model, 1, &one);
		run(&model, 2, &two);
	}
	print_lines(&one);
	double achieved = one.flops / one.best * 1e-9;
	printf("kernels %s; sgemm 1024^3: %.0f GFLOPS on one core\n", gemm_kernels(), peak);
	printf("step of %d pairs, %.1f GFLOP: one thread %.1f ms (%.0f pairs/s, %.0f GFLOPS: %.2f of sgemm), "
	       "wall %.1f ms, two threads %.1f ms (%.2f times)\n", BATCH, one.flops * 1e-9, one.best * 1e3, BATCH / one.best, achieved,
		achieved / peak, one.best_wall * 1e3, two.best_wall * 1e3, one.best_wall / two.best_wall);
	arena_free(&model.arena);
	return 0;
}
