#include "image/resize.h"
#include "image/resize_kernel.h"

enum { MOST_BETWEEN_PASSES = 1 << 30 }; /* bytes */

void resizer_free(struct resizer *resizer)
{
	for (size_t i = 0; i < RESIZE_AXES; i++)
		resize_axis_free(&resizer->axes[i]);
	image_free(&resizer->rows);
	*resizer = (struct resizer){ 0 };
}

static struct resize_geometry horizontal_of(const struct resize_plan *plan, const struct image_part *have)
{
	return (struct resize_geometry){ plan->filter, plan->from_width, plan->width, plan->wanted.x, plan->wanted.width,
		have->x, have->width };
}

static struct resize_geometry vertical_of(const struct resize_plan *plan, const struct image_part *have)
{
	return (struct resize_geometry){ plan->filter, plan->from_height, plan->height, plan->wanted.y, plan->wanted.height,
		have->y, have->height };
}

struct image_part resize_needs(const struct resize_plan *plan)
{
	struct image_part needs = plan->wanted;
	const struct resize_geometry horizontal = horizontal_of(plan, &needs), vertical = vertical_of(plan, &needs);

	if (plan->width != plan->from_width)
		resize_axis_needs(&horizontal, &needs.x, &needs.width);
	if (plan->height != plan->from_height)
		resize_axis_needs(&vertical, &needs.y, &needs.height);
	return needs;
}

static bool same_geometry(const struct resize_geometry *a, const struct resize_geometry *b)
{
	return a->filter == b->filter && a->in == b->in && a->out == b->out && a->first == b->first && a->count == b->count &&
		a->start == b->start && a->have == b->have;
}

/* The weights for a geometry: kept ones, or new ones in the place of the oldest. */
static const struct resize_axis *axis_for(struct resizer *resizer, const struct resize_geometry *geometry, struct err *err)
{
	for (size_t i = 0; i < RESIZE_AXES; i++)
		if (same_geometry(&resizer->axes[i].geometry, geometry))
			return &resizer->axes[i];

	struct resize_axis *axis = &resizer->axes[resizer->next_axis++ % RESIZE_AXES];
	if (resize_axis_set(axis, geometry, err))
		return NULL;
	resizer->kernel->pack(axis);
	return axis;
}

/* to becomes the rows of `from` at the wanted width. */
static int resize_rows(struct resizer *resizer, const struct resize_plan *plan, struct resize_rows from,
	const struct image_part *have, struct image *to, struct err *err)
{
	const struct resize_geometry geometry = horizontal_of(plan, have);
	const struct resize_axis *axis = axis_for(resizer, &geometry, err);

	if (!axis || image_resize_buffer(to, plan->wanted.width, from.rows, err))
		return -1;
	const struct resize_kernel *kernel = axis->roomy ? resizer->kernel : &resize_kernel_plain;
	kernel->horizontal(axis, from, to->pixels, 3 * to->width);
	return 0;
}

/* to becomes the wanted height of `from`. */
static int resize_columns(struct resizer *resizer, const struct resize_plan *plan, struct resize_rows from,
	const struct image_part *have, struct image *to, struct err *err)
{
	const struct resize_geometry geometry = vertical_of(plan, have);
	const struct resize_axis *axis = axis_for(resizer, &geometry, err);
	const size_t bytes = 3 * plan->wanted.width;

	if (!axis || image_resize_buffer(to, plan->wanted.width, plan->wanted.height, err))
		return -1;
	const struct resize_kernel *kernel =
		axis->roomy && bytes >= RESIZE_FEWEST_BYTES ? resizer->kernel : &resize_kernel_plain;
	for (size_t y = 0; y < plan->wanted.height; y++)
		kernel->vertical(axis, y, from, to->pixels + y * bytes, bytes);
	return 0;
}

static int check(const struct resize_plan *plan, const struct image *source, const struct image_part *have,
	const struct image_part *needs, struct err *err)
{
	const struct image_part result = part_whole(plan->width, plan->height);

	if (plan->wanted.width == 0 || plan->wanted.height == 0 || !part_covers(&result, &plan->wanted) ||
		!part_covers(have, needs) || source->width != have->width || source->height != have->height)
		return err_set(err, "resize: the parts do not fit the images");
	if (needs->height > MOST_BETWEEN_PASSES / 3 / plan->wanted.width)
		return err_set(err, "an image of %zu x %zu pixels is too long and thin to be resized to %zu x %zu",
			plan->from_width, plan->from_height, plan->width, plan->height);
	return 0;
}

/* As Pillow does, a pass that would change nothing is left out. */
int resize_run(struct resizer *resizer, const struct resize_plan *plan, const struct image *source, struct image_part have,
	struct image *to, struct err *err)
{
	const struct image_part needs = resize_needs(plan);
	const bool wider = plan->width != plan->from_width, higher = plan->height != plan->from_height;

	if (check(plan, source, &have, &needs, err))
		return -1;
	if (!resizer->kernel)
		resizer->kernel = resize_kernel_best();
	if (!wider && !higher) {
		struct image_part part = { needs.x - have.x, needs.y - have.y, needs.width, needs.height };
		return image_crop(to, source, &part, err);
	}
	struct resize_rows rows = { source->pixels + 3 * have.width * (needs.y - have.y), 3 * have.width, needs.height };
	have.y = needs.y; /* rows that are not needed are left out from here on */
	have.height = needs.height;
	if (!wider) {
		rows.pixels += 3 * (needs.x - have.x);
		return resize_columns(resizer, plan, rows, &have, to, err);
	}
	if (!higher)
		return resize_rows(resizer, plan, rows, &have, to, err);
	if (resize_rows(resizer, plan, rows, &have, &resizer->rows, err))
		return -1;
	rows = (struct resize_rows){ resizer->rows.pixels, 3 * resizer->rows.width, resizer->rows.height };
	return resize_columns(resizer, plan, rows, &have, to, err);
}

int image_resize(struct resizer *resizer, struct image *to, const struct image *from, size_t width, size_t height,
	enum resize_filter filter, struct err *err)
{
	const struct resize_plan plan = { filter, from->width, from->height, width, height, part_whole(width, height) };

	return resize_run(resizer, &plan, from, part_whole(from->width, from->height), to, err);
}
