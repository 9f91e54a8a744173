/* The first part of t-SNE: a sparse matrix of neighbours and their affinities. */
#include "metric/neighbours.h"
#include "metric/tsne.h"

#include <math.h>
#include <stdlib.h>

struct graph {
	size_t n, k;
	double perplexity;
	const struct neighbour *nearest; /* [n, k], ascending */
	double *p;         /* [n, k], each row's sum is 1 */
};

enum { ROWS_A_PIECE = 16 };

/* p[k] = exp(-beta (d[k] - d[0])), not yet divided by their sum.  Returns the entropy in nats. */
static double entropy_at(const struct graph *s, size_t i, double beta, double *total)
{
	const struct neighbour *nearest = s->nearest + i * s->k;
	double *p = s->p + i * s->k, sum = 0, mean = 0;

	for (size_t k = 0; k < s->k; k++) {
		const double distance = (double)nearest[k].distance - (double)nearest[0].distance;
		p[k] = exp(-beta * distance);
		sum += p[k];
		mean += p[k] * distance;
	}
	*total = sum;
	return log(sum) + beta * mean / sum;
}

/* Finds beta such that the entropy is log(perplexity), by bisection: entropy decreases with beta. */
static void find_width(const struct graph *s, size_t i)
{
	const double wanted = log(s->perplexity);
	double low = 0, high = 0, beta = 1, sum = 1;

	for (int step = 0; step < 200; step++) {
		const double difference = entropy_at(s, i, beta, &sum) - wanted;
		if (fabs(difference) < 1e-10)
			break;
		if (difference > 0)
			low = beta;
		else
			high = beta;
		beta = high == 0 ? 2 * beta : (low + high) / 2;
	}
	for (size_t k = 0; k < s->k; k++)
		s->p[i * s->k + k] /= sum;
}

static void widths_piece(void *context, size_t piece, size_t thread)
{
	const struct graph *s = context;

	(void)thread;
	for (size_t i = piece * ROWS_A_PIECE; i < s->n && i < (piece + 1) * ROWS_A_PIECE; i++)
		find_width(s, i);
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

/* Row i gets its neighbours and the points whose neighbour it is; begin[i] leaves space for both. */
static void fill(const struct graph *s, const size_t *begin, size_t *used, struct entry *entries)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < s->k; k++) {
			const uint32_t j = s->nearest[i * s->k + k].index;
			const double p = s->p[i * s->k + k] / (2 * (double)s->n);
			entries[begin[i] + used[i]++] = (struct entry){ j, p };
			entries[begin[j] + used[j]++] = (struct entry){ (uint32_t)i, p };
		}
}

/* Sorts rows and adds duplicate entries. */
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

static int symmetrise(struct tsne_graph *graph, const struct graph *s, struct err *err)
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

/* From the nearest neighbours to the sparse matrix. */
static int make_graph(struct tsne_graph *graph, struct graph *s, struct pool *pool, struct err *err)
{
	const size_t n = s->n;

	s->p = malloc(n * s->k * sizeof *s->p);
	graph->begin = calloc(n + 1, sizeof *graph->begin);
	graph->column = malloc(2 * n * s->k * sizeof *graph->column);
	graph->p = malloc(2 * n * s->k * sizeof *graph->p);
	if (!s->p)
		return err_memory(err);
	pool_run(pool, (n + ROWS_A_PIECE - 1) / ROWS_A_PIECE, widths_piece, s);
	return symmetrise(graph, s, err);
}

int tsne_graph(struct tsne_graph *graph, const float *x, size_t n, size_t width, double perplexity, struct pool *pool, struct err *err)
{
	struct graph s = { .n = n, .k = (size_t)(3 * perplexity), .perplexity = perplexity };
	struct neighbours search = { 0 };

	*graph = (struct tsne_graph){ .n = n };
	if (!(perplexity >= 1) || 3 * perplexity >= (double)n)
		return err_set(
			err, "a perplexity of %g needs at least %.0f points; there are %zu", perplexity, floor(3 * perplexity) + 1, n);
	if (n > INT32_MAX || s.k > SIZE_MAX / 64 / n)
		return err_set(err, "%zu points are too many", n);
	int status = neighbours_init(&search, x, n, width, s.k, 0, err) || neighbours_add(&search, x, 0, n, pool, err) ? -1 : 0;
	s.nearest = search.nearest;
	if (status == 0)
		status = make_graph(graph, &s, pool, err);
	neighbours_free(&search);
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
