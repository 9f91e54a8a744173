/* The tensors in PyTorch's pickles, found and checked. */
#ifndef TENSOR_TORCH_TENSORS_H
#define TENSOR_TORCH_TENSORS_H

#include "formats/tensor/pickle.h"
#include "formats/tensor/torch_pt.h"

/* Appends all tensors below `root` to file->tensors (file->arena), with their names.  Objects of unknown classes are not searched: they
 * are appended to file->inert.  Errors name a tensor whose parts contradict each other. */
int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err);

#endif
