/* Who is whose neighbour, and how much: the part of t-SNE that looks at the points as they are. */
#include "metric/dot.h"
#include "metric/tsne.h"

#include <math.h>
#include <stdlib.h>

struct neighbour {
	float distance; /* squared */
	uint32_t index;
};

struct search {
	const float *x;
	size_t n, width, k;
	double perplexity;
	struct neighbour *nearest; /* [n, k], ascending */
	double *p;                 /* [n, k], each row's sum is 1 */
};

enum { ROWS_A_PIECE = 16 };

static void insert(struct neighbour *nearest, size_t *count, size_t most, struct neighbour one)
{
	size_t at = *count < most ? (*count)++ : most;

	if (at == most && one.distance >= nearest[most - 1].distance)
		return;
	for (at -= at == most; at && nearest[at - 1].distance > one.distance; at--)
		nearest[at] = nearest[at - 1];
	nearest[at] = one;
}

/* n width flops a row; equal distances are taken in the points' order. */
static void find_nearest(const struct search *s, size_t i)
{
	struct neighbour *nearest = s->nearest + i * s->k;
	size_t count = 0;

	for (size_t j = 0; j < s->n; j++)
		if (j != i)
			insert(nearest, &count, s->k,
				(struct neighbour){ square_distance(s->x + i * s->width, s->x + j * s->width, s->width), (uint32_t)j });
}

/* p[k] = exp(-beta (d[k] - d[0])), not yet divided by their sum.  Returns the entropy in nats. */
static double entropy_at(const struct search *s, size_t i, double beta, double *total)
{
	const struct neighbour *nearest = s->nearest + i * s->k;
	double *p = s->p + i * s->k, sum = 0, mean = 0;

	for (size_t k = 0; k < s->k; k++) {
		const double apart = (double)nearest[k].distance - (double)nearest[0].distance;
		p[k] = exp(-beta * apart);
		sum += p[k];
		mean += p[k] * apart;
	}
	*total = sum;
	return log(sum) + beta * mean / sum;
}

/* Finds beta so that the entropy is log(perplexity): it falls as beta grows. */
static void find_width(const struct search *s, size_t i)
{
	const double wanted = log(s->perplexity);
	double low = 0, high = 0, beta = 1, sum = 1;

	for (int step = 0; step < 200; step++) {
		const double apart = entropy_at(s, i, beta, &sum) - wanted;
		if (fabs(apart) < 1e-10)
			break;
		if (apart > 0)
			low = beta;
		else
			high = beta;
		beta = high == 0 ? 2 * beta : (low + high) / 2;
	}
	for (size_t k = 0; k < s->k; k++)
		s->p[i * s->k + k] /= sum;
}

static void search_piece(void *context, size_t piece, size_t thread)
{
	const struct search *s = context;

	(void)thread;
	for (size_t i = piece * ROWS_A_PIECE; i < s->n && i < (piece + 1) * ROWS_A_PIECE; i++) {
		find_nearest(s, i);
		find_width(s, i);
	}
}

struct entry {
	uint32_t column;
	double p;
};

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->column > y->column) - (x->column < y->column);
}

/* Row i: its own neighbours, and whose neighbour it is; at begin[i] there is room for both. */
static void fill(const struct search *s, const size_t *begin, size_t *used, struct entry *entries)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->k; k++) {
			const uint32_t j = s->nearest[i * s->k + k].index;
			const double p = s->p[i * s->k + k] / (2 * (double)s->n);
			entries[begin[i] + used[i]++] = (struct entry){ j, p };
			entries[begin[j] + used[j]++] = (struct entry){ (uint32_t)i, p };
		}
}

/* Rows sorted, and what is there twice added. */
static void gather(struct tsne_graph *graph, const size_t *used, struct entry *entries)
{
	size_t count = 0;

	for (size_t i = 0; i < graph->n; i++) {
		struct entry *row = entries + graph->begin[i];
		qsort(row, used[i], sizeof *row, compare);
		graph->begin[i] = count;
		for (size_t k = 0; k < used[i]; k++) {
			if (k && row[k].column == row[k - 1].column) {
				graph->p[count - 1] += row[k].p;
				continue;
			}
			graph->column[count] = row[k].column;
			graph->p[count++] = row[k].p;
		}
	}
	graph->begin[graph->n] = count;
}

static int symmetrise(struct tsne_graph *graph, const struct search *s, struct err *err)
{
	size_t *used = calloc(s->n, sizeof *used);
	struct entry *entries = malloc(2 * s->n * s->k * sizeof *entries);
	int status = -1;

	if (used && entries && graph->begin && graph->column && graph->p) {
		for (size_t i = 0; i < s->n * s->k; i++)
			used[s->nearest[i].index]++;
		for (size_t i = 0; i < s->n; i++) {
			graph->begin[i + 1] = graph->begin[i] + s->k + used[i];
			used[i] = 0;
		}
		fill(s, graph->begin, used, entries);
		gather(graph, used, entries);
		status = 0;
	}
	free(used);
	free(entries);
	return status ? err_memory(err) : 0;
}

int tsne_graph(struct tsne_graph *graph, const float *x, size_t n, size_t width, double perplexity, struct pool *pool,
	struct err *err)
{
	struct search s = { .x = x, .n = n, .width = width, .k = (size_t)(3 * perplexity), .perplexity = perplexity };

	*graph = (struct tsne_graph){ .n = n };
	if (!(perplexity >= 1) || 3 * perplexity >= (double)n)
		return err_set(err, "a perplexity of %g needs at least %.0f points, and there are %zu", perplexity,
			floor(3 * perplexity) + 1, n);
	if (n > INT32_MAX || s.k > SIZE_MAX / 64 / n)
		return err_set(err, "%zu points are too many", n);
	s.nearest = malloc(n * s.k * sizeof *s.nearest);
	s.p = malloc(n * s.k * sizeof *s.p);
	graph->begin = calloc(n + 1, sizeof *graph->begin);
	graph->column = malloc(2 * n * s.k * sizeof *graph->column);
	graph->p = malloc(2 * n * s.k * sizeof *graph->p);
	int status = s.nearest && s.p ? 0 : err_memory(err);
	if (status == 0) {
		pool_run(pool, (n + ROWS_A_PIECE - 1) / ROWS_A_PIECE, search_piece, &s);
		status = symmetrise(graph, &s, err);
	}
	free(s.nearest);
	free(s.p);
	return status;
}

void tsne_graph_free(struct tsne_graph *graph)
{
	free(graph->begin);
	free(graph->column);
	free(graph->p);
	*graph = (struct tsne_graph){ 0 };
}
