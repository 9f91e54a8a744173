/* Position embeddings for another number of positions, as open_clip makes them (resize_pos_embed, resize_text_pos_embed in model.py): what
 * torch.nn.functional.interpolate computes, to a few units in the last place. */
#ifndef CLIP_RESIZE_POSITIONS_H
#define CLIP_RESIZE_POSITIONS_H

#include <stddef.h>

/* A class token and a square grid: bicubic with antialiasing.  from: [rows, width], to: [to_rows, width].
 * -1: rows or to_rows is not 1 + n * n with n > 0, or out of memory. */
int resize_grid_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width);

/* A line: linear, without antialiasing.  rows > 0. */
void resize_line_positions(const float *from, size_t rows, float *to, size_t to_rows, size_t width);

#endif
