/* Output of --list: the attacks and augmentation policies with their parameters, ranges and defaults. */
#ifndef SAMPLE_PLUGIN_LIST_H
#define SAMPLE_PLUGIN_LIST_H

#include "core/buf.h"
#include "core/err.h"

/* Names for shell completion: the first `most`, borrowed. */
void attack_list_names(const char **names, size_t most);
void policy_list_image_names(const char **names, size_t most);
void policy_list_text_names(const char **names, size_t most);

/* As text. */
void attack_list(struct buf *out);
void policy_list(struct buf *out);

/* As JSON: an array of attacks; {"image": [policy..], "text": [policy..]}. */
int attack_list_json(struct buf *out, struct err *err);
int policy_list_json(struct buf *out, struct err *err);

#endif
