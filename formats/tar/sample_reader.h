/* Collects members of a tar, or files of a folder, into records: one definition of a sample for reading, counting and indexing.
 * Members of a sample must be adjacent.  Names are normalised as in formats/tar/member_name.h, split into key and field as in
 * formats/tar/sample_name.h, and contents are converted as in formats/tar/field_file.h. */
#ifndef TAR_SAMPLE_READER_H
#define TAR_SAMPLE_READER_H

#include "core/record.h"
#include "formats/stream/key_set.h"
#include "formats/stream/limits.h"

/* A source of members. */
struct member_feed {
	/* The next file.  1: there is one; 0: the end; -1: error.  Its name is borrowed until the next call. */
	int (*next)(void *from, struct span *name, uint64_t *offset, uint64_t *size, struct err *err);
	/* Append or skip its contents, which end at *end.  read returns 1 if the contents are unusable: err says why, the sample is bad, and
	 * reading can continue. */
	int (*read)(void *from, struct buf *content, size_t most, uint64_t *end, struct err *err);
	int (*skip)(void *from, uint64_t *end, struct err *err);
	void *from;
};

struct sample_reader {
	struct member_feed feed;
	struct limits limits;
	/* Should the contents of this field be read?  NULL: always. */
	bool (*wanted)(void *context, struct span field, uint64_t size);
	void *context;
	bool lenient; /* if the feed fails, return the sample before the failure first */
	bool names_only; /* skip all contents; records get no fields */
	bool by_image; /* each image is a sample: see sample_name_by_image */
	bool of_folder; /* offsets are numbers of files instead of bytes */
	struct key_set *seen; /* to detect duplicate keys and samples whose members are not adjacent; NULL: do not */

	uint64_t ignored; /* files whose names belong to no sample */
	uint64_t hidden; /* of these, hidden files and those that operating systems leave behind */
	uint64_t offset, end; /* of the current sample */
	bool renamed; /* its names were not in normal form ... */
	struct span raw_key; /* ... and this was its key as stored; borrowed until the next sample */

	struct sample_piece *pieces; /* fields of the record so far */
	size_t count, capacity;
	size_t key_size;
	uint16_t fields_seen; /* one bit per field, by the hash of its name */
	bool bad;
	struct err why; /* why it is bad */
	bool failed;
	struct err failure; /* of the feed, to be returned by the next call */
	struct span name; /* of the next member, read ahead */
	struct span next_key, next_field; /* parts of that name */
	uint64_t name_offset, name_size;
	bool has_name, name_renamed, name_escapes;
	struct buf normal, alias, stem; /* storage of next_key and next_field, unless they point into name */
	struct buf last_key, raw;
};

enum { SAMPLE_END = 0, SAMPLE_WHOLE = 1, SAMPLE_BAD = 2 };

/* All other members become zero. */
void sample_reader_init(struct sample_reader *reader, const struct member_feed *feed, const struct limits *limits);
void sample_reader_free(struct sample_reader *reader);

/* The next sample.  The record owns its bytes.  SAMPLE_BAD: the sample record->key is unusable, and err says why; the next one can be read.
 * -1: an error of the feed, a duplicate key, or members of a sample that are not adjacent. */
int sample_read(struct sample_reader *reader, struct record *record, struct err *err);

#endif
