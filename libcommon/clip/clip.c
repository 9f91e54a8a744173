#include "clip/clip.h"

#include <stdlib.h>

/* ln(1 / 0.07) */
static const float initial_logit_scale = 2.6592600f;

struct clip *clip_new(const struct clip_config *config, struct err *err)
{
	struct clip *clip = calloc(1, sizeof *clip);

	if (!clip) {
		err_memory(err);
		return NULL;
	}
	clip->config = *config;
	struct parameters *set = &clip->parameters;
	set->part = PART_LOGIT_SCALE;
	parameters_add(set, &clip->logit_scale, 0, NULL, "logit_scale")->mean = initial_logit_scale;
	set->part = PART_IMAGE;
	clip->image = config->tower->declare(&clip->config, set);
	set->part = PART_TEXT;
	text_tower_declare(&clip->text, &clip->config, set);
	if (clip->image && !set->failed)
		return clip;
	err_set(err, "the model is too large, or out of memory");
	clip_free(clip);
	return NULL;
}

int clip_allocate(struct clip *clip, struct err *err)
{
	return parameters_allocate(&clip->parameters, err);
}

void clip_initialise(struct clip *clip, uint64_t seed)
{
	parameters_initialise(&clip->parameters, seed);
}

void clip_free(struct clip *clip)
{
	if (clip)
		parameters_free(&clip->parameters);
	free(clip);
}

enum { PIECE_PIXELS = 1 << 13 };

/* y = (x / 255 - mean) / std, from a table. */
struct standardise_bytes {
	const uint8_t *pixels;
	float *result;
	size_t count;
	float table[256][3];
};

static void standardise_bytes_piece(void *context, size_t piece, size_t thread)
{
	const struct standardise_bytes *n = context;
	size_t first = piece * PIECE_PIXELS, left = n->count - first;
	size_t end = first + (left < PIECE_PIXELS ? left : PIECE_PIXELS);

	(void)thread;
	for (size_t i = 3 * first; i < 3 * end; i += 3)
		for (size_t c = 0; c < 3; c++)
			n->result[i + c] = n->table[n->pixels[i + c]][c];
}

static struct tensor *standardise_bytes(struct tape *tape, const struct clip_config *config, const uint8_t *pixels, size_t n)
{
	size_t side = config->vision.image_size;
	struct tensor *result = tape_tensor(tape, 4, (size_t[]){ n, side, side, 3 }, false);
	struct standardise_bytes job = { .pixels = pixels, .count = n * side * side };

	if (!result)
		return NULL;
	job.result = result->data;
	for (size_t value = 0; value < 256; value++)
		for (size_t c = 0; c < 3; c++)
			job.table[value][c] = ((float)value / 255 - config->mean[c]) / config->std[c];
	pool_run(tape->pool, (job.count + PIECE_PIXELS - 1) / PIECE_PIXELS, standardise_bytes_piece, &job);
	return result;
}

static bool is_trained(const struct parameters *set, enum parameter_part part)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].part == part && set->items[i].tensor->wants_grad)
			return true;
	return false;
}

static struct tensor *encode_standardised(struct tape *tape, struct clip *clip, struct tensor *x)
{
	bool training = tape->training;

	tape->training = training && is_trained(&clip->parameters, PART_IMAGE);
	clip->parameters.batches += tape->training;
	x = clip->config.tower->forward(tape, clip->image, x);
	tape->training = training;
	return x;
}

struct tensor *clip_encode_images(struct tape *tape, struct clip *clip, const uint8_t *pixels, size_t n)
{
	return encode_standardised(tape, clip, standardise_bytes(tape, &clip->config, pixels, n));
}

struct tensor *clip_encode_pixels(struct tape *tape, struct clip *clip, struct tensor *pixels)
{
	return encode_standardised(tape, clip, op_standardise(tape, pixels, clip->config.mean, clip->config.std));
}

struct tensor *clip_encode_texts(struct tape *tape, struct clip *clip, const int32_t *ids, const size_t *lengths, size_t n)
{
	return text_tower_forward(tape, &clip->text, ids, lengths, n);
}
