/* The small models of tests/golden/make_clip.py and make_towers.py, and the values that PyTorch computes with them. */
#ifndef CLIP_GOLDEN_H
#define CLIP_GOLDEN_H

#include "clip/clip.h"
#include "formats/text/json.h"
#include "formats/tensor/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct golden {
	struct safetensors file;
	struct clip *clip;
	uint8_t *pixels;
	int32_t *ids;
	size_t count; /* records */
	size_t lengths[24];
	struct pool *pool;
	struct arena arena;
	struct tape tape;
	struct err err;
};

/* A tensor of the file; the caller frees. */
static inline void *golden_tensor(struct golden *golden, const char *name)
{
	const struct safetensor *tensor = safetensors_find(&golden->file, name);

	if (!tensor)
		fail_msg("%s is not in the golden file", name);
	void *data = malloc((size_t)(tensor->end - tensor->begin) + 1);
	assert_int_equal(safetensors_read(&golden->file, tensor, data, &golden->err), 0);
	return data;
}

static inline void *golden_parameter(struct golden *golden, const char *prefix, const char *name)
{
	char full[300];

	snprintf(full, sizeof full, "%s.%s", prefix, name);
	return golden_tensor(golden, full);
}

static inline struct clip *golden_model(struct golden *golden)
{
	struct span text = safetensors_metadata(&golden->file, "config");
	struct limits limits = LIMITS_DEFAULT;
	struct clip_config config;
	struct value json;

	assert_int_equal(json_read(text, &limits, &golden->file.arena, &json, &golden->err), 0);
	if (clip_config_read(&config, &json, &golden->err))
		fail_msg("%s", golden->err.text);
	struct clip *clip = clip_new(&config, &golden->err);
	assert_non_null(clip);
	assert_int_equal(clip_allocate(clip, &golden->err), 0);
	return clip;
}

static inline void golden_open_file(struct golden *golden, const char *path, size_t threads)
{
	memset(golden, 0, sizeof *golden);
	if (safetensors_open(&golden->file, path, &golden->err))
		fail_msg("%s", golden->err.text);
	golden->clip = golden_model(golden);
	for (size_t i = 0; i < golden->clip->parameters.count; i++) {
		const struct parameter *parameter = &golden->clip->parameters.items[i];
		float *values = golden_parameter(golden, "before", parameter->name);
		parameter_import(parameter, values);
		free(values);
	}
	golden->pixels = golden_tensor(golden, "pixels");
	golden->ids = golden_tensor(golden, "ids");
	int32_t *lengths = golden_tensor(golden, "lengths");
	golden->count = safetensors_find(&golden->file, "lengths")->shape[0];
	assert_in_range(golden->count, 1, 24);
	for (size_t i = 0; i < golden->count; i++)
		golden->lengths[i] = (size_t)lengths[i];
	free(lengths);
	golden->pool = pool_new(threads, &golden->err);
	assert_non_null(golden->pool);
	golden->tape = (struct tape){ .pool = golden->pool, .arena = &golden->arena };
}

static inline void golden_open(struct golden *golden, size_t threads)
{
	golden_open_file(golden, "tests/golden/clip.safetensors", threads);
}

static inline void golden_close(struct golden *golden)
{
	clip_free(golden->clip);
	free(golden->pixels);
	free(golden->ids);
	pool_free(golden->pool);
	arena_free(&golden->arena);
	safetensors_close(&golden->file);
}

#endif
