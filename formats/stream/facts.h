/* Facts about the data, as entries of a stream's header that shards keep.  The program that establishes a fact writes it, and readers
 * look here: `prog` is provenance for people, and the arguments in it are not parsed.
 *
 *	"split": {"part": I, "of": N, "limited": true, "entry": E, "whole": {..}}   by cc-shard read --split I/N
 *	"split": {"of": N}                                                           by cc-shard read from some of the parts
 *	"poisoned": R                                                                by cc-poison: rounds so far, --undo included
 *	"pixels": {"size": 32, "resize": "bicubic", "crop": "center", "fill": 0, "options": [..]}   by cc-augment
 *
 * Files written before 0.2 have none of them: see old_facts.h. */
#ifndef STREAM_FACTS_H
#define STREAM_FACTS_H

#include "core/value.h"

struct split {
	uint64_t part, of;   /* of 0: the records are of some parts together */
	bool limited;        /* by --skip or --take, which count within the part: all parts together are not the whole */
	size_t entry;        /* of prog: that of the program that split */
	struct value whole;  /* what this entry would be without --split */
};

/* false: the stream is not part of a split.  Everything is borrowed from the header, or lives in the arena. */
bool fact_split(const struct value *header, struct split *split, struct arena *arena);
/* Only the parts are written where of is not 0.  -1: no memory. */
int fact_set_split(struct value *header, const struct split *split, struct arena *arena);
/* The records are read again, and no part of the split is written. */
int fact_split_ends(struct value *header, struct arena *arena);
/* The header as it would be without the split; a header that may be changed. */
void fact_split_remove(struct value *header, const struct split *split);

uint64_t fact_poisoned(const struct value *header);
int fact_set_poisoned(struct value *header, uint64_t rounds, struct arena *arena);

/* How images became squares of pixels, in the words of cc-augment's options, which may be any text in a file. */
struct pixels {
	uint64_t size;            /* of a side; 0: not known */
	struct span resize, crop; /* empty: the defaults */
	unsigned char fill;
};

/* Borrowed from the header. */
struct pixels fact_pixels(const struct value *header);
/* The options of the program that made them, for people; NULL: not known. */
const struct value *fact_pixels_options(const struct value *header);
int fact_set_pixels(struct value *header, const struct pixels *pixels, struct value options, struct arena *arena);

/* Is it the name of one of these?  They follow from prog, so that two headers can be compared without them. */
bool fact_named(struct span name);
void facts_remove(struct value *header);

/* Removes the version of each of these programs from prog, or from one entry of it, so that files of two versions can be compared.
 * Other programs keep theirs. */
void facts_remove_versions(struct value *header);
void facts_remove_version(struct value *entry);

#endif
