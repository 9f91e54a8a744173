/* A table's rows as members of samples: KEY.jpg is the file that a cell names, KEY.txt its caption, KEY.cls its label.
 * An empty or blank caption or label is not a field.  Paths are the user's: they may lead anywhere, but only to regular files.
 * A row that cannot be used makes a bad sample; one that no reader could be sure of ends the table. */
#ifndef SOURCE_TABLE_SOURCE_H
#define SOURCE_TABLE_SOURCE_H

#include "formats/tar/sample_reader.h"
#include "formats/source/table_rows.h"

struct source;

struct table_source {
	const struct source *from;
	bool sizes;                 /* how large images are is asked before they are read, which costs a look at each */
	bool names_only;            /* nobody will ask what the image's field is called: to be set before the first member */
	struct table_rows rows;
	struct buf root;
	struct table_row row;
	struct buf name;            /* of the member */
	bool found;                 /* one of the images, so far */
	int member;                 /* of the row, to be handed out next */
	struct {
		uint64_t offset, line;
	} places[2]; /* the row at hand and the one before it */
	bool open;
	bool pieces;                /* rows are read at places that are known */
};

/* fd and from are borrowed. */
int table_source_open(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, struct err *err);

/* A feed of the row at a place that an earlier pass found.  It needs no table_source_open; the source is zeroed before the first,
 * and takes places of one table. */
int table_source_piece(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err);
struct member_feed table_source_feed(struct table_source *source);
void table_source_close(struct table_source *source);

/* The line of the sample at an offset: the row at hand or the one before it. */
uint64_t table_source_line(const struct table_source *source, uint64_t offset);

#endif
