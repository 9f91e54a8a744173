/* Class prompts as `cc-embed --prompts` writes them: one record a class, cls 0, 1, 2 .., txt its name, text.npy. */
#ifndef MODEL_CLASSIFIER_STREAM_H
#define MODEL_CLASSIFIER_STREAM_H

#include "formats/model/classifier.h"

/* Errors: a class out of order, vectors of different lengths, no class at all. */
int classifier_read_stream(struct classifier *classifier, const char *path, const struct limits *limits, struct err *err);

#endif
