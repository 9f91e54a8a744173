/* A table's rows as members of samples: KEY.jpg is the file that a cell names, KEY.txt its caption, KEY.cls its label.
 * The key is the path of the image as the table has it, without what is no name (/, ., ..) and without its ending, other dots being
 * _; where further rows name the same image, ~2, ~3 and so on behind it.  Or it is what the key column says, which must be unique.
 * An empty caption or label is none.  Paths are the user's: they may lead anywhere, but only to regular files.
 * A row that cannot be used makes a bad sample; one that no reader could be sure of ends the table. */
#ifndef SHARD_TABLE_SOURCE_H
#define SHARD_TABLE_SOURCE_H

#include "formats/sample_reader.h"
#include "tools/shard/table_columns.h"

struct table_source {
	const struct table_options *options;
	bool names_only;            /* nobody will ask what the image's field is called: to be set before the first member */
	struct table table;
	struct table_columns columns;
	struct buf root;
	struct key_set seen;
	struct buf key, name, path; /* of the row; of the member; of the image */
	uint64_t repeat;            /* rows before this one that name the same image */
	bool found;                 /* one of the images, so far */
	int member;                 /* of the row, to be handed out next */
	bool bad;
	struct err why;
	struct { uint64_t offset, line; } rows[2]; /* the row at hand and the one before it */
	bool open;
	bool pieces;                /* rows are read at places that are known */
};

/* fd and path are borrowed. */
int table_source_open(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, struct err *err);

/* A feed of the row at a place that an earlier pass found.  It needs no table_source_open; the source is zeroed before the first,
 * and takes places of one table. */
int table_source_piece(struct table_source *source, int fd, const char *path, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err);
struct member_feed table_source_feed(struct table_source *source);
void table_source_close(struct table_source *source);

/* The line of the sample at an offset: the row at hand or the one before it. */
uint64_t table_source_line(const struct table_source *source, uint64_t offset);

#endif
