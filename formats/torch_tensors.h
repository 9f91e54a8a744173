/* The tensors in PyTorch's pickles, found and checked. */
#ifndef FORMATS_TORCH_TENSORS_H
#define FORMATS_TORCH_TENSORS_H

#include "formats/pickle.h"
#include "formats/torch_pt.h"

/* Appends all tensors below `root` to file->tensors (file->arena), with their names.  Objects of unknown classes are not searched: they
 * are appended to file->inert.  Errors name a tensor whose parts contradict each other. */
int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err);

#endif
