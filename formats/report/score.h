/* A score with its protocol inside: one JSON object whose keys always come in the same order. */
#ifndef REPORT_SCORE_H
#define REPORT_SCORE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/value.h"
#include "metric/interval.h"
#include "formats/stream/stream.h"
#include "formats/stream/output.h"

struct report {
	const char *metric;
	double value;
	bool has_interval;
	struct interval interval; /* of the value */
	struct share share;      /* of the value; n = 0: it is no share */
	uint64_t n;              /* records that count */
	struct value metrics;    /* {name: number}, the first is the value */
	struct value intervals;  /* {name: [low, high]}, of those that are shares */
	struct value counts;     /* {name: [numerator, denominator]} */
	struct value settings;   /* what else another run must share to be compared */
	uint64_t poisoned;       /* rounds of cc-poison that the data went through */
	struct value model, dataset, classes, bad, prog;
	struct arena *arena;
};

/* Empty.  The arena is borrowed. */
void report_init(struct report *report, const char *metric, struct arena *arena);

/* One more number; the first becomes the report's value. */
void report_share(struct report *report, const char *name, struct share share);
void report_number(struct report *report, const char *name, double number, const struct interval *interval);
void report_setting(struct report *report, const char *name, struct value value);

/* As JSON on one line, or as two lines of tab-separated names and values. */
int report_json(const struct report *report, struct buf *out, struct err *err);
int report_tsv(const struct report *report, struct buf *out, struct err *err);

/* --samples: what became of each record, as a record stream of {"__key__", "cls"?, "score.json"}. */
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
