/* All sources one after the other: their samples, and whether what was read is whole. */
#ifndef DATASET_READER_H
#define DATASET_READER_H

#include "formats/dataset/naming.h"
#include "formats/dataset/part_check.h"
#include "formats/dataset/set_check.h"
#include "formats/source/source_reader.h"

/* How sets came about whose streams were put one behind the other: the `prog`s of the later ones, as the ends of the sets tell them. */
struct behind {
	struct value progs; /* an array of lists, each once */
	struct arena *arena;
};

struct reader {
	struct sources sources;
	struct limits limits;
	bool lenient;      /* a source that is cut off ends there */
	bool names_only;   /* samples without content; to be set before a pass */
	bool subset;       /* sets of ours need not be whole */
	bool unchecked;    /* keys that stand twice are another pass's business */
	bool apart;        /* members of samples may lie apart: what comes is pieces of samples, in what number nobody has said */
	bool (*wanted)(void *context, struct span field, uint64_t size); /* see struct sample_reader */
	void *context;
	bool sizes;        /* wanted looks at sizes */
	struct buf *names; /* see struct folder */
	struct naming *naming; /* NULL: names stay as they are */
	struct behind *behind; /* NULL: nobody asks */
	uint64_t seed;     /* of the shares of sources */
	int (*finished)(
		void *context, const struct source_reader *source, struct err *err); /* a source was gone through; NULL: nobody asks */

	size_t source;     /* number of the open one */
	size_t next;       /* of the one to be opened next */
	struct source_reader open;
	struct set_check set;
	struct part_check parts; /* of a split */
	bool misplaced;    /* the open source is not the one that its set needs, which was told; it can be read all the same */
	bool skipped;      /* some content of the open source was not read */
	bool renamed;      /* some names were not in their normal form, of any source */
	uint64_t records;  /* of the open source, bad ones too */
	struct digest sum; /* of the open source */
	struct digest digest; /* of the record that was read last */
};

enum { READER_END = 0, READER_RECORD = 1, READER_BAD = 2, READER_CUT = 3 };

/* Opens the next source, if none is open: what it says of itself is then known.  1; 0: there is none; -1. */
int reader_open_next(struct reader *reader, struct err *err);

/* The next record, whole (its digest is in reader->digest), or with skip only its key: that costs no reading where one can seek.
 * READER_BAD: err says why this record cannot be used.  READER_CUT (lenient): err says where its source ends too early.  Errors name
 * the source, the byte and the key. */
int reader_next(struct reader *reader, struct record *record, bool skip, struct err *err);

/* Where the last sample lies, as "shard.tar: byte 512". */
void reader_place(const struct reader *reader, struct buf *text);

/* Another pass from the first source.  -1: one of them can be read only once. */
int reader_rewind(struct reader *reader, struct err *err);
void reader_free(struct reader *reader);

#endif
