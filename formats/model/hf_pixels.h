/* Hugging Face's preprocessor_config.json, or the part image_processor of processor_config.json, as open_clip's preprocess_cfg. */
#ifndef MODEL_HF_PIXELS_H
#define MODEL_HF_PIXELS_H

#include "core/err.h"
#include "core/value.h"

/* The part of the JSON that describes an image processor; NULL: there is none. */
const struct value *hf_pixels_of(const struct value *json);

/* Fills a map.  Errors name the value: unknown ones, and those that fit no mode of open_clip's. */
int hf_pixels(struct value *preprocess_cfg, const struct value *json, struct arena *arena, struct err *err);

#endif
