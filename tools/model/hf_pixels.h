/* Hugging Face's preprocessor_config.json as open_clip's preprocess_cfg. */
#ifndef TOOLS_HF_PIXELS_H
#define TOOLS_HF_PIXELS_H

#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

bool hf_pixels_is(const struct value *json);

/* Fills a map.  Errors name the switch: steps that are missing, numbers that fit no mode of open_clip's. */
int hf_pixels(struct value *preprocess_cfg, const struct value *json, struct arena *arena, struct err *err);

#endif
