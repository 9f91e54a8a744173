/* Members of a tar, or files of a folder, put together to records: one definition of a sample for reading, counting and indexing.
 * Members of a sample are adjacent; names are brought into the normal form of formats/tar/member_name.h, a sample's key and its fields' names
 * are those of formats/tar/sample_name.h, its values those of formats/tar/field_file.h. */
#ifndef TAR_SAMPLE_READER_H
#define TAR_SAMPLE_READER_H

#include "core/record.h"
#include "formats/stream/key_set.h"
#include "formats/stream/limits.h"

/* Where members come from. */
struct member_feed {
	/* The next file: 1, 0 at the end, -1.  Its name is borrowed until the next call. */
	int (*next)(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err);
	/* Its content, appended; what was read or skipped ends at *end.  1 of read: there is none that could be used, err says why;
	 * the sample is bad, and one can go on behind it. */
	int (*read)(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err);
	int (*skip)(void *from, uint64_t *end, struct err *err);
	void *from;
};

struct sample_reader {
	struct member_feed feed;
	struct limits limits;
	/* Is this field's content to be read?  NULL: all are. */
	bool (*wanted)(void *context, struct span field, uint64_t size);
	void *context;
	bool lenient;         /* a sample before the place where the feed fails is given out first */
	bool names_only;      /* no content is read, nor does the record get fields */
	bool by_image;        /* each image is a sample: see sample_name_by_image */
	bool of_folder;       /* offsets are numbers of files, not bytes of a tar */
	struct key_set *seen; /* finds keys that stand twice and samples whose members lie apart; NULL: not asked */

	uint64_t ignored;     /* files whose names are no sample's */
	uint64_t hidden;      /* of these, hidden ones and what operating systems leave */
	uint64_t offset, end; /* where the sample that was read last begins and ends */
	bool renamed;         /* its names were not in their normal form ... */
	struct span raw_key;  /* ... and this was its key; borrowed until the next sample */

	struct sample_piece *pieces; /* of the record in the making */
	size_t count, capacity;
	size_t key_size;
	uint16_t fields_seen;        /* one bit a field, by its name's hash */
	bool bad;
	struct err why;              /* of bad */
	bool failed;
	struct err failure;          /* of the feed, to be told at the next call */
	struct span name;            /* the member that comes next, of the next sample */
	struct span next_key, next_field; /* of it */
	uint64_t name_offset, name_size;
	bool has_name, name_renamed, name_escapes;
	struct buf normal, alias, stem; /* what next_key and next_field point into, unless they are parts of name */
	struct buf last_key, raw;
};

enum { SAMPLE_END = 0, SAMPLE_WHOLE = 1, SAMPLE_BAD = 2 };

/* The rest of the struct is zero. */
void sample_reader_init(struct sample_reader *reader, const struct member_feed *feed, const struct limits *limits);
void sample_reader_free(struct sample_reader *reader);

/* The next sample; the record owns its bytes.  SAMPLE_BAD: record->key and err say which cannot be used, and why; the next one can
 * be read.  -1: what the feed says, a key that stands twice, members of a sample that lie apart. */
int sample_read(struct sample_reader *reader, struct record *record, struct err *err);

#endif
