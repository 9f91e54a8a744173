/* Which sample and which of its fields a file or a tar's member is, by its name (in the normal form of formats/tar/member_name.h), as
 * WebDataset has it; or as image folders have it, where each image is a sample. */
#ifndef TAR_SAMPLE_NAME_H
#define TAR_SAMPLE_NAME_H

#include "core/record.h"

#include <stdbool.h>

/* The key is the path up to the first dot of its last part, the field's name what follows that dot: "a.b/c.seg.png" is the field
 * seg.png of a.b/c.  False where the name belongs to no sample: no dot, nothing before it or behind it, a hidden file, or one of
 * WebDataset's own (its first part is __like__this__). */
bool sample_name_split(struct span name, struct span *key, struct span *field);

/* One sample for each image, dots in its name or not.  Appends to `out` the name by which sample_name_split finds it: "cat.0.jpg"
 * becomes "cat_0.jpg", and "cat.0.txt" beside it "cat_0.txt".  What is not an image belongs to the image before it if its name continues
 * that image's, else its key ends at its last dot.  stem: the name of the image before, without its ending; kept by the caller
 * from name to name, empty before the first. */
void sample_name_by_image(struct span name, struct buf *stem, struct buf *out);

/* Is it the name of an image, by its ending?  *ending: bytes of the ending, with its dot; where it has none, 0. */
bool name_ends_as_image(struct span name, size_t *ending);

/* -1: these are not the fields of a sample, and err says what they are: a tar, a table of images (metadata.jsonl), or several images of
 * which none has a plain name (jpg, png), so that which one is the sample's image cannot be known. */
int sample_check_fields(const struct record *record, struct err *err);

/* The other way: can a tar's member be called KEY.FIELD and be read back as the same two?  NULL: yes; or why not. */
const char *sample_name_problem(struct span key, struct span field);

#endif
