/* Common part of the metrics of cc-score: reads a stream of embeddings, reports one score.
 * A metric is one file in this folder and one line in metrics.def. */
#ifndef SCORE_SCORE_H
#define SCORE_SCORE_H

#include "metric/class_scores.h"
#include "tools/cli/tool.h"
#include "formats/model/classifier.h"
#include "metric/vectors.h"
#include "formats/report/score.h"

struct score_options {
	const char *classes, *target, *with, *before, *samples, *group, *group_prefix;
	bool tsv, json, table;
};

struct score {
	struct tool tool;
	struct score_options options;
	const struct metric *metric;
	void *state;               /* metric->state_size bytes, zeroed */
	struct classifier classes; /* of --classes */
	struct class_vectors vectors;
	float *scores;             /* [classes.count], of the current record */
	struct embedding image, text; /* of the current record */
	uint64_t classified;       /* records */
	struct buf first;          /* image.npy of the first of them */
	bool differ;               /* some other image.npy is different */
	struct score_samples samples;
	struct report report;
};

enum score_verdict { SCORE_DONE, SCORE_BAD, SCORE_FAIL };

struct metric {
	const char *name; /* as in metrics.def */
	const struct tool_about *about;
	size_t state_size;
	bool classifies; /* requires --classes */
	int (*start)(struct score *score);
	/* SCORE_BAD: the record is unusable; SCORE_FAIL: the run fails.  err: the reason. */
	enum score_verdict (*add)(struct score *score, const struct record *record, struct err *err);
	int (*finish)(struct score *score); /* fills the report; -1 if there was nothing to score */
	void (*free)(void *state);
};

/* main() of one metric. */
int score_main(const struct metric *metric, int argc, char **argv);

/* Computes score->scores of the record's image.npy, and its label, an index of score->classes.
 * SCORE_FAIL: the label is not a class, or the embedding has another width than the classes. */
enum score_verdict score_classify(struct score *score, const struct record *record, size_t *label, struct err *err);

/* Options of several metrics. */
#define SCORE_CLASSES                                                                                                                      \
	{ "classes", OPTION_TEXT, offsetof(struct score_options, classes), "FILE",                                                         \
		"class vectors: output of `cc-embed --prompts`, or a classifier of `cc-train supervised` (required)", 'c',                 \
		.records = true, .input = true }
#define SCORE_SAMPLES                                                                                                                      \
	{ "samples", OPTION_TEXT, offsetof(struct score_options, samples), "FILE",                                                         \
		"also write the result for each record to FILE, as a record stream with score.json", .output = true }
#define SCORE_FORMATS                                                                                                                      \
	{ "json", OPTION_FLAG, offsetof(struct score_options, json), NULL,                                                                 \
		"print JSON, with the whole protocol (default unless standard output is a terminal)" },                                    \
		{ "table", OPTION_FLAG, offsetof(struct score_options, table), NULL, "print a table (default on a terminal)" },            \
		{ "tsv", OPTION_FLAG, offsetof(struct score_options, tsv), NULL, "print two lines of tab-separated names and values" }

/* The protocol of a score: what another score must share to be comparable.  In protocol.c. */

/* Checks that classes and stream have the same model, names and normalisation, and warns if caption templates differ. */
int protocol_check(struct score *score);

/* Appends this tool to the header's prog; records model, classes and preprocessing in the report. */
int protocol_note(struct score *score);

/* After the last record: records the digest of the data and the bad records. */
int protocol_finish(struct score *score);

/* main() of `cc-score summary`. */
int score_summary(int argc, char **argv);

/* cc-score compare: a method against its control over paired runs. */
int score_compare(int argc, char **argv);

#endif
