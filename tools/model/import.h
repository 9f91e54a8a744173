/* The parts of cc-model import. */
#ifndef TOOLS_IMPORT_H
#define TOOLS_IMPORT_H

#include "tools/cli/tool.h"
#include "formats/model/checkpoint.h"
#include "formats/model/weight_places.h"

struct import_options {
	const char *config, *vocabulary, *activation, *preprocess, *prefix, *heads;
	bool resize_positions;
};

struct import {
	struct tool tool;
	struct import_options opt;
	struct weights weights;
	struct checkpoint checkpoint;
	struct weight_places places;
	struct buf config, vocabulary;
	const char *config_path; /* for messages: where the configuration comes from */
};

/* Fills import->config with open_clip's JSON: a file's, a published one by name, the model's own, or one from Hugging Face's values and the
 * shapes.  preprocess_cfg is left to import_pixels. */
int import_config(struct import *import);

/* Sets preprocess_cfg in import->config: of --preprocess, or of Hugging Face's file beside the configuration or the weights. */
int import_pixels(struct import *import);

/* The metadata's text of that name, where the weights are a model of ours. */
struct span import_own(const struct import *import, const char *name);

#endif
