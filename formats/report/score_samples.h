/* --samples: what became of each record, as a record stream of {"__key__", "cls"?, "score.json"}. */
#ifndef REPORT_SCORE_SAMPLES_H
#define REPORT_SCORE_SAMPLES_H

#include "formats/stream/stream.h"
#include "formats/stream/output.h"

struct score_samples {
	bool wanted;
	struct output output;
	struct stream_writer writer;
	struct record record;
	struct arena arena; /* of one sample's result */
	struct buf json;
};

/* path NULL: nothing is wanted, and nothing is done below. */
int score_samples_open(struct score_samples *samples, const char *path, const struct value *header, struct err *err);

/* A map that the metric fills, to be written by score_samples_write; NULL: no samples are wanted. */
struct arena *score_samples_begin(struct score_samples *samples);
int score_samples_write(struct score_samples *samples, const struct record *record, const struct value *result, struct err *err);

/* The file gets its name. */
int score_samples_close(struct score_samples *samples, const struct stream_tail *tail, struct err *err);
void score_samples_free(struct score_samples *samples); /* without score_samples_close nothing is left */

#endif
