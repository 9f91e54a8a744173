/* Caption templates: sentences with one {} for a name, one per line in a text file. */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include "core/err.h"
#include "core/value.h"

#include <stddef.h>

struct templates {
	size_t count; /* at least 1 after parse or default */
	const struct span *items;
	struct span *owned; /* NULL if items are the built-in ones */
};

/* Reads a template file: UTF-8, one template per line with exactly one {}; blank lines are skipped.  The items borrow file_text.
 * Errors name the line.  The caller frees with templates_free. */
int templates_parse(struct templates *templates, struct span file_text, struct err *err);

/* CLIP's 80 for ImageNet. */
void templates_default(struct templates *templates);
void templates_free(struct templates *templates);

/* As a list of strings, for `templates` in a header; borrows the sentences.  Out of memory: arena->failed. */
struct value templates_value(const struct templates *templates, struct arena *arena);

/* The reverse; the items borrow the list's strings.  1: done; 0: the list is NULL or null (*templates is empty); -1: not a list of
 * templates, or out of memory. */
int templates_from_value(struct templates *templates, const struct value *list, struct err *err);
bool templates_equal(const struct templates *a, const struct templates *b);

/* Whether the caption matches a template with some name filled in. */
bool templates_match(const struct templates *templates, struct span caption);

/* For a message: "no templates", "CLIP's 80 templates", or their number and the first one that differs from `other` (may be NULL):
 * '10 templates (number 3 is "a photo of my {}.")'. */
void templates_describe(struct buf *out, const struct templates *templates, const struct templates *other);

/* Appends the template with its {} replaced by the name.  Underscores in the name become spaces: folders and lists write
 * "fire_truck", captions do not. */
void template_fill(struct buf *out, struct span template, struct span name);

#endif
