#include "metric/tsne.h"
#include "core/rng.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { POINTS_A_PIECE = 64, REPORT_EVERY = 50 };
static const double PULL = 12; /* early exaggeration: clusters form while there is space between them */

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

/* Neighbours attract a point: p q times the vector. */
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

/* Each coordinate has its own rate, which grows while the direction stays the same (Jacobs 1988). */
struct descent {
	double *gradient, *velocity, *gain; /* [n, 2] */
	double rate;
};

static void move(struct descent *descent, double momentum, double *y, size_t n)
{
	double mean[2] = { 0, 0 };

	for (size_t i = 0; i < 2 * n; i++) {
		const double gradient = descent->gradient[i];
		const bool same_direction = gradient * descent->velocity[i] < 0;
		descent->gain[i] = fmax(same_direction ? descent->gain[i] + .2 : descent->gain[i] * .8, .01);
		descent->velocity[i] = momentum * descent->velocity[i] - descent->rate * descent->gain[i] * gradient;
		y[i] += descent->velocity[i];
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
	struct tsne_report progress;

	for (size_t i = 0; i < options->iterations; i++) {
		differentiate(step, y, i < first ? PULL : 1, pool, descent->gradient, NULL);
		move(descent, i < first ? .5 : .8, y, n);
		progress.iteration = i + 1;
		if (!report || ((i + 1) % REPORT_EVERY && i + 1 < options->iterations))
			continue;
		differentiate(step, y, 1, pool, descent->gradient, &progress.divergence);
		report(context, &progress);
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
	descent.velocity = calloc(2 * n, sizeof *descent.velocity);
	descent.gain = malloc(2 * n * sizeof *descent.gain);
	if (status == 0 && (!descent.gradient || !descent.velocity || !descent.gain))
		status = err_memory(err);
	if (status == 0) {
		for (size_t i = 0; i < 2 * n; i++)
			descent.gain[i] = 1;
		begin(y, n, options->seed);
		run(&step, &descent, options, pool, y, report, context);
	}
	step_free(&step);
	free(descent.gradient);
	free(descent.velocity);
	free(descent.gain);
	return status;
}

struct box {
	double low[2], high[2];
};

static struct box box_of(const double *points, const uint32_t *order, size_t n)
{
	struct box box = { { points[2 * order[0]], points[2 * order[0] + 1] }, { points[2 * order[0]], points[2 * order[0] + 1] } };

	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < 2; k++) {
			const double at = points[2 * order[i] + k];
			box.low[k] = at < box.low[k] ? at : box.low[k];
			box.high[k] = at > box.high[k] ? at : box.high[k];
		}
	return box;
}

static struct cell cell_of(const double *points, const uint32_t *order, size_t n, const struct box *box)
{
	const double width = box->high[0] - box->low[0], height = box->high[1] - box->low[1];
	struct cell cell = { .count = (uint32_t)n, .size = width > height ? width : height };

	for (size_t i = 0; i < n; i++) {
		cell.x += points[2 * order[i]];
		cell.y += points[2 * order[i] + 1];
	}
	cell.x /= (double)n;
	cell.y /= (double)n;
	if (cell.size <= 0) { /* exactly, without the rounding of the mean */
		cell.x = box->low[0];
		cell.y = box->low[1];
	}
	return cell;
}

/* Moves points whose coordinate is below `middle` to the front.  Returns their number. */
static size_t split(const double *points, uint32_t *order, size_t n, size_t axis, double middle)
{
	size_t low = 0;

	for (size_t i = 0; i < n; i++)
		if (points[2 * order[i] + axis] < middle) {
			const uint32_t moved = order[i];
			order[i] = order[low];
			order[low++] = moved;
		}
	return low;
}

/* Boxes fit their points tightly, so each halving separates some: the depth is bounded by the precision of doubles. */
static void build(struct quadtree *tree, const double *points, uint32_t *order, size_t n)
{
	const size_t index = tree->count++;
	const struct box box = box_of(points, order, n);
	const double x = box.low[0] + (box.high[0] - box.low[0]) / 2, y = box.low[1] + (box.high[1] - box.low[1]) / 2;

	tree->cells[index] = cell_of(points, order, n, &box);
	if (n > 1 && tree->cells[index].size > 0) {
		const size_t low = split(points, order, n, 1, y);
		const size_t west = split(points, order, low, 0, x), east = split(points, order + low, n - low, 0, x);
		const size_t ends[5] = { 0, west, low, low + east, n };
		for (size_t k = 0; k < 4; k++)
			if (ends[k + 1] > ends[k] && ends[k + 1] - ends[k] < n)
				build(tree, points, order + ends[k], ends[k + 1] - ends[k]);
	}
	tree->cells[index].next = (uint32_t)tree->count;
}

void quadtree_build(struct quadtree *tree, const double *points, size_t n, uint32_t *order)
{
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	tree->count = 0;
	build(tree, points, order, n);
}

/* 10 flops and 40 bytes for each cell; some hundred cells for each point. */
double quadtree_force(const struct quadtree *tree, const double here[2], double theta, double force[2])
{
	const double square = theta * theta;
	double sum = 0, right = 0, up = 0;

	for (size_t i = 0; i < tree->count;) {
		const struct cell *cell = &tree->cells[i];
		const double x = here[0] - cell->x, y = here[1] - cell->y, distance = x * x + y * y;
		if (cell->next != i + 1 && cell->size * cell->size >= square * distance) {
			i++;
			continue;
		}
		const double q = 1 / (1 + distance), all = (double)cell->count * q;
		sum += all;
		right += all * q * x;
		up += all * q * y;
		i = cell->next;
	}
	force[0] = right;
	force[1] = up;
	return sum;
}
