/* The contents of a field as a file or a member of a tar, and back (formats/STREAM.md, section 7).
 * Strings and bytes are stored as they are, integers as decimal digits, tensors as .npy files of version 1.0, a list of strings in `txt` or
 * `*.txt` as one line for each (formats/text/captions.h), anything else as JSON text. */
#ifndef TAR_FIELD_FILE_H
#define TAR_FIELD_FILE_H

#include "core/record.h"

/* The contents are head, then body.  Both are borrowed from the field or from scratch, which is overwritten.
 * -1: a value that JSON cannot represent. */
int field_to_file(const struct field *field, struct buf *scratch, struct span *head, struct span *body, struct err *err);

/* Parses a label: an integer, perhaps with white space around it or a zero fraction ("1.0").  1: done; 0: not a number; -1: a number, but
 * not an integer. */
int label_parse(struct span text, int64_t *integer);

/* Sets the kind of a field whose bytes are the contents of a file, by its name: `txt` and `*.txt` become a string if they are UTF-8, `cls`
 * an integer, `npy` and `*.npy` a tensor.  Everything else, and contents that do not fit, stay bytes. */
void field_from_file(struct field *field);

/* -1: the field is `txt`, and is not UTF-8 (err names the byte and the likely encoding) or is bytes instead of a string. */
int field_check_caption(const struct field *field, struct err *err);

#endif
