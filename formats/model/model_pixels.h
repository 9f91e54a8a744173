/* Preprocessing: what a model's configuration requires, and what a stream's header says was applied. */
#ifndef MODEL_MODEL_PIXELS_H
#define MODEL_MODEL_PIXELS_H

#include "core/value.h"
#include "image/preprocess.h"
#include "core/err.h"

/* From a configuration (open_clip's JSON): reads vision_cfg.image_size and preprocess_cfg only. */
int model_pixels(struct preprocess *preprocess, const struct value *config, struct err *err);

/* The same from a checkpoint or a configuration file.  Errors begin with its path. */
int model_pixels_of_file(struct preprocess *preprocess, const char *path, struct err *err);

/* -1 if the stream's pixels were preprocessed differently from what the model requires; the error states both, and how to
 * preprocess for `model` (its path).  Pixels whose header states no preprocessing are accepted. */
int model_pixels_check(const struct preprocess *wanted, const struct value *header, const char *model, struct err *err);

/* Hugging Face's preprocessor_config.json or processor_config.json: the part that describes an image processor; NULL: none. */
const struct value *hf_pixels_of(const struct value *json);

/* That part as open_clip's preprocess_cfg.  Errors name the value that is unknown or that open_clip cannot express. */
int hf_pixels(struct value *preprocess_cfg, const struct value *json, struct arena *arena, struct err *err);

#endif
