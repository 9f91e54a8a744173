/* Which of the samples go on, and which of their fields: --split, --where, --keys, --skip, --take, --fields. */
#ifndef DATASET_RECORD_FILTER_H
#define DATASET_RECORD_FILTER_H

#include "core/map.h"
#include "formats/dataset/naming.h"
#include "core/err.h"
#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

/* --where 'txt~WORD': records that have a whole word in one of their texts, case folded. */
struct where {
	char field[64];
	struct span word; /* borrowed from the text that was parsed */
};

/* "FIELD~WORD".  NULL: every record matches. */
int where_parse(struct where *where, const char *text, struct err *err);

/* A record without that field, or whose field is no text, does not match.  `key` is the record's key. */
bool where_matches(const struct where *where, const struct record *record);

enum { CHOICE_FIELDS_MOST = 64 };

struct choice {
	uint64_t part, parts;  /* of the samples, by their place: part, part + parts, ... */
	uint64_t skip, take;   /* of those in the part that match; take UINT64_MAX: all */
	struct where where;
	struct map keys;       /* of those that go on; empty: all */
	struct span fields[CHOICE_FIELDS_MOST]; /* count 0: all */
	size_t field_count;
	struct naming *naming; /* what will rename the fields that choice_wants is asked about; NULL: nothing */
	bool json;             /* as is json, for captions */
	bool labels;           /* cls and txt are looked at before --where and --fields have their say */

	uint64_t place, passed; /* in this epoch */
	uint64_t epochs;        /* begun */
	uint64_t asked, worded, listed;  /* in the first: records that were looked at, had the word, and one of the keys */
	bool met[CHOICE_FIELDS_MOST], image; /* which of the fields were there; any image */
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

/* Must a record be looked at before it is known whether it goes on? */
bool choice_looks(const struct choice *choice);

/* What was asked for and no record has, as a sentence: a slip of the pen would otherwise go unnoticed.  `part`: not all were seen, so
 * that keys may well be missing.  Empty: nothing. */
void choice_missed(const struct choice *choice, bool part, struct buf *sentence);

/* Of `records` in an epoch, how many go on?  False: --where or --keys cannot tell. */
bool choice_count(const struct choice *choice, uint64_t *records);

/* Adds the keys of a text, one a line, in the normal form of names; they are copied.  -1: the text has none. */
int key_list_take(struct map *keys, struct span text, struct err *err);

/* Is the key, in its normal form, among them? */
bool key_list_has(const struct map *keys, struct span key);

#endif
