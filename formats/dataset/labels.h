/* What the sources do not hold themselves: classes from folders, captions from templates. */
#ifndef DATASET_LABELS_H
#define DATASET_LABELS_H

#include "core/record.h"
#include "text/template.h"
#include "formats/dataset/classes.h"
#include "formats/stream/limits.h"

/* Where a record's captions come from, beside its txt: a place inside its json, and the lines of its txt. */
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

struct labels {
	struct classes classes;     /* of the header; none: not known */
	bool folders;               /* cls is the folder's number */
	bool by_name;               /* a cls that is no integer is a class's name */
	struct templates templates; /* captions for records that have none; count 0: none are made */
	uint64_t seed, kept; /* kept: records that had a caption already */
	struct buf caption;
	struct caption_rule captions; /* other places where captions are */
};

/* Adds cls and txt where they are due.  1: something was added or changed; 2: only
 * txt, into a list that a shard stores in the same bytes; 0: nothing was; -1: err says why this record cannot have them. */
int labels_add(struct labels *labels, struct record *record, struct err *err);
void labels_free(struct labels *labels);

#endif
