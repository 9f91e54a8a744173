/* --where 'txt~WORD': records that have a whole word in one of their texts, case folded. */
#ifndef DATASET_WHERE_H
#define DATASET_WHERE_H

#include "core/err.h"
#include "core/record.h"

struct where {
	char field[64];
	struct span word; /* borrowed from the text that was parsed */
};

/* "FIELD~WORD".  NULL: every record matches. */
int where_parse(struct where *where, const char *text, struct err *err);

/* A record without that field, or whose field is no text, does not match.  `key` is the record's key. */
bool where_matches(const struct where *where, const struct record *record);

#endif
