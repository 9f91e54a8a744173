/* Which of the samples go on, and which of their fields: --split, --where, --skip, --take, --fields. */
#ifndef SHARD_CHOICE_H
#define SHARD_CHOICE_H

#include "tools/common/where.h"
#include "tools/shard/naming.h"

#include <stdint.h>

enum { CHOICE_FIELDS_MOST = 64 };

struct choice {
	uint64_t part, parts;  /* of the samples, by their place: part, part + parts, ... */
	uint64_t skip, take;   /* of those in the part that match; take UINT64_MAX: all */
	struct where where;
	struct span fields[CHOICE_FIELDS_MOST]; /* count 0: all */
	size_t field_count;
	struct naming *naming; /* what will rename the fields that choice_wants is asked about; NULL: nothing */
	bool labels;           /* cls and txt are looked at before --where and --fields have their say */

	uint64_t place, passed; /* in this epoch */
};

/* "I/N", "jpg,txt,cls"; NULL: not asked for. */
int choice_split(struct choice *choice, const char *text, struct err *err);
int choice_fields(struct choice *choice, const char *text, struct err *err);
void choice_epoch(struct choice *choice);

enum choice_next { CHOICE_READ, CHOICE_SKIP, CHOICE_STOP };

/* What is to become of the next sample, as far as its place tells. */
enum choice_next choice_next(struct choice *choice);

/* Does a sample that was read go on?  Fields that are not wanted are taken off it. */
bool choice_takes(struct choice *choice, struct record *record);

/* For struct sample_reader: must the field be read? */
bool choice_wants(void *choice, struct span field, uint64_t size);
bool choice_reads_all(const struct choice *choice);

/* Of `records` in an epoch, how many go on?  False: --where cannot tell. */
bool choice_count(const struct choice *choice, uint64_t *records);

#endif
