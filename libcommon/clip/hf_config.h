/* The values that Hugging Face's config.json of a CLIPModel states.
 * Names, defaults and the precedence of text_config_dict over text_config: configuration_clip.py of transformers. */
#ifndef CLIP_HF_CONFIG_H
#define CLIP_HF_CONFIG_H

#include "core/buf.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

/* 0: not stated. */
struct stated_tower {
	size_t width, hidden, layers, heads;
	size_t image_size, patch_size;       /* of the image tower */
	size_t context_length, vocab_size;   /* of the text tower */
};

struct stated {
	size_t embed_dim;
	bool quick_gelu; /* always set */
	size_t end;      /* the token at which a text's embedding is taken; 0: not stated, or the last one of the vocabulary */
	bool end_missing; /* transformers' default, HF_END, applies */
	struct stated_tower image, text;
};

/* Whether it is a configuration of Hugging Face, of any model; hf_config_read refuses SigLIP and others by name. */
bool hf_config_is(const struct value *json);

/* Errors name a value that our towers do not support.  Appends to `unused`, separated by commas, the names of values that are set
 * (not null, false or empty) but that neither transformers' CLIP nor this project uses. */
int hf_config_read(struct stated *stated, const struct value *json, struct buf *unused, struct err *err);

/* transformers' defaults for missing values. */
enum { HF_IMAGE_HEADS = 12, HF_TEXT_HEADS = 8, HF_END = 49407 };

#endif
