/* Reads the samples of all sources, one source after the other, and checks that shards, sets and splits are complete. */
#ifndef DATASET_READER_H
#define DATASET_READER_H

#include "formats/dataset/naming.h"
#include "formats/dataset/set_check.h"
#include "formats/source/source_reader.h"

/* Provenance of concatenated streams: a set that was written from them stores the `prog` lists of all but the first in __end__. */
struct later_progs {
	struct value progs; /* an array of different lists */
	struct arena *arena;
};

struct reader {
	struct sources sources;
	struct limits limits;
	bool lenient;      /* accept a truncated source and continue with the next */
	bool names_only;   /* read samples without content; set before a pass */
	bool subset;       /* accept incomplete sets */
	bool allow_duplicates; /* duplicate keys are found in another pass */
	bool scattered;    /* members of a sample need not be adjacent: reads pieces of samples, whose number is not known in advance */
	bool (*wanted)(void *context, struct span field, uint64_t size); /* see struct sample_reader */
	void *context;
	bool sizes;        /* `wanted` needs the sizes of fields */
	struct buf *names; /* see struct folder */
	struct naming *naming; /* NULL: do not rename */
	struct later_progs *later_progs; /* NULL: do not collect them */
	uint64_t seed;     /* chooses the records of sources that are read in part */
	int (*finished)(
		void *context, const struct source_reader *source, struct err *err); /* called at the end of each source; may be NULL */

	size_t source;     /* index of the open source */
	size_t next;       /* index of the next source */
	struct source_reader open;
	struct set_check set;
	struct part_check parts;
	bool misplaced;    /* the open source is not the next shard of its set; that was reported, and it can still be read */
	bool skipped;      /* some content of the open source was not read */
	bool renamed;      /* some source has names that are not in normal form */
	uint64_t records;  /* of the open source so far, including bad ones */
	struct digest sum; /* of the open source so far */
	struct digest digest; /* of the last record */
};

enum { READER_END = 0, READER_RECORD = 1, READER_BAD = 2, READER_CUT = 3 };

/* Opens the next source if none is open, and reads its head.  1: a source is open; 0: there are no more; -1: error. */
int reader_open_next(struct reader *reader, struct err *err);

/* Reads the next record (its digest is in reader->digest), or with `skip` only its key, which costs no reading if the source is seekable.
 * READER_BAD: err says why this record cannot be used.  READER_CUT (lenient): err says where the source is truncated.  Errors name the
 * source, the byte and the key. */
int reader_next(struct reader *reader, struct record *record, bool skip, struct err *err);

/* Appends the position of the last sample: "shard.tar: byte 512". */
void reader_place(const struct reader *reader, struct buf *text);

/* Starts another pass from the first source.  -1: a source can be read only once. */
int reader_rewind(struct reader *reader, struct err *err);
void reader_free(struct reader *reader);

#endif
