/* Resized position embeddings against PyTorch's, with open_clip's settings (tests/golden/positions.py). */
#include "clip/transformer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum { MOST = 64 };

static const struct position_case {
	bool grid;
	size_t rows, to_rows, width;
	double wanted[MOST];
} cases[] = {
#define GRID(rows, to_rows, width, ...) { true, rows, to_rows, width, { __VA_ARGS__ } },
#define LINE(rows, to_rows, width, ...) { false, rows, to_rows, width, { __VA_ARGS__ } },
#include "tests/golden/positions.def"
};

static void as_open_clip_resizes_them(void **state)
{
	float from[128], to[MOST];

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		const struct position_case *it = &cases[c];
		for (size_t i = 0; i < it->rows * it->width; i++)
			from[i] = (float)((int)((i * i * 7 + i * 3) % 101) - 50) / 25;
		if (it->grid)
			assert_int_equal(resize_grid_positions(from, it->rows, to, it->to_rows, it->width), 0);
		else
			resize_line_positions(from, it->rows, to, it->to_rows, it->width);
		for (size_t i = 0; i < it->to_rows * it->width; i++)
			if (!(fabs((double)to[i] - it->wanted[i]) < 2e-6))
				fail_msg("case %zu: number %zu is %.9g, not %.9g", c, i, (double)to[i], it->wanted[i]);
	}
}

static void only_squares_are_grids(void **state)
{
	float from[16] = { 0 }, to[16];

	(void)state;
	assert_int_equal(resize_grid_positions(from, 7, to, 5, 1), -1);
	assert_int_equal(resize_grid_positions(from, 5, to, 7, 1), -1);
	assert_int_equal(resize_grid_positions(from, 1, to, 5, 1), -1);
	assert_int_equal(resize_grid_positions(from, 0, to, 5, 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_open_clip_resizes_them),
		cmocka_unit_test(only_squares_are_grids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
