/* NumPy's .npy files (NEP 1 and numpy.lib.format): a magic number, a version, a header that is a Python literal, then the data.
 * Own code, because no C library in the distribution reads them (cnpy and libnpy are C++). */
#ifndef TENSOR_NPY_H
#define TENSOR_NPY_H

#include "core/record.h"

/* Parses a file of version 1 to 3, in C order, with the types of field_tensor_bytes.  data: borrowed from `file`, exactly as long as the
 * shape requires.  Errors: not a .npy file, truncated, longer than its shape, Fortran order with two or more axes, unsupported type. */
int npy_read(struct span file, struct field_tensor *tensor, struct span *data, struct err *err);

/* Appends everything before the data, in version 1.0: the same bytes that NumPy writes. */
void npy_write_head(const struct field_tensor *tensor, struct buf *out);

#endif
