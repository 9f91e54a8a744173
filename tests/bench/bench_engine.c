/* Speed of the engine: a training step of the demo's model relative to BLIS's sgemm of 1024^3 in the same run, one thread against two,
 * and the time of each op.
 * usage: bench_engine [seconds] */
#define _POSIX_C_SOURCE 200809L
#include "tests/bench/engine_model.h"

#include "nn/microkernel.h"
#include "nn/gemm.h"
#include "train/optimiser.h"

#include <stdio.h>
#include <stdlib.h>

/* tape_backward with timing. */
static void loss_backward(struct model *m, struct tape *tape, struct tensor *loss)
{
	size_t i = m->used;

	if (tape_backward_begin(tape, loss))
		return;
	for (const struct tape_node *node = tape->last; node; node = tape->last) {
		double before = now();
		tape_backward_step(tape);
		while (i > 1 && m->lines[i - 1].node != node)
			i--;
		m->lines[i - 1].backward += now() - before;
	}
}

static double step(struct model *m, struct tape *tape, struct adamw *adamw)
{
	static const struct train_options options = { .weight_decay = .1, .beta1 = .9, .beta2 = .98, .epsilon = 1e-8 };
	double start = now(), before, norm_squared;
	struct err err;

	m->used = 0;
	m->mark = start;
	parameters_zero_grads(&m->set);
	loss_backward(m, tape, model_loss(m, tape));
	before = now();
	if (adamw_norm(adamw, tape->pool, &norm_squared, &err))
		fprintf(stderr, "%s\n", err.text);
	if (adamw_step(adamw, tape->pool, &options, 1e-4, &err))
		fprintf(stderr, "%s\n", err.text);
	m->lines[m->used++] = (struct line){ .name = "adamw", .forward = now() - before };
	tape_reset(tape);
	return now() - start;
}

/* The best of many steps. */
struct total {
	double flops, best, best_wall;
	size_t memory; /* of a step, without the parameters */
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
		*l = (struct line){ .name = sums[i].name,
			.flops = sums[i].flops,
			.forward = least(l->forward, sums[i].forward),
			.backward = least(l->backward, sums[i].backward) };
	}
}

static void print_lines(const struct total *total)
{
	printf("%-18s %10s %10s %8s %8s\n", "op, one thread", "forward ms", "backward", "share", "GFLOPS");
	for (size_t i = 0; i < total->used; i++) {
		const struct line *l = &total->lines[i];
		double both = l->forward + l->backward;
		printf("%-18s %10.2f %10.2f %7.1f%% %8.0f\n", l->name, 1e3 * l->forward, 1e3 * l->backward, 100 * both / total->best,
			l->flops / both * 1e-9);
	}
}

static void print_summary(const struct total *one, const struct total *two, double peak)
{
	double gflops = one->flops / one->best * 1e-9;

	printf("kernels: convolution %s, BLIS %s; sgemm 1024^3: %.0f GFLOPS on one core\n", microkernel_best()->name, gemm_kernels(), peak);
	printf("step of %d pairs, %.1f GFLOP: %.1f ms on one core, %.0f pairs/s, %.0f GFLOPS: %.2f of sgemm\n", BATCH, one->flops * 1e-9,
		one->best * 1e3, BATCH / one->best, gflops, gflops / peak);
	printf("memory of a step: %.0f MB\n", (double)one->memory * 1e-6);
	printf("wall-clock time: one thread %.1f ms, two %.1f ms: %.2f times\n", one->best_wall * 1e3, two->best_wall * 1e3,
		one->best_wall / two->best_wall);
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

static void run(struct model *m, struct adamw *adamw, size_t threads, struct total *total)
{
	struct err err;
	struct arena arena = { 0 };
	struct tape tape = { .pool = pool_new(threads, &err), .arena = &arena, .training = true, .recording = true };

	step(m, &tape, adamw);
	step(m, &tape, adamw);
	for (int i = 0; i < 5; i++) {
		double before = wall(), time = step(m, &tape, adamw);
		add_step(total, m, time, wall() - before);
	}
	total->memory = arena.peak;
	pool_free(tape.pool);
	arena_free(&arena);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 4, until;
	static struct model model;
	static struct total one, two;
	struct adamw adamw = { 0 };
	struct err err;

	gemm_init();
	if (model_make(&model, &err) || adamw_init(&adamw, &model.set, &err)) {
		fprintf(stderr, "bench_engine: %s\n", err.text);
		return 1;
	}
	double peak = 0;
	for (until = wall() + seconds; wall() < until;) {
		double gflops = sgemm_peak();
		peak = gflops > peak ? gflops : peak;
		run(&model, &adamw, 1, &one);
		run(&model, &adamw, 2, &two);
	}
	print_lines(&one);
	print_summary(&one, &two, peak);
	adamw_free(&adamw);
	parameters_free(&model.set);
	return 0;
}
