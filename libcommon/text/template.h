/* Caption templates: sentences with one {} for a name, one a line in a text file. */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include "core/err.h"
#include "core/value.h"

#include <stddef.h>

struct templates {
	size_t count; /* at least 1 after parse or default */
	const struct span *items;
	struct span *owned; /* NULL where items are the built-in ones */
};

/* Reads a template file: UTF-8, one template a line, exactly one {} in each; blank lines are skipped, the last
 * line may lack its newline.  The items borrow file_text.  An error names the line.  templates_free gives the list
 * back. */
int templates_parse(struct templates *templates, struct span file_text, struct err *err);

/* CLIP's 80 for ImageNet. */
void templates_default(struct templates *templates);
void templates_free(struct templates *templates);

/* As a list of strings, the `templates` of a header.  It borrows the sentences.  A failure shows in the arena. */
struct value templates_value(const struct templates *templates, struct arena *arena);

/* And back: the items borrow the list's strings.  1: they are there; 0: the list is NULL or a null (*templates is empty); -1: it is
 * not a list of templates, or no memory. */
int templates_from_value(struct templates *templates, const struct value *list, struct err *err);
bool templates_equal(const struct templates *a, const struct templates *b);

/* Could a caption be one of them, filled with some name? */
bool templates_match(const struct templates *templates, struct span caption);

/* For a message: "no templates", "CLIP's 80 templates", or their number and the first one that `other` (may be NULL) has not in its place:
 * '10 templates (number 3 is "a photo of my {}.")'. */
void templates_describe(struct buf *out, const struct templates *templates, const struct templates *other);

/* Appends the template with name in place of its {}.  An underscore in the name becomes a space: "fire_truck" is how folders and
 * lists write it, and captions do not. */
void template_fill(struct buf *out, struct span template, struct span name);

#endif
