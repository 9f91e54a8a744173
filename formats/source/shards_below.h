/* What lies in the folders below one that holds neither images nor tars itself: a downloaded repository keeps its shards in data/. */
#ifndef SOURCE_SHARDS_BELOW_H
#define SOURCE_SHARDS_BELOW_H

#include "core/arena.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

struct shards_below {
	const char *folders[2]; /* that hold tars: the first two, in the order of their names */
	size_t count;           /* of all of them */
	const char *image;      /* the first image; the search ends there */
	const char *foreign;    /* the first Parquet, Arrow or TFRecord file */
	bool texts;             /* there are fields of samples: txt, cls, npy */
	struct arena *arena;    /* of the paths */
};

/* below->arena is set.  Names that member_name ignores are left out, and so are folders that cannot be read. */
int shards_below(struct shards_below *below, const char *folder, struct err *err);

#endif
