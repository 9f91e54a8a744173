/* Attacks and augmentation policies as --list prints them, with parameters, ranges and defaults, and as shells complete them. */
#ifndef CLI_PLUGIN_LIST_H
#define CLI_PLUGIN_LIST_H

#include "core/buf.h"
#include "core/err.h"
#include "tools/cli/help.h"

/* Tables for people. */
void attack_list(struct buf *out);
void policy_list(struct buf *out);

/* JSON: an array of attacks; {"image": [policy..], "text": [policy..]}. */
int attack_list_json(struct buf *out, struct err *err);
int policy_list_json(struct buf *out, struct err *err);

/* Complete NAME, NAME:PARAMETER= and NAME:PARAMETER=VALUE (values of parameters with a list of them); image policies also after a +. */
void attack_complete(const struct completion *completion);
void image_policy_complete(const struct completion *completion);
void text_policy_complete(const struct completion *completion);

#endif
