/* The captions of a record: its txt is a string (one caption), or a list of strings (several).  A caption that is empty or only white
 * space is none, wherever it came from. */
#ifndef TEXT_CAPTIONS_H
#define TEXT_CAPTIONS_H

#include "core/record.h"
#include "core/value.h"

#include <stdint.h>

enum { CAPTIONS_MOST = 1000 };

struct captions {
	size_t count;
	struct span items[CAPTIONS_MOST]; /* borrowed from what they were taken from */
};

/* Empty, or only white space (as Python's str.isspace has it), control characters and byte order marks: all that a tokenizer removes. */
bool caption_is_blank(struct span text);

/* At least one.  -1: there is no txt, all of it is blank (count is 0), or it is not text in UTF-8. */
int record_captions(const struct record *record, struct captions *captions, struct err *err);

/* One of them, drawn by (seed, key, epoch); the only one where there is only one. */
int record_caption(const struct record *record, uint64_t seed, struct span *text, struct err *err);

/* txt becomes these: a string where it is one.  They are copied. */
int record_set_captions(struct record *record, const struct captions *captions, struct err *err);

/* Does its txt hold a list? */
bool record_has_list(const struct record *record);

/* The lines of a text that are not blank, without white space at their ends.  -1: more than CAPTIONS_MOST. */
int captions_from_lines(struct captions *captions, struct span text, struct err *err);

/* A string, or a list of strings, as JSON has them, as a text of one caption a line (line breaks inside a caption become blanks):
 * *count is how many.  A single string stays as it is.  0 captions: null, blank.  -1: anything else. */
int captions_from_value(const struct value *value, struct buf *lines, size_t *count, struct err *err);

/* A list of strings in msgpack as such a text.  False: it is not such a list. */
bool captions_to_lines(struct span raw, struct buf *lines);

#endif
