/* Where a record's captions come from, beside its txt: a place inside its json, and the lines of its txt. */
#ifndef DATASET_CAPTION_RULE_H
#define DATASET_CAPTION_RULE_H

#include "core/record.h"
#include "formats/stream/limits.h"

struct caption_rule {
	const char *json; /* a path inside the field json, as in "a.b.0"; NULL: none */
	bool lines;       /* each line of txt is a caption */
	struct limits limits;
	struct arena arena;
	struct buf text;
};

/* A record without a caption takes it from its json.  Then txt becomes a list where it has several lines.
 * 1: txt was changed; 2: into a list that a shard stores in the same bytes; 0: nothing was; -1: err says why it has no caption. */
int caption_rule_apply(struct caption_rule *rule, struct record *record, struct err *err);
void caption_rule_free(struct caption_rule *rule);

#endif
