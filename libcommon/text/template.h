/* Caption templates: sentences with one {} for a name, one a line in a text file. */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include "core/buf.h"
#include "core/err.h"

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

/* Appends the template with name in place of its {}. */
void template_fill(struct buf *out, struct span template, struct span name);

#endif
