/* A field's content as a file or a member of a tar holds it, and back.
 * Strings and bytes are themselves, an integer is its decimal digits, a tensor a version 1.0 .npy file, a list of strings called
 * `txt` or `*.txt` one line for each (see formats/text/captions.h), anything else JSON text. */
#ifndef TAR_FIELD_FILE_H
#define TAR_FIELD_FILE_H

#include "core/record.h"

/* The content is head, then body.  Both are borrowed from the field or from scratch, which is overwritten.
 * -1: a value that JSON cannot say. */
int field_to_file(const struct field *field, struct buf *scratch, struct span *head, struct span *body, struct err *err);

/* A label as people write it: an integer, with white space around it or as a whole real ("1.0").  1; 0: it is not a number;
 * -1: it is one, and not an integer. */
int label_parse(struct span text, int64_t *integer);

/* Decides by field->name what kind field->bytes, the content of a file, become: `txt` and `*.txt` a string where they are UTF-8,
 * `cls` an integer, `npy` and `*.npy` a tensor.  What its name does not fit, and all else, stays bytes. */
void field_from_file(struct field *field);

/* -1: the field is `txt`, and is not UTF-8 (err names the byte and the likely encoding) or is bytes instead of a string. */
int field_check_caption(const struct field *field, struct err *err);

#endif
