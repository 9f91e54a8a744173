#include "metric/quadtree.h"

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
	if (cell.size <= 0) { /* their mean, without its rounding */
		cell.x = box->low[0];
		cell.y = box->low[1];
	}
	return cell;
}

/* Those whose coordinate is below `middle` come first.  Returns how many. */
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

/* Boxes are as tight as their points, so that each halving parts some: the depth is bounded by the precision of doubles. */
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

/* 10 flops and 40 bytes a cell; some hundred cells a point. */
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
