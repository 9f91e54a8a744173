/* The sample and the field that a file or a member of a tar belongs to, by its name in normal form (formats/tar/member_name.h): as in
 * WebDataset, or as in folders of images, where each image is a sample. */
#ifndef TAR_SAMPLE_NAME_H
#define TAR_SAMPLE_NAME_H

#include "core/record.h"

#include <stdbool.h>

/* The key is the path up to the first dot of its last component, and the field's name is the rest: "a.b/c.seg.png" is the field seg.png of
 * a.b/c.  False if the name belongs to no sample: no dot, nothing before or after it, a hidden file, or a name that WebDataset reserves
 * (its first component is __like__this__). */
bool sample_name_split(struct span name, struct span *key, struct span *field);

/* One sample for each image, even if its name has several dots.  Appends a name that sample_name_split splits accordingly: "cat.0.jpg" becomes
 * "cat_0.jpg", and "cat.0.txt" next to it "cat_0.txt".  A file that is not an image belongs to the image before it if its name continues
 * that image's name; otherwise its key ends at its last dot.  stem: the name of the last image without its extension; the caller keeps it
 * between calls, empty before the first. */
void sample_name_by_image(struct span name, struct buf *stem, struct buf *out);

/* Has the name the extension of an image?  *extension_size: size of its extension with the dot, or 0. */
bool name_ends_as_image(struct span name, size_t *extension_size);

/* -1: these fields are not a sample, and err says what they are: a tar, a table of images (metadata.jsonl), or several images of which none
 * has a plain name (jpg, png), so that it is unknown which one is the image of the sample. */
int sample_check_fields(const struct record *record, struct err *err);

/* Can the field be stored as the member KEY.FIELD and be read back as the same key and field?  NULL: yes; otherwise the reason why not. */
const char *sample_name_problem(struct span key, struct span field);

#endif
