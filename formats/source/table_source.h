/* Feeds the rows of a table as members of samples: KEY.jpg is the file that a cell names, KEY.txt the caption, KEY.cls the label.
 * A blank caption or label is not a field.  Paths may lead anywhere, but only to regular files.  A row that cannot be used makes a bad
 * sample; a malformed row, after which row boundaries are unknown, ends the table with an error. */
#ifndef SOURCE_TABLE_SOURCE_H
#define SOURCE_TABLE_SOURCE_H

#include "formats/tar/sample_reader.h"
#include "formats/source/table_rows.h"

struct source;

struct table_source {
	const struct source *from;
	bool sizes;                 /* report the sizes of images before they are read, at the cost of one stat each */
	bool names_only;            /* the names of image fields are not needed; set before the first member */
	struct table_rows rows;
	struct buf root;
	struct table_row row;
	struct buf name;            /* of the current member */
	bool found;                 /* at least one image could be read */
	int member;                 /* the next member of the row */
	struct {
		uint64_t offset, line;
	} places[2]; /* of the current row and the one before it */
	bool open;
	bool pieces;                /* rows are read at known offsets */
};

/* fd and from are borrowed. */
int table_source_open(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, struct err *err);

/* Prepares to feed the row at an offset that an earlier pass found.  Does not need table_source_open; the source must be zeroed before
 * the first call, and all calls must be for the same table. */
int table_source_piece(struct table_source *source, int fd, const struct source *from, const struct table_options *options,
	const struct limits *limits, uint64_t offset, uint64_t end, struct err *err);
struct member_feed table_source_feed(struct table_source *source);
void table_source_close(struct table_source *source);

/* The line of the sample at an offset, which must be the current row or the one before it. */
uint64_t table_source_line(const struct table_source *source, uint64_t offset);

#endif
