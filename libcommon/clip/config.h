/* The configuration of a model: open_clip's JSON.
 *
 *	{"embed_dim": 64, "quick_gelu": true,
 *	 "vision_cfg": {"image_size": 32, "block": "basic", "width": 32, "layers": [1, 1, 1], "widths": [48, 96, 192]},
 *	 "text_cfg": {"context_length": 16, "vocab_size": 1024, "width": 128, "heads": 4, "layers": 2},
 *	 "preprocess_cfg": {"mean": [.48, .46, .41], "std": [.27, .26, .28]}}
 *
* or all but the last under "model_cfg", as in open_clip_config.json.  The image tower: a list of layers with "block": "basic" is
 * resnet_basic, another list CLIP's ResNet, a number a vision transformer.
 * Unknown names are refused unless they are null or false, and so are values that are not supported: they could change the result. */
#ifndef CLIP_CONFIG_H
#define CLIP_CONFIG_H

#include "core/err.h"
#include "core/value.h"

enum { CLIP_STAGES = 8 };

struct vision_config {
	size_t image_size; /* side, in pixels */
	size_t width;      /* of a transformer's tokens; channels of a ResNet's stem */
	size_t layers[CLIP_STAGES]; /* blocks in a stage; a transformer has one stage */
	size_t widths[CLIP_STAGES]; /* resnet_basic: channels of a stage */
	size_t patch_size;          /* vit: side, in pixels */
	size_t head_width;          /* of attention */
	double mlp_ratio;           /* vit: hidden width / width */
	bool no_ln_pre;             /* vit: no layer norm before the blocks */
};

struct text_config {
	size_t context_length, vocab_size, width, heads, layers;
	double mlp_ratio;
};

struct clip_config {
	size_t embed_dim;
	bool quick_gelu;
	const struct image_tower *tower;
	struct vision_config vision;
	struct text_config text;
	float mean[3], std[3]; /* of pixels, which range from 0 to 1 */
};

/* Errors name the part and the value: "vision_cfg: layers: ...". */
int clip_config_read(struct clip_config *config, const struct value *json, struct err *err);

/* A table that describes one part: a row for each name, terminated by a NULL name. */
enum config_kind { CONFIG_COUNT, CONFIG_COUNTS, CONFIG_RATIO, CONFIG_FLAG, CONFIG_ONLY, CONFIG_IGNORED };
struct config_field {
	const char *name;
	enum config_kind kind;
	size_t offset; /* in the part's struct: a size_t, CLIP_STAGES of them, a double, a bool */
	size_t least, most;
	bool optional;
	const char *only; /* CONFIG_ONLY: the only supported value, a word or a number */
};

/* Fills `part` from a map.  Missing optional values keep their defaults.  CONFIG_COUNTS are zeroed after the last.  Errors name the
 * value. */
int config_fields_read(void *part, const struct config_field *fields, const struct value *map, struct err *err);

#endif
