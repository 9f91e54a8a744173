/* Facts of streams, shards and scores that were written before 0.2, whose headers lack the entries of facts.h: from the arguments in
 * `prog`, as version 0.1 wrote them.  This is the only place where arguments are parsed.  It can be removed when such files need not be
 * read any more.  prog may be NULL or anything else: it comes from a file. */
#ifndef STREAM_OLD_FACTS_H
#define STREAM_OLD_FACTS_H

#include "formats/stream/facts.h"

bool old_split(const struct value *prog, struct split *split, struct arena *arena);
uint64_t old_poisoned(const struct value *prog);
struct pixels old_pixels(const struct value *prog);
const struct value *old_pixels_options(const struct value *prog);

/* What the class prompts were made with: the argument of --templates, or NULL.  *made: there was a cc-embed at all. */
const struct value *old_templates(const struct value *prog, bool *made);

#endif
