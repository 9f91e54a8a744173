#include "formats/sample/augmenter.h"

#include "formats/text/captions.h"
#include "formats/image/record_pixels.h"

#include <stdlib.h>

struct augment_bench {
	struct resizer resizer;
	struct image source, full, small, spare;
	struct buf text;

	/* of the current record */
	const struct augmenter *augmenter;
	struct preprocess preprocess;
	bool tensor; /* the record has an rgb.npy */
	size_t reduction, width, height; /* the image is decoded at 1/reduction of width x height; 0: at full size */
	struct {
		struct rng rng;
		struct resize_plan plan; /* used if no augmentation changes the full image */
	} views[VIEWS];
};

int augmenter_start(struct augmenter *augmenter, size_t threads, struct err *err)
{
	augmenter->threads = threads;
	augmenter->benches = calloc(threads, sizeof *augmenter->benches);
	return augmenter->benches ? 0 : err_memory(err);
}

void augmenter_free(struct augmenter *augmenter)
{
	for (size_t i = 0; augmenter->benches && i < augmenter->threads; i++) {
		struct augment_bench *bench = &augmenter->benches[i];
		resizer_free(&bench->resizer);
		image_free(&bench->source);
		image_free(&bench->full);
		image_free(&bench->small);
		image_free(&bench->spare);
		buf_free(&bench->text);
	}
	free(augmenter->benches);
}

static bool changes_full(const struct view *view)
{
	return image_augmentation_has(&view->augmentation, AUGMENT_FULL);
}

/* Can the view be made from the image decoded at 1/reduction without enlarging it?  Policies that crop need the full image. */
static bool view_allows_reduction(const struct augment_bench *bench, size_t i, size_t reduction, size_t width, size_t height)
{
	struct rng rng = bench->views[i].rng; /* a copy, so that the view's own generator does not advance */
	const struct resize_plan plan = preprocess_plan(&bench->preprocess, width, height, &rng);

	return !image_augmentation_crops(&bench->augmenter->views[i].augmentation) && width / reduction >= plan.width &&
	       height / reduction >= plan.height;
}

static size_t choose_reduction(void *context, size_t width, size_t height)
{
	struct augment_bench *bench = context;

	bench->width = width;
	bench->height = height;
	bench->reduction = 8;
	for (size_t i = 0; i < bench->augmenter->view_count; i++)
		while (bench->reduction > 1 && !view_allows_reduction(bench, i, bench->reduction, width, height))
			bench->reduction /= 2;
	return bench->reduction;
}

/* Crop and size of a view; for a reduced image those of the full one, scaled down. */
static struct resize_plan plan_view(const struct augment_bench *bench, size_t width, size_t height, struct rng *rng)
{
	if (bench->reduction <= 1)
		return preprocess_plan(&bench->preprocess, width, height, rng);
	struct resize_plan plan = preprocess_plan(&bench->preprocess, bench->width, bench->height, rng);
	resize_plan_reduce(&plan, bench->reduction);
	return plan;
}

/* Called when the size of the image is known: plans every view and returns the part that must be decoded. */
static struct image_part choose_part(void *context, size_t width, size_t height)
{
	struct augment_bench *bench = context;
	const struct augmenter *augmenter = bench->augmenter;
	struct image_part part = { 0 };

	if (bench->tensor && augmenter->tensors_keep_size)
		bench->preprocess.size = (width < height) != (bench->preprocess.crop == CROP_PAD) ? width : height;
	for (size_t i = 0; i < augmenter->view_count; i++) {
		struct image_part needs = part_whole(width, height);
		if (!changes_full(&augmenter->views[i])) {
			bench->views[i].plan = plan_view(bench, width, height, &bench->views[i].rng);
			needs = resize_needs(&bench->views[i].plan);
		}
		part = part_union(&part, &needs);
	}
	return part;
}

/* Stores the view in bench->small. */
static int make_view(struct augment_bench *bench, size_t i, const struct image_part *have, struct err *err)
{
	const struct view *view = &bench->augmenter->views[i];
	const size_t size = bench->preprocess.size;
	struct rng *rng = &bench->views[i].rng;
	int result;

	if (changes_full(view)) {
		const bool last = i + 1 == bench->augmenter->view_count; /* the image is not needed afterwards */
		struct image *full = last ? &bench->source : &bench->full;
		if ((!last && image_copy(full, &bench->source, err)) ||
			image_augment(&view->augmentation, AUGMENT_FULL, size, full, &bench->spare, rng, err))
			return -1;
		const struct resize_plan plan = plan_view(bench, full->width, full->height, rng);
		result = resize_run(&bench->resizer, &plan, full, part_whole(full->width, full->height), &bench->small, err);
	} else {
		result = resize_run(&bench->resizer, &bench->views[i].plan, &bench->source, *have, &bench->small, err);
	}
	if (result || preprocess_fill(&bench->preprocess, &bench->small, &bench->spare, err))
		return -1;
	return image_augment(&view->augmentation, AUGMENT_SMALL, size, &bench->small, &bench->spare, rng, err);
}

static int add_views(struct augment_bench *bench, struct record *record, struct err *err)
{
	const struct augmenter *augmenter = bench->augmenter;
	struct err damage = { "" };
	const struct image_request request = { .part = choose_part,
		.context = bench,
		.on_white = augmenter->on_white,
		.damage = augmenter->lenient ? &damage : NULL,
		.reduction = augmenter->fast ? choose_reduction : NULL };
	struct image_part have;

	bench->tensor = record_find(record, "rgb.npy") != NULL;
	bench->preprocess = augmenter->preprocess;
	bench->reduction = 0;
	for (size_t i = 0; i < augmenter->view_count; i++)
		bench->views[i].rng = rng_for(augmenter->seed, record->key, record->epoch, augmenter->views[i].field);
	if (record_pixels_part(record, &bench->source, &have, &augmenter->limits, &request, err))
		return -1;
	for (size_t i = 0; i < augmenter->view_count; i++) {
		if (make_view(bench, i, &have, err))
			return err_add(err, "%s", augmenter->views[i].field);
		const size_t shape[3] = { bench->small.height, bench->small.width, 3 };
		if (!record_set_tensor(record, augmenter->views[i].field, "|u1", 3, shape, bench->small.pixels, err))
			return -1;
	}
	if (damage.text[0])
		err_set(err, "%s: grey where pixels are missing", damage.text);
	return damage.text[0] != 0;
}

static int add_text(struct augment_bench *bench, struct record *record, struct err *err)
{
	struct rng rng = rng_for(bench->augmenter->seed, record->key, record->epoch, "aug.txt");
	struct span text;

	buf_clear(&bench->text);
	if (record_caption(record, bench->augmenter->seed, &text, err) ||
		(record_has_list(record) &&
			record_set_string(record, "txt", text, err)) || /* keep the caption that aug.txt was made from */
		text_augment(&bench->augmenter->text, &bench->text, text, &rng, err))
		return -1;
	return bench->text.failed ? err_memory(err) : record_set_string(record, "aug.txt", buf_span(&bench->text), err);
}

static void remove_encoded(struct record *record)
{
	const struct field *field;

	while ((field = record_image(record)))
		record_remove_at(record, (size_t)(field - record->fields));
}

int augmenter_augment(const struct augmenter *augmenter, struct record *record, size_t thread, struct err *err)
{
	struct augment_bench *bench = &augmenter->benches[thread];

	bench->augmenter = augmenter;
	const int state = add_views(bench, record, err);
	if (state < 0 || (augmenter->with_text && add_text(bench, record, err)))
		return -1;
	record_remove(record, "image.npy"); /* it embeds the old rgb.npy */
	if (!augmenter->keep_encoded)
		remove_encoded(record);
	return state;
}
