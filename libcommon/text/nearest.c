#include "text/nearest.h"

#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters that were left out, added, replaced, or swapped with their neighbour. */
static size_t edits(const char *a, const char *b)
{
	const size_t rows = strlen(a), columns = strlen(b);
	size_t cost[LONGEST + 1][LONGEST + 1];

	if (rows > LONGEST || columns > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= rows; i++)
		for (size_t j = 0; j <= columns; j++) {
			if (i == 0 || j == 0) {
				cost[i][j] = i + j;
				continue;
			}
			cost[i][j] = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			cost[i][j] = least(cost[i][j], least(cost[i - 1][j], cost[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	return cost[rows][columns];
}

struct nearest nearest_to(const char *word)
{
	/* A third of its letters may be wrong. */
	return (struct nearest){ .word = word, .distance = strlen(word) / 3 + (strlen(word) > 1) };
}

void nearest_consider(struct nearest *nearest, const char *name)
{
	const size_t length = strlen(nearest->word);
	const size_t distance = length > 1 && strncmp(nearest->word, name, length) == 0 ? 0 : edits(nearest->word, name);

	if (distance < nearest->distance + !nearest->name) {
		nearest->distance = distance;
		nearest->name = name;
	}
}
