/* The tensors in PyTorch's pickles, found and checked. */
#ifndef FORMATS_TORCH_TENSORS_H
#define FORMATS_TORCH_TENSORS_H

#include "formats/pickle.h"
#include "formats/torch_pt.h"

/* The names of which PyTorch's checkpoints are made. */
bool torch_knows(struct span name);

/* Appends all tensors below `root` to file->tensors (file->arena), with their names.  Tensors that say nothing consistent are
 * errors that name them. */
int torch_find_tensors(struct torch_pt *file, const struct pickle *root, struct err *err);

#endif
