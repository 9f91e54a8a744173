/* Published CLIP architectures by name and by shape (published.def).  The number of attention heads does not follow
 * from tensor shapes, but for these shapes it is known. */
#ifndef CLIP_PUBLISHED_H
#define CLIP_PUBLISHED_H

#include "core/buf.h"

#include <stdbool.h>

enum { PUBLISHED_STAGES = 4 };

struct published {
	const char *name;
	size_t embed_dim, image_size;
	size_t layers[PUBLISHED_STAGES]; /* a vision transformer has one stage */
	size_t width, head_width, patch_size; /* patch_size: 0 for a ResNet */
	const char *mlp_ratio;
	size_t text_width, text_heads, text_layers;
};

/* "ViT-B-32", or "ViT-B-32-quickgelu", which sets *quick_gelu.  NULL: not a published name. */
const struct published *published_find(const char *name, bool *quick_gelu);

/* Appends open_clip's JSON, with the vocabulary of 49,408 tokens, 77 positions, and CLIP's mean and std. */
void published_config(const struct published *model, bool quick_gelu, struct buf *json);

/* Appends "RN50, RN101, ...". */
void published_names(struct buf *list);

/* Width of one attention head of an image tower with these shapes; 0: not published.  hidden: of the MLP. */
size_t published_vit_head_width(size_t width, size_t layers, size_t patch_size, size_t hidden);
size_t published_resnet_head_width(size_t width, const size_t layers[PUBLISHED_STAGES]);

/* Attention heads of a text tower; 0: not published. */
size_t published_text_heads(size_t width, size_t layers);

#endif
