/* Readers side by side: sources with weights are mixed evenly, record by record.  Each thing that was given a weight is a lane, all
 * that was not is one more; within a lane the sources come one after the other. */
#ifndef DATASET_INTERLEAVE_H
#define DATASET_INTERLEAVE_H

#include "formats/dataset/reader.h"

struct lanes {
	struct reader *at;    /* of the record that was read last */
	struct reader *first; /* the lane of the first source */
	struct reader *others;
	struct lane_state *states; /* the first's, then the others'; NULL: there is but one lane */
	size_t count;
};

/* Takes the sources of other lanes away from `first`, which is borrowed; its first source may be open.  counted: the sources' records
 * are known, and the lanes end together; else each gives records as its weight says until it ends.  -1: more lanes than can be open. */
int lanes_init(struct lanes *lanes, struct reader *first, bool counted, struct err *err);

/* As reader_next. */
int lanes_next(struct lanes *lanes, struct record *record, bool skip, struct err *err);
int lanes_rewind(struct lanes *lanes, struct err *err);
void lanes_free(struct lanes *lanes);

#endif
