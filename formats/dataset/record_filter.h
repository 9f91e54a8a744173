/* Chooses records and their fields: --split, --where, --keys, --skip, --take, --fields. */
#ifndef DATASET_RECORD_FILTER_H
#define DATASET_RECORD_FILTER_H

#include "core/map.h"
#include "formats/dataset/naming.h"
#include "core/err.h"
#include "core/record.h"

#include <stdbool.h>
#include <stdint.h>

/* --where 'txt~WORD': records with a whole word in one of their texts, ignoring case. */
struct where {
	char field[64];
	struct span word; /* borrowed from the text that was parsed */
};

/* "FIELD~WORD".  NULL: every record matches. */
int where_parse(struct where *where, const char *text, struct err *err);

/* A record without the field, or whose field is not text, does not match.  The field name `key` stands for the record's key. */
bool where_matches(const struct where *where, const struct record *record);

enum { CHOICE_FIELDS_MOST = 64 };

struct choice {
	uint64_t part, parts;  /* the samples with the indices part, part + parts, ... */
	uint64_t skip, take;   /* of the matching ones among those; take UINT64_MAX: all */
	struct where where;
	struct map keys;       /* empty: all keys */
	struct span fields[CHOICE_FIELDS_MOST];
	size_t field_count;    /* 0: all fields */
	struct naming *naming; /* renames fields after choice_wants; NULL: none */
	bool json;             /* the field json is read even if not chosen, because captions come from it */
	bool labels;           /* the fields cls and txt are read even if not chosen */

	uint64_t place, passed; /* samples so far in this epoch, and how many matched */
	uint64_t epochs;        /* started */
	uint64_t examined, with_word, with_key; /* records of the first epoch */
	bool found[CHOICE_FIELDS_MOST], image;  /* which of the chosen fields occurred; whether any image did */
};

/* Parse "I/N" and "jpg,txt,cls"; NULL: the option was not given. */
int choice_split(struct choice *choice, const char *text, struct err *err);
int choice_fields(struct choice *choice, const char *text, struct err *err);
void choice_epoch(struct choice *choice);

enum choice_next { CHOICE_READ, CHOICE_SKIP, CHOICE_STOP };

/* What to do with the next sample, as far as its index decides. */
enum choice_next choice_next(struct choice *choice);

/* Is the record chosen?  If so, removes the fields that are not. */
bool choice_takes(struct choice *choice, struct record *record);

/* For struct sample_reader: must the field be read? */
bool choice_wants(void *choice, struct span field, uint64_t size);
bool choice_reads_all(const struct choice *choice);

/* Does the choice depend on the content or key of records? */
bool choice_needs_record(const struct choice *choice);

/* Appends a warning if some word, key or field did not occur, perhaps because of a typing error.  part: not all records were read, so
 * missing keys are not reported. */
void choice_unmatched(const struct choice *choice, bool part, struct buf *sentence);

/* Turns the number of records in an epoch into the number of chosen ones.  False: unknown, because of --where or --keys. */
bool choice_count(const struct choice *choice, uint64_t *records);

/* Adds copies of the keys in a text, one per line, in their normal form.  -1: the text has no keys. */
int key_list_take(struct map *keys, struct span text, struct err *err);

/* Is the normal form of the key in the map? */
bool key_list_has(const struct map *keys, struct span key);

#endif
