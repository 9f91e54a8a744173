/* Facts about the data that travel as header fields: `split`, `poisoned` and `pixels` (formats/STREAM.md, section 2).
 * The program that establishes a fact writes it; later programs read it here.  `prog` is provenance for people, and nothing else
 * parses the arguments in it.  The exception: in files of version 0.1, which lack these fields, the facts are taken from `prog`. */
#ifndef STREAM_FACTS_H
#define STREAM_FACTS_H

#include "core/value.h"

struct split {
	uint64_t part, of;   /* of 0: the records come from several parts */
	bool limited;        /* --skip or --take was given; they count within a part, so all parts together are not the whole */
	size_t entry;        /* index in prog of the program that split */
	struct value whole;  /* that entry without --split */
};

/* false: the stream is not part of a split.  The values are borrowed from the header or allocated in the arena. */
bool fact_split(const struct value *header, struct split *split, struct arena *arena);
/* -1: out of memory. */
int fact_set_split(struct value *header, const struct split *split, struct arena *arena);
/* Call it when the records are read again without --split: only the fact that they come from parts remains. */
int fact_split_ends(struct value *header, struct arena *arena);
/* Changes the header to what it would be without the split. */
void fact_split_remove(struct value *header, const struct split *split);

/* Number of cc-poison runs, --undo included. */
uint64_t fact_poisoned(const struct value *header);
int fact_set_poisoned(struct value *header, uint64_t rounds, struct arena *arena);

/* How images were made into squares of pixels, as given to cc-augment.  Read from a file, the words may be any text. */
struct pixels {
	uint64_t size;            /* side in pixels; 0: unknown */
	struct span resize, crop; /* empty: the defaults */
	unsigned char fill;       /* grey level around a padded image */
};

/* Borrowed from the header. */
struct pixels fact_pixels(const struct value *header);
/* The options of cc-augment, for people; NULL: unknown. */
const struct value *fact_pixels_options(const struct value *header);
int fact_set_pixels(struct value *header, const struct pixels *pixels, struct value options, struct arena *arena);

/* Is it the name of one of these fields?  They follow from prog, so headers can be compared without them. */
bool fact_named(struct span name);
void facts_remove(struct value *header);

/* Removes the versions of our programs from prog, or from one entry of it, so that files of two versions can be compared. */
void facts_remove_versions(struct value *header);
void facts_remove_version(struct value *entry);

/* Version 0.1 only: what class prompts were made with, the argument of cc-embed --templates, or NULL.  *made: prog has a cc-embed.
 * prog may be NULL. */
const struct value *fact_old_templates(const struct value *prog, bool *made);

#endif
