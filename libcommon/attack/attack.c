#include "attack/attack.h"

#include "text/words.h"

#include <stdlib.h>
#include <string.h>

#define ATTACK(name) &attack_##name,
const struct attack *const attacks[] = {
#include "attack/attacks.def"
	NULL
};
#undef ATTACK

static int unknown_attack(struct span name, struct err *err)
{
	struct buf accepted = { 0 };
	char *word = span_copy_string(name);
	struct nearest nearest = nearest_to(word ? word : "");

	for (size_t i = 0; attacks[i]; i++) {
		nearest_consider(&nearest, attacks[i]->name);
		buf_printf(&accepted, "%s%s", i ? ", " : "", attacks[i]->name);
	}
	nearest_suggest(&nearest, &accepted);
	free(word);
	err_set(err, "unknown attack \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data, buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static const struct attack_text *find_text(const struct attack *attack, struct span name)
{
	for (const struct attack_text *text = attack->texts; text->name; text++)
		if (span_is(name, text->name))
			return text;
	return NULL;
}

/* Extracts the text arguments from "k=v,k=v"; the others are numbers. */
static int take_texts(struct trigger *trigger, char *arguments, struct buf *numbers, struct err *err)
{
	for (char *next = arguments; next && *next;) {
		char *argument = next, *comma = strchr(argument, ','), *value = strchr(argument, '=');
		next = comma ? comma + 1 : NULL;
		if (comma)
			*comma = 0;
		const size_t length = value && (!comma || value < comma) ? (size_t)(value - argument) : strlen(argument);
		const struct attack_text *text = find_text(trigger->attack, span_of(argument, length));
		if (!text) {
			buf_printf(numbers, "%s%s", numbers->size ? "," : "", argument);
			continue;
		}
		if (argument[length] == 0 || argument[length + 1] == 0)
			return err_set(err, "%s=: a value is required (%s)", text->name, text->about);
		if (trigger->args.text[text - trigger->attack->texts])
			return err_set(err, "%s is given twice", text->name);
		trigger->args.text[text - trigger->attack->texts] = argument + length + 1;
	}
	for (const struct attack_text *text = trigger->attack->texts; text->name; text++)
		if (text->required && !trigger->args.text[text - trigger->attack->texts])
			return err_set(err, "%s= is missing (%s)", text->name, text->about);
	return numbers->failed ? err_memory(err) : 0;
}

int trigger_parse(struct trigger *trigger, const char *text, struct err *err)
{
	struct buf rest = { 0 };
	struct span name, arguments;
	size_t i = 0;

	*trigger = (struct trigger){ 0 };
	number_split(span_string(text), &name, &arguments);
	while (attacks[i] && !span_is(name, attacks[i]->name))
		i++;
	if (!attacks[i])
		return unknown_attack(name, err);
	trigger->attack = attacks[i];
	if (!(trigger->memory = span_copy_string(arguments)))
		return err_memory(err);
	int status = take_texts(trigger, trigger->memory, &rest, err) ||
				     number_parse(trigger->args.number, attacks[i]->numbers, buf_span(&rest), err)
			     ? -1
			     : 0;
	buf_free(&rest);
	return status ? err_add(err, "%s", attacks[i]->name) : 0;
}

void trigger_free(struct trigger *trigger)
{
	free(trigger->memory);
	*trigger = (struct trigger){ 0 };
}

const char *trigger_file(const struct trigger *trigger)
{
	for (size_t i = 0; trigger->attack->texts[i].name; i++)
		if (trigger->attack->texts[i].file)
			return trigger->args.text[i];
	return NULL;
}

bool trigger_in_caption(const struct trigger *trigger)
{
	return trigger->attack->in_caption && trigger->attack->in_caption(&trigger->args);
}

int trigger_apply(const struct trigger *trigger, struct sample *sample, struct rng *rng, struct err *err)
{
	if (trigger->attack->apply(sample, &trigger->args, rng, err))
		return err_add(err, "%s", trigger->attack->name);
	return 0;
}

int trigger_write_caption(const struct trigger *trigger, struct buf *out, const struct sample *sample, struct rng *rng, struct err *err)
{
	if (trigger->attack->write_caption(out, sample, &trigger->args, rng, err))
		return err_add(err, "%s", trigger->attack->name);
	return out->failed ? err_memory(err) : 0;
}

struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh)
{
	if (pattern == 0)
		return *fresh;
	return rng_for((uint64_t)pattern, span_string(attack->name), (uint64_t)image->width << 32 | image->height, "pattern");
}

enum { RANDOM, TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT, CENTER, FOUR_CORNERS };
const char *const patch_places[] = { "random", "top-left", "top-right", "bottom-left", "bottom-right", "center", "four-corners", NULL };

/* right, bottom: the largest x and y at which the square fits. */
static void by_place(struct image_part *square, int where, size_t right, size_t bottom, struct rng *rng)
{
	if (where == RANDOM) {
		square->y = rng_below(rng, bottom ? (uint32_t)bottom : 1);
		square->x = rng_below(rng, right ? (uint32_t)right : 1);
	}
	if (where == TOP_RIGHT || where == BOTTOM_RIGHT)
		square->x = right;
	if (where == BOTTOM_LEFT || where == BOTTOM_RIGHT)
		square->y = bottom;
	if (where == CENTER) {
		square->x = right / 2;
		square->y = bottom / 2;
	}
}

int patch_find(struct image_part *square, const struct image *image, const struct attack_args *args, struct rng *rng, struct err *err)
{
	const size_t side = (size_t)args->number[PATCH_SIDE];
	const int where = (int)args->number[PATCH_PLACE];
	const size_t rows = where == FOUR_CORNERS ? 2 : 1;
	const bool own_x = args->number[PATCH_X] >= 0, own_y = args->number[PATCH_Y] >= 0;

	if (rows * side > image->width || rows * side > image->height)
		return err_set(err, "patch=%zu: an image of %zu x %zu pixels is too small%s", side, image->width, image->height,
			rows == 2 ? " for four of them" : "");
	if (where == FOUR_CORNERS && (own_x || own_y))
		return err_set(err, "x and y cannot be used with place=four-corners");
	const size_t right = image->width - side, bottom = image->height - side;
	*square = (struct image_part){ .width = side, .height = side };
	by_place(square, where, right, bottom, rng);
	if (own_x)
		square->x = (size_t)args->number[PATCH_X];
	if (own_y)
		square->y = (size_t)args->number[PATCH_Y];
	if (square->x > right || square->y > bottom)
		return err_set(err, "x=%zu,y=%zu: the patch of %zu pixels does not fit inside %zu x %zu", square->x, square->y, side,
			image->width, image->height);
	return 0;
}

void patch_paint(struct image_part *square, struct image *image, const struct attack_args *args, const unsigned char colour[3])
{
	for (size_t y = square->y; y < square->y + square->height; y++) {
		unsigned char *row = image->pixels + 3 * (y * image->width + square->x);
		for (size_t i = 0; i < 3 * square->width; i++)
			row[i] = colour[i % 3];
	}
	patch_finish(square, image, args);
}

void patch_finish(struct image_part *square, struct image *image, const struct attack_args *args)
{
	const size_t side = square->width, width = image->width, height = image->height;

	if ((int)args->number[PATCH_PLACE] != FOUR_CORNERS)
		return;
	for (size_t y = 0; y < side; y++) {
		const unsigned char *row = image->pixels + 3 * y * width;
		unsigned char *low = image->pixels + 3 * (height - side + y) * width;
		memcpy(image->pixels + 3 * (y * width + width - side), row, 3 * side);
		memcpy(low, row, 3 * side);
		memcpy(low + 3 * (width - side), row, 3 * side);
	}
	*square = part_whole(width, height);
}
