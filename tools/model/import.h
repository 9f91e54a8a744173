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
	const char *config_path; /* file of the configuration, for messages */
};

/* Fills import->config with open_clip's JSON: from --config (a file or published name), the model's metadata, or inferred from shapes.
 * preprocess_cfg is left to import_pixels. */
int import_config(struct import *import);

/* Sets preprocess_cfg in import->config: from --preprocess, or from Hugging Face's file in the folder of the configuration or weights. */
int import_pixels(struct import *import);

/* A text in the metadata of a model written by cc-train or cc-model; empty otherwise. */
struct span import_own(const struct import *import, const char *name);

#endif
