/* The pixels that a model takes: as its configuration tells, and as a stream's header tells that they were made. */
#ifndef MODEL_MODEL_PIXELS_H
#define MODEL_MODEL_PIXELS_H

#include "core/value.h"
#include "image/preprocess.h"
#include "core/err.h"

/* Of a configuration, open_clip's JSON, of which only what is about pixels is looked at. */
int model_pixels(struct preprocess *preprocess, const struct value *config, struct err *err);

/* The same of a checkpoint or a configuration's file.  Errors name it. */
int model_pixels_of_file(struct preprocess *preprocess, const char *path, struct err *err);

/* Were the stream's pixels made as the model wants them?  Pixels whose making the header does not state are accepted.  The error says how they were
 * made and how they should have been; `model` is for its advice. */
int model_pixels_check(const struct preprocess *wanted, const struct value *header, const char *model, struct err *err);

/* Hugging Face's preprocessor_config.json, or the part image_processor of processor_config.json, as open_clip's preprocess_cfg. */

/* The part of the JSON that describes an image processor; NULL: there is none. */
const struct value *hf_pixels_of(const struct value *json);

/* Fills a map.  Errors name the value: unknown ones, and those that fit no mode of open_clip's. */
int hf_pixels(struct value *preprocess_cfg, const struct value *json, struct arena *arena, struct err *err);

#endif
