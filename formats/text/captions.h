/* The captions of a record.  Its field txt is a string (one caption) or a list of strings (several).  Blank captions do not count. */
#ifndef TEXT_CAPTIONS_H
#define TEXT_CAPTIONS_H

#include "core/record.h"
#include "core/value.h"

#include <stdint.h>

enum { CAPTIONS_MOST = 1000 };

struct captions {
	size_t count;
	struct span items[CAPTIONS_MOST]; /* borrowed from the record or text */
};

/* Does the text consist only of what a tokenizer removes: white space (Python's str.isspace), control characters, byte order marks? */
bool caption_is_blank(struct span text);

/* Gets all captions, at least one.  -1: no txt, only blank captions (count is 0), or not UTF-8. */
int record_captions(const struct record *record, struct captions *captions, struct err *err);

/* Gets one caption, chosen by (seed, key, epoch). */
int record_caption(const struct record *record, uint64_t seed, struct span *text, struct err *err);

/* Sets txt to copies of the captions: a string if there is one, else a list. */
int record_set_captions(struct record *record, const struct captions *captions, struct err *err);

/* Is txt a list? */
bool record_has_list(const struct record *record);

/* Gets the lines of a text that are not blank, without leading and trailing white space.  -1: more than CAPTIONS_MOST. */
int captions_from_lines(struct captions *captions, struct span text, struct err *err);

/* Appends the captions in a JSON string or list of strings, one per line; in a list, line breaks inside a caption become blanks.
 * *count: their number, 0 for null and blank.  -1: any other value. */
int captions_from_value(const struct value *value, struct buf *lines, size_t *count, struct err *err);

/* The same for a list of strings in msgpack.  False: not such a list. */
bool captions_to_lines(struct span raw, struct buf *lines);

/* Replaces line breaks by blanks. */
void caption_join_lines(struct buf *text);

#endif
