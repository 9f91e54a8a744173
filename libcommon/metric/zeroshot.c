#include "metric/zeroshot.h"

#include <stdlib.h>

const size_t zeroshot_tops[ZEROSHOT_TOPS] = { 1, 3, 5, 10 };

int zeroshot_init(struct zeroshot *zeroshot, size_t classes, struct err *err)
{
	*zeroshot = (struct zeroshot){ .classes = classes, .per_class = calloc(classes, sizeof *zeroshot->per_class) };
	return zeroshot->per_class ? 0 : err_memory(err);
}

void zeroshot_free(struct zeroshot *zeroshot)
{
	free(zeroshot->per_class);
	*zeroshot = (struct zeroshot){ 0 };
}

void zeroshot_add(struct zeroshot *zeroshot, size_t label, size_t rank)
{
	zeroshot->n++;
	for (int i = 0; i < ZEROSHOT_TOPS; i++)
		zeroshot->hits[i] += rank < zeroshot_tops[i];
	zeroshot->per_class[label].n++;
	zeroshot->per_class[label].hits += rank == 0;
}

double zeroshot_mean_per_class(const struct zeroshot *zeroshot)
{
	double sum = 0;
	size_t present = 0;

	for (size_t i = 0; i < zeroshot->classes; i++) {
		if (zeroshot->per_class[i].n == 0)
			continue;
		sum += share_value(zeroshot->per_class[i]);
		present++;
	}
	return present ? sum / (double)present : 0;
}

size_t zeroshot_absent(const struct zeroshot *zeroshot)
{
	size_t absent = 0;

	for (size_t i = 0; i < zeroshot->classes; i++)
		absent += zeroshot->per_class[i].n == 0;
	return absent;
}
