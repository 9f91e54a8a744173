#include "augment/augment.h"

#include "image/resize.h"
#include "text/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_POLICY(name) extern const struct image_policy image_policy_##name;
#define TEXT_POLICY(name)  extern const struct text_policy text_policy_##name;
#include "augment/augments.def"
#undef IMAGE_POLICY
#undef TEXT_POLICY

#define IMAGE_POLICY(name) &image_policy_##name,
#define TEXT_POLICY(name)
const struct image_policy *const image_policies[] = {
#include "augment/augments.def"
	NULL
};
#undef IMAGE_POLICY
#undef TEXT_POLICY

#define IMAGE_POLICY(name)
#define TEXT_POLICY(name) &text_policy_##name,
const struct text_policy *const text_policies[] = {
#include "augment/augments.def"
	NULL
};

static int unknown_image_policy(struct span name, struct err *err)
{
	struct buf accepted = { 0 };
	char *word = span_copy_string(name);
	struct nearest nearest = nearest_to(word ? word : "");

	for (size_t i = 0; image_policies[i]; i++) {
		nearest_consider(&nearest, image_policies[i]->name);
		buf_printf(&accepted, "%s, ", image_policies[i]->name);
	}
	buf_append_string(&accepted, "and several joined by +");
	nearest_suggest(&nearest, &accepted);
	free(word);
	err_set(err, "unknown image policy \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data, buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static int unknown_text_policy(struct span name, struct err *err)
{
	struct buf accepted = { 0 };
	char *word = span_copy_string(name);
	struct nearest nearest = nearest_to(word ? word : "");

	for (size_t i = 0; text_policies[i]; i++) {
		nearest_consider(&nearest, text_policies[i]->name);
		buf_printf(&accepted, "%s%s", i ? ", " : "", text_policies[i]->name);
	}
	nearest_suggest(&nearest, &accepted);
	free(word);
	err_set(err, "unknown text policy \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data, buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static int add_step(struct image_augmentation *augmentation, struct span text, struct err *err)
{
	struct span name, numbers;
	size_t i = 0;

	number_split(text, &name, &numbers);
	while (image_policies[i] && !span_is(name, image_policies[i]->name))
		i++;
	if (!image_policies[i])
		return unknown_image_policy(name, err);
	if (augmentation->count == AUGMENT_STEPS)
		return err_set(err, "more than %d policies are joined", AUGMENT_STEPS);
	augmentation->steps[augmentation->count].policy = image_policies[i];
	struct augment_args *args = &augmentation->steps[augmentation->count++].args;
	if (number_parse(args->number, image_policies[i]->numbers, numbers, err))
		return err_add(err, "%s", image_policies[i]->name);
	return 0;
}

int image_augmentation_parse(struct image_augmentation *augmentation, const char *text, struct err *err)
{
	*augmentation = (struct image_augmentation){ 0 };
	for (;;) {
		size_t length = strcspn(text, "+");
		if (add_step(augmentation, span_of(text, length), err))
			return -1;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

int text_augmentation_parse(struct text_augmentation *augmentation, const char *text, struct err *err)
{
	struct span name, numbers;
	size_t i = 0;

	*augmentation = (struct text_augmentation){ 0 };
	number_split(span_string(text), &name, &numbers);
	while (text_policies[i] && !span_is(name, text_policies[i]->name))
		i++;
	if (!text_policies[i])
		return unknown_text_policy(name, err);
	augmentation->policy = text_policies[i];
	if (number_parse(augmentation->args.number, augmentation->policy->numbers, numbers, err))
		return err_add(err, "%s", augmentation->policy->name);
	return 0;
}

bool image_augmentation_has(const struct image_augmentation *augmentation, enum augment_stage stage)
{
	for (size_t i = 0; i < augmentation->count; i++)
		if (augmentation->steps[i].policy->stage == stage)
			return true;
	return false;
}

bool image_augmentation_crops(const struct image_augmentation *augmentation)
{
	for (size_t i = 0; i < augmentation->count; i++)
		if (augmentation->steps[i].policy->crops)
			return true;
	return false;
}

int image_augment(const struct image_augmentation *augmentation, enum augment_stage stage, size_t size, struct image *image,
	struct image *spare, struct rng *rng, struct err *err)
{
	for (size_t i = 0; i < augmentation->count; i++) {
		const struct image_policy *policy = augmentation->steps[i].policy;
		struct augment_args args = augmentation->steps[i].args;
		args.size = size;
		if (policy->stage == stage && policy->apply(image, &args, spare, rng, err))
			return err_add(err, "%s", policy->name);
	}
	return 0;
}

int text_augment(const struct text_augmentation *augmentation, struct buf *out, struct span text, struct rng *rng, struct err *err)
{
	if (augmentation->policy->apply(out, text, &augmentation->args, rng, err))
		return err_add(err, "%s", augmentation->policy->name);
	return 0;
}

static uint32_t up_to(size_t most)
{
	return most < UINT32_MAX ? (uint32_t)most + 1 : UINT32_MAX;
}

/* The largest central part with an allowed ratio. */
static struct image_part middle(const struct random_crop *crop, size_t width, size_t height)
{
	const double ratio = (double)width / (double)height;
	const double least = 1 / (double)crop->ratio, most = (double)crop->ratio;
	struct image_part part = part_whole(width, height);

	if (ratio < least)
		part.height = (size_t)rint((double)width / least);
	else if (ratio > most)
		part.width = (size_t)rint((double)height * most);
	part.x = (width - part.width) / 2;
	part.y = (height - part.height) / 2;
	return part;
}

struct image_part random_crop_part(const struct random_crop *crop, size_t width, size_t height, struct rng *rng)
{
	const double area = (double)width * (double)height, log_ratio = log((double)crop->ratio);

	for (int i = 0; i < 10; i++) {
		const double share = (double)crop->least + (double)rng_uniform(rng) * (double)(crop->most - crop->least);
		const double ratio = exp((2 * (double)rng_uniform(rng) - 1) * log_ratio);
		const double across = rint(sqrt(area * share * ratio));
		const double down = rint(sqrt(area * share / ratio));

		if (across < 1 || down < 1 || across > (double)width || down > (double)height)
			continue;
		struct image_part part = { .width = (size_t)across, .height = (size_t)down };
		part.y = rng_below(rng, up_to(height - part.height));
		part.x = rng_below(rng, up_to(width - part.width));
		return part;
	}
	return middle(crop, width, height);
}

int image_random_crop(
	struct image *image, const struct random_crop *crop, size_t size, struct image *spare, struct rng *rng, struct err *err)
{
	const struct image_part part = random_crop_part(crop, image->width, image->height, rng);
	struct resizer resizer = { 0 };

	if (image_crop(spare, image, &part, err))
		return -1;
	int result = image_resize(&resizer, image, spare, size, size, RESIZE_BICUBIC, err);
	resizer_free(&resizer);
	return result;
}
