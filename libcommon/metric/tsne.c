#include "metric/tsne.h"

#include "core/rng.h"
#include "metric/quadtree.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { POINTS_A_PIECE = 64, REPORT_EVERY = 50 };
static const double PULL = 12; /* times as hard at first, so that clusters find together while there is room */

/* One step's memory. */
struct step {
	const struct tsne_graph *graph;
	const double *y;
	double theta;
	struct quadtree tree;
	uint32_t *order;
	double *pulled, *pushed; /* [n, 2] */
	double *q, *divergence;  /* [n] */
	bool wants_divergence;
};

static void step_free(struct step *step)
{
	free(step->tree.cells);
	free(step->order);
	free(step->pulled);
	free(step->pushed);
	free(step->q);
	free(step->divergence);
}

static int step_init(struct step *step, const struct tsne_graph *graph, double theta, struct err *err)
{
	const size_t n = graph->n;

	*step = (struct step){ .graph = graph, .theta = theta };
	step->tree.cells = malloc(2 * n * sizeof *step->tree.cells);
	step->order = malloc(n * sizeof *step->order);
	step->pulled = malloc(2 * n * sizeof *step->pulled);
	step->pushed = malloc(2 * n * sizeof *step->pushed);
	step->q = malloc(n * sizeof *step->q);
	step->divergence = malloc(n * sizeof *step->divergence);
	return step->tree.cells && step->order && step->pulled && step->pushed && step->q && step->divergence ? 0 : err_memory(err);
}

/* Its neighbours pull at a point: p q times the way. */
static void pull(const struct step *step, size_t i)
{
	const struct tsne_graph *graph = step->graph;
	const double *y = step->y;
	double right = 0, up = 0, sum = 0;

	for (size_t k = graph->begin[i]; k < graph->begin[i + 1]; k++) {
		const double *other = y + 2 * graph->column[k], p = graph->p[k];
		const double x = y[2 * i] - other[0], z = y[2 * i + 1] - other[1], q = 1 / (1 + x * x + z * z);
		right += p * q * x;
		up += p * q * z;
		if (step->wants_divergence && p > 0)
			sum += p * log(p / q);
	}
	step->pulled[2 * i] = right;
	step->pulled[2 * i + 1] = up;
	step->divergence[i] = sum;
}

static void piece(void *context, size_t number, size_t thread)
{
	const struct step *step = context;

	(void)thread;
	for (size_t i = number * POINTS_A_PIECE; i < step->graph->n && i < (number + 1) * POINTS_A_PIECE; i++) {
		pull(step, i);
		step->q[i] = quadtree_force(&step->tree, step->y + 2 * i, step->theta, step->pushed + 2 * i);
	}
}

static void differentiate(struct step *step, const double *y, double strength, struct pool *pool, double *gradient, double *divergence)
{
	const size_t n = step->graph->n;
	double z = -(double)n, sum = 0; /* each point's q with itself is 1 */

	step->y = y;
	step->wants_divergence = divergence != NULL;
	quadtree_build(&step->tree, y, n, step->order);
	pool_run(pool, (n + POINTS_A_PIECE - 1) / POINTS_A_PIECE, piece, step);
	for (size_t i = 0; i < n; i++) {
		z += step->q[i];
		sum += step->divergence[i];
	}
	z = fmax(z, DBL_MIN);
	for (size_t i = 0; i < 2 * n; i++)
		gradient[i] = 4 * (strength * step->pulled[i] - step->pushed[i] / z);
	if (divergence)
		*divergence = sum + log(z);
}

int tsne_gradient(const struct tsne_graph *graph, const double *y, double strength, double theta, struct pool *pool, double *gradient,
	double *divergence, struct err *err)
{
	struct step step;
	const int status = step_init(&step, graph, theta, err);

	if (status == 0)
		differentiate(&step, y, strength, pool, gradient, divergence);
	step_free(&step);
	return status;
}

/* Each number with a rate of its own, which grows while it goes on in one direction (Jacobs 1988). */
struct descent {
	double *gradient, *way, *gain; /* [n, 2] */
	double rate;
};

static void move(struct descent *descent, double momentum, double *y, size_t n)
{
	double mean[2] = { 0, 0 };

	for (size_t i = 0; i < 2 * n; i++) {
		const double gradient = descent->gradient[i];
		const bool onwards = gradient * descent->way[i] < 0;
		descent->gain[i] = fmax(onwards ? descent->gain[i] + .2 : descent->gain[i] * .8, .01);
		descent->way[i] = momentum * descent->way[i] - descent->rate * descent->gain[i] * gradient;
		y[i] += descent->way[i];
		mean[i % 2] += y[i] / (double)n;
	}
	for (size_t i = 0; i < 2 * n; i++)
		y[i] -= mean[i % 2];
}

static void begin(double *y, size_t n, uint64_t seed)
{
	struct rng rng = rng_for(seed, span_string("tsne"), 0, "tsne");

	for (size_t i = 0; i < 2 * n; i++)
		y[i] = 1e-4 * (double)rng_normal(&rng);
}

static void run(struct step *step, struct descent *descent, const struct tsne_options *options, struct pool *pool, double *y,
	void (*report)(void *, const struct tsne_report *), void *context)
{
	const size_t n = step->graph->n, first = options->iterations / 4 < 250 ? options->iterations / 4 : 250;
	struct tsne_report told;

	for (size_t i = 0; i < options->iterations; i++) {
		differentiate(step, y, i < first ? PULL : 1, pool, descent->gradient, NULL);
		move(descent, i < first ? .5 : .8, y, n);
		told.iteration = i + 1;
		if (!report || ((i + 1) % REPORT_EVERY && i + 1 < options->iterations))
			continue;
		differentiate(step, y, 1, pool, descent->gradient, &told.divergence);
		report(context, &told);
	}
}

int tsne(const struct tsne_graph *graph, const struct tsne_options *options, struct pool *pool, double *y,
	void (*report)(void *context, const struct tsne_report *report), void *context, struct err *err)
{
	const size_t n = graph->n;
	struct descent descent = { .rate = fmax((double)n / PULL / 4, 50) }; /* Belkina et al. 2019 */
	struct step step;
	int status = step_init(&step, graph, options->theta, err);

	descent.gradient = calloc(2 * n, sizeof *descent.gradient);
	descent.way = calloc(2 * n, sizeof *descent.way);
	descent.gain = malloc(2 * n * sizeof *descent.gain);
	if (status == 0 && (!descent.gradient || !descent.way || !descent.gain))
		status = err_memory(err);
	if (status == 0) {
		for (size_t i = 0; i < 2 * n; i++)
			descent.gain[i] = 1;
		begin(y, n, options->seed);
		run(&step, &descent, options, pool, y, report, context);
	}
	step_free(&step);
	free(descent.gradient);
	free(descent.way);
	free(descent.gain);
	return status;
}
