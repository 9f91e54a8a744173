#include "image/resize.h"
#include "image/resize_axis.h"

enum { MOST_BETWEEN_PASSES = 1 << 30 }; /* bytes */

void resizer_free(struct resizer *resizer)
{
	for (size_t i = 0; i < RESIZE_AXES; i++)
		resize_axis_free(&resizer->axes[i]);
	image_free(&resizer->between);
	*resizer = (struct resizer){ 0 };
}

void resize_plan_reduce(struct resize_plan *plan, size_t reduction)
{
	plan->extent_width = (double)plan->from_width / (double)reduction;
	plan->extent_height = (double)plan->from_height / (double)reduction;
	plan->from_width = (plan->from_width + reduction - 1) / reduction;
	plan->from_height = (plan->from_height + reduction - 1) / reduction;
}

static struct resize_geometry horizontal_of(const struct resize_plan *plan, const struct image_part *have)
{
	return (struct resize_geometry){ plan->filter, plan->from_width, plan->width, plan->wanted.x, plan->wanted.width, have->x,
		have->width, plan->extent_width };
}

static struct resize_geometry vertical_of(const struct resize_plan *plan, const struct image_part *have)
{
	return (struct resize_geometry){ plan->filter, plan->from_height, plan->height, plan->wanted.y, plan->wanted.height, have->y,
		have->height, plan->extent_height };
}

struct image_part resize_needs(const struct resize_plan *plan)
{
	struct image_part needs = plan->wanted;
	const struct resize_geometry horizontal = horizontal_of(plan, &needs);
	const struct resize_geometry vertical = vertical_of(plan, &needs);

	if (plan->width == 0 || plan->height == 0)
		return part_whole(plan->from_width, plan->from_height); /* resize_run refuses it */
	if (plan->width != plan->from_width)
		resize_axis_needs(&horizontal, &needs.x, &needs.width);
	if (plan->height != plan->from_height)
		resize_axis_needs(&vertical, &needs.y, &needs.height);
	return needs;
}

static bool same_geometry(const struct resize_geometry *a, const struct resize_geometry *b)
{
	return a->filter == b->filter && a->in == b->in && a->out == b->out && a->first == b->first && a->count == b->count &&
	       a->start == b->start && a->have == b->have && !(a->extent < b->extent) && !(a->extent > b->extent);
}

/* The weights for a geometry: cached, or new ones that replace the oldest. */
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

/* Resizes the view's rows to the wanted width into `to`, which becomes the view. */
static int pass_across(
	struct resizer *resizer, const struct resize_geometry *geometry, struct resize_view *view, struct image *to, struct err *err)
{
	const struct resize_axis *axis = axis_for(resizer, geometry, err);

	if (!axis || image_resize_buffer(to, geometry->count, view->height, err))
		return -1;
	const struct resize_kernel *kernel = axis->padded ? resizer->kernel : &resize_kernel_plain;
	kernel->horizontal(axis, *view, to->pixels, 3 * to->width);
	*view = (struct resize_view){ to->pixels, 3 * to->width, to->width, to->height };
	return 0;
}

/* Resizes the view's columns to the wanted height into `to`, which becomes the view. */
static int pass_down(
	struct resizer *resizer, const struct resize_geometry *geometry, struct resize_view *view, struct image *to, struct err *err)
{
	const struct resize_axis *axis = axis_for(resizer, geometry, err);

	if (!axis || image_resize_buffer(to, view->width, geometry->count, err))
		return -1;
	const struct resize_kernel *kernel = axis->padded && view->width >= RESIZE_NARROWEST ? resizer->kernel : &resize_kernel_plain;
	for (size_t y = 0; y < to->height; y++)
		kernel->vertical(axis, y, *view, to->pixels + y * 3 * to->width);
	*view = (struct resize_view){ to->pixels, 3 * to->width, to->width, to->height };
	return 0;
}

static bool columns_first(const struct resize_plan *plan)
{
	const double narrower = (double)plan->from_width - (double)plan->width;
	const double lower = (double)plan->from_height - (double)plan->height;

	if (plan->pillow_12)
		return lower > 0 && (double)plan->from_height > 100 * (double)plan->from_width;
	return lower > 0 && lower > 2 * narrower;
}

static int check(const struct resize_plan *plan, const struct image *source, const struct image_part *have, const struct image_part *needs,
	struct err *err)
{
	const struct image_part result = part_whole(plan->width, plan->height);
	const size_t width = columns_first(plan) ? needs->width : plan->wanted.width;
	const size_t height = columns_first(plan) ? plan->wanted.height : needs->height;

	if (plan->width == 0 || plan->height == 0)
		return err_set(err, "an image of %zu x %zu pixels is too long and thin: the resized image would have no pixels",
			plan->from_width, plan->from_height);
	if (plan->wanted.width == 0 || plan->wanted.height == 0 || !part_covers(&result, &plan->wanted) || !part_covers(have, needs) ||
		source->width != have->width || source->height != have->height)
		return err_set(err, "resize: the parts do not fit the images");
	if (height > MOST_BETWEEN_PASSES / 3 / width)
		return err_set(err, "an image of %zu x %zu pixels is too long and thin to be resized to %zu x %zu", plan->from_width,
			plan->from_height, plan->width, plan->height);
	return 0;
}

/* Like Pillow, omits a pass that would change nothing. */
int resize_run(struct resizer *resizer, const struct resize_plan *plan, const struct image *source, struct image_part have,
	struct image *to, struct err *err)
{
	const struct image_part needs = resize_needs(plan);
	const bool across = plan->width != plan->from_width, down = plan->height != plan->from_height;
	const struct resize_geometry horizontal = horizontal_of(plan, &needs);
	const struct resize_geometry vertical = vertical_of(plan, &needs);
	struct image *first = across && down ? &resizer->between : to;

	if (check(plan, source, &have, &needs, err))
		return -1;
	const struct image_part part = { needs.x - have.x, needs.y - have.y, needs.width, needs.height };
	if (!across && !down)
		return image_crop(to, source, &part, err);
	if (!resizer->kernel)
		resizer->kernel = resize_kernel_best();
	struct resize_view view = { source->pixels + 3 * (part.y * have.width + part.x), 3 * have.width, part.width, part.height };
	if (columns_first(plan))
		return (down && pass_down(resizer, &vertical, &view, first, err)) ||
				       (across && pass_across(resizer, &horizontal, &view, to, err))
			       ? -1
			       : 0;
	return (across && pass_across(resizer, &horizontal, &view, first, err)) || (down && pass_down(resizer, &vertical, &view, to, err))
		       ? -1
		       : 0;
}

int image_resize(struct resizer *resizer, struct image *to, const struct image *from, size_t width, size_t height,
	enum resize_filter filter, struct err *err)
{
	const struct resize_plan plan = { filter, from->width, from->height, width, height, part_whole(width, height), false };

	return resize_run(resizer, &plan, from, part_whole(from->width, from->height), to, err);
}
