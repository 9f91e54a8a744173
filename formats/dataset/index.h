/* An index of the samples of seekable sources: 32 bytes each, and the paths of files in folders.  Keys are stored as XXH3-64; a collision
 * is an error when the samples are read.
 * The order of an epoch depends on (seed, epoch, key) only, so it is the same for any sharding. */
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
	struct naming *naming;        /* that of the reader that fills the index */
	bool (*wanted)(void *context, struct span field, uint64_t size);
	void *context;
	int *fds;       /* of the sources; -1: closed */
	size_t open, hand;            /* number of open descriptors; source at which the search for one to close resumes */
	struct shard tars;            /* readers for each kind of source */
	struct folder folder;
	struct batch batch;
	struct table_source *tables;  /* one for each source; used for tables */
	struct sample_reader plain;
	bool ready;
	bool scattered;               /* members of a sample need not be adjacent; an entry is a piece of a sample */
	struct record piece;
	size_t source;                /* of the last record */
};

int index_add(struct index *index, struct span key, size_t source, uint64_t offset, uint64_t end, struct err *err);

/* Keeps the samples whose index modulo `parts` is `part`.  Call before index_order; if scattered, after index_regroup. */
void index_split(struct index *index, uint64_t part, uint64_t parts);

/* Sorts the samples into the order of an epoch and rewinds. */
void index_order(struct index *index, uint64_t seed, uint64_t epoch);

/* If scattered: makes the pieces of each sample adjacent, ordered by their first piece, and rewinds. */
int index_regroup(struct index *index, struct err *err);

/* Number of samples; if scattered, call after index_regroup. */
uint64_t index_samples(const struct index *index);

/* Starts again with the first sample, in the same order. */
void index_rewind(struct index *index);

/* Skips a sample.  False: there are no more. */
bool index_skip(struct index *index);

/* Reads the next sample: SAMPLE_WHOLE, SAMPLE_BAD, SAMPLE_END or -1. */
int index_read(struct index *index, struct record *record, struct err *err);

/* Appends the position of the last sample as far as it is known: "train.csv: byte 17". */
void index_place(const struct index *index, struct buf *text);
void index_free(struct index *index);

enum { TAR_BLOCK = 512 };

struct index_entry {
	uint64_t order; /* sort key of the current epoch */
	uint64_t key;   /* hash of the key */
	uint64_t offset;
	uint32_t source;
	uint32_t extent; /* end - offset; for a tar in blocks of 512 bytes */
};

/* Are two adjacent entries pieces of one sample? */
bool index_same_sample(const struct index *index, const struct index_entry *a, const struct index_entry *b);

#endif
