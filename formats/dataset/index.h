/* Every sample of sources that can be read at any place: 32 bytes each, and the paths of files in folders.  Keys are XXH3-64 here: two
 * samples with one hash are an error when they are read, never one sample.
 * The order of an epoch is a function of (seed, epoch, key) alone, so it is the same for any sharding. */
#ifndef DATASET_INDEX_H
#define DATASET_INDEX_H

#include "formats/dataset/naming.h"
#include "formats/source/source_reader.h"

struct index {
	struct index_entry *entries;
	size_t count, capacity, next;
	struct buf names;             /* see struct folder */
	const struct sources *sources;
	struct limits limits;
	struct naming *naming;        /* as the reader that fills it has it */
	bool (*wanted)(void *context, struct span field, uint64_t size);
	void *context;
	int *fds;       /* of the sources, -1: closed */
	size_t open, hand;            /* how many are open; where the search for one to close goes on */
	struct shard tars;            /* readers of pieces of each kind */
	struct folder folder;
	struct batch batch;
	struct table_source *tables;  /* of the sources; those that are none stay empty */
	struct sample_reader plain;
	bool ready;
	bool apart;                   /* members of a sample may lie apart: the pieces of each are put together */
	struct record piece;
	size_t source;                /* of the record read last */
};

int index_add(struct index *index, struct span key, size_t source, uint64_t offset, uint64_t end, struct err *err);

/* Keeps every sample whose place modulo `parts` is `part`.  To be called before the first order, and of those that lie apart after index_regroup. */
void index_split(struct index *index, uint64_t part, uint64_t parts);

/* Puts the samples into the order of an epoch, and begins with its first. */
void index_order(struct index *index, uint64_t seed, uint64_t epoch);

/* For those that lie apart: puts their pieces together, in the order of the first ones, for all epochs that are not ordered otherwise. */
int index_regroup(struct index *index, struct err *err);

/* How many samples there are; where they lie apart, once index_regroup was called. */
uint64_t index_samples(const struct index *index);

/* From the first again, in the order at hand. */
void index_rewind(struct index *index);

/* Goes past a sample.  False: there is none. */
bool index_skip(struct index *index);

/* The next sample: SAMPLE_WHOLE, SAMPLE_BAD, SAMPLE_END or -1. */
int index_read(struct index *index, struct record *record, struct err *err);

/* Where it lies, as far as one can say: "train.csv: byte 17". */
void index_place(const struct index *index, struct buf *text);
void index_free(struct index *index);

enum { TAR_BLOCK = 512 };

struct index_entry {
	uint64_t order; /* of the epoch at hand */
	uint64_t key; /* its hash */
	uint64_t offset;
	uint32_t source;
	uint32_t extent; /* end - offset; of a tar in blocks of 512 */
};

/* Are these neighbours pieces of one sample? */
bool index_together(const struct index *index, const struct index_entry *a, const struct index_entry *b);

#endif
