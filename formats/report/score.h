/* A score and its protocol as one JSON object, whose keys are always in the same order. */
#ifndef REPORT_SCORE_H
#define REPORT_SCORE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/value.h"
#include "metric/statistics.h"
#include "formats/stream/stream.h"
#include "formats/stream/output.h"

struct report {
	const char *metric;
	double value;
	bool has_interval;
	struct interval interval; /* 95 %, of the value */
	struct share share;      /* of the value; n = 0: the value is not a share */
	uint64_t n;              /* number of records scored */
	struct value metrics;    /* {name: number}; the first is the value */
	struct value intervals;  /* {name: [low, high]} */
	struct value counts;     /* {name: [numerator, denominator]} */
	struct value settings;   /* scores are comparable only if these are equal */
	uint64_t poisoned;       /* number of times the data were poisoned */
	struct value model, dataset, classes, bad, prog;
	struct arena *arena;
};

/* Makes it empty.  The arena is borrowed. */
void report_init(struct report *report, const char *metric, struct arena *arena);

/* Adds a number; the first becomes the report's value. */
void report_share(struct report *report, const char *name, struct share share);
void report_number(struct report *report, const char *name, double number, const struct interval *interval);
void report_setting(struct report *report, const char *name, struct value value);

/* Appends JSON on one line, or two lines of tab-separated names and values. */
int report_json(const struct report *report, struct buf *out, struct err *err);
int report_tsv(const struct report *report, struct buf *out, struct err *err);

/* --samples: the result of each record, as a record stream of {"__key__", "cls"?, "score.json"}. */
struct score_samples {
	bool wanted;
	struct output output;
	struct stream_writer writer;
	struct record record;
	struct arena arena; /* of one sample's result */
	struct buf json;
};

/* path NULL: no samples are wanted; the functions below do nothing. */
int score_samples_open(struct score_samples *samples, const char *path, const struct value *header, struct err *err);

/* The arena of the next result, a map that score_samples_write writes; NULL: no samples are wanted. */
struct arena *score_samples_begin(struct score_samples *samples);
int score_samples_write(struct score_samples *samples, const struct record *record, const struct value *result, struct err *err);

/* Writes the tail and gives the file its name. */
int score_samples_close(struct score_samples *samples, const struct stream_tail *tail, struct err *err);
void score_samples_free(struct score_samples *samples); /* removes the file unless it was closed */

#endif
