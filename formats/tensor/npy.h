/* numpy's .npy files (numpy.org, "NEP 1" and numpy.lib.format): a magic number, a version, a header that is a Python literal, then the data.
 * No C library of the distribution reads them (looked for: cnpy and libnpy are C++). */
#ifndef TENSOR_NPY_H
#define TENSOR_NPY_H

#include "core/record.h"

/* Versions 1 to 3, C order, the types of field_tensor_bytes.  data: borrowed from the file, as long as the shape says.
 * Errors: no .npy, cut off, longer than its shape, Fortran order (unless that is the same), another type. */
int npy_read(struct span file, struct field_tensor *tensor, struct span *data, struct err *err);

/* Appends what stands before the data: version 1.0, the same bytes that numpy writes. */
void npy_write_head(const struct field_tensor *tensor, struct buf *out);

#endif
