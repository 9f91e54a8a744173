/* open_clip's preprocess_cfg, as far as it says how an image becomes the square of pixels that a model takes:
 *
 *	{"mode": "RGB", "size": 224, "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0, "mean": .., "std": ..}
 *
 * mean and std are the model's own affair.  Which switches there are: open_clip's PreprocessCfg. */
#ifndef IMAGE_PREPROCESS_CONFIG_H
#define IMAGE_PREPROCESS_CONFIG_H

#include "core/value.h"
#include "image/preprocess.h"

/* json: NULL or null: as CLIP does it.  Errors name the switch: another size than image_size, a way that is not computed here. */
int preprocess_config_read(struct preprocess *preprocess, const struct value *json, size_t image_size, struct err *err);

/* Sets all of its switches in a map made by value_map.  -1: no memory. */
int preprocess_config_write(const struct preprocess *preprocess, struct value *map, struct arena *arena);

/* Do both make the same pixels of every image?  A random crop is a center crop. */
bool preprocess_agrees(const struct preprocess *a, const struct preprocess *b);

/* "224x224, bicubic, center" */
enum { PREPROCESS_TEXT = 80 };
const char *preprocess_text(const struct preprocess *preprocess, char text[PREPROCESS_TEXT]);

#endif
