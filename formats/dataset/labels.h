/* Adds labels and captions that the sources do not have: classes from folders, captions from templates or from a JSON field. */
#ifndef DATASET_LABELS_H
#define DATASET_LABELS_H

#include "core/record.h"
#include "text/template.h"
#include "formats/dataset/classes.h"
#include "formats/stream/limits.h"

/* How captions are found besides the field txt: at a path inside the field json, or as the lines of txt. */
struct caption_rule {
	const char *json; /* a path inside the field json, such as "a.b.0"; NULL: none */
	bool lines;       /* each line of txt is a caption */
	struct limits limits;
	struct arena arena;
	struct buf text;
};

/* Takes the caption of a record without one from its json, and splits a txt with several lines into a list.
 * 0: nothing changed; 1: txt changed; 2: txt became a list that a shard stores as the same bytes; -1: err says why it has no caption. */
int caption_rule_apply(struct caption_rule *rule, struct record *record, struct err *err);
void caption_rule_free(struct caption_rule *rule);

struct labels {
	struct classes classes;     /* of the header; empty: unknown */
	bool folders;               /* cls is the number of the folder's class */
	bool by_name;               /* a cls that is not an integer is a class name */
	struct templates templates; /* make captions for records without one; count 0: do not */
	uint64_t seed, captioned; /* captioned: number of records that already had a caption */
	struct buf caption;
	struct caption_rule captions;
};

/* Adds cls and txt.  0: nothing changed; 1: the record changed; 2: only txt changed, to a list that a shard stores as the same bytes;
 * -1: err says why this record cannot have them. */
int labels_add(struct labels *labels, struct record *record, struct err *err);
void labels_free(struct labels *labels);

#endif
