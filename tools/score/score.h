/* What the metrics of cc-score have in common: a stream of embeddings goes by, one JSON object comes out.
 * A metric is one file here and one line in metrics.def. */
#ifndef SCORE_SCORE_H
#define SCORE_SCORE_H

#include "metric/class_scores.h"
#include "tools/cli/tool.h"
#include "formats/model/classifier.h"
#include "metric/embedding.h"
#include "formats/report/score.h"

struct score_options {
	const char *classes, *target, *with, *before, *samples, *group, *group_prefix;
	bool tsv;
};

struct score {
	struct tool tool;
	struct score_options options;
	const struct metric *metric;
	void *state;               /* metric->state_size bytes, zeroed */
	struct classifier classes; /* of --classes */
	struct class_vectors vectors;
	float *scores;             /* [classes.count], of the record at hand */
	struct embedding image, text; /* of the record at hand */
	uint64_t classified;       /* records */
	struct buf first;          /* the first one's image */
	bool differ;               /* another one's is another */
	struct score_samples samples;
	struct report report;
};

enum score_verdict { SCORE_DONE, SCORE_BAD, SCORE_FAIL };

struct metric {
	const char *name; /* as metrics.def has it */
	const struct tool_about *about;
	size_t state_size;
	bool classifies; /* --classes is needed */
	int (*start)(struct score *score);
	/* BAD: err says what is wrong with this record.  FAIL: err says why there can be no score. */
	enum score_verdict (*add)(struct score *score, const struct record *record, struct err *err);
	int (*finish)(struct score *score); /* fills the report; also told: there was nothing to score */
	void (*free)(void *state);
};

/* The whole tool for one metric. */
int score_main(const struct metric *metric, int argc, char **argv);

/* Scores the record's image.npy: score->scores, and its label, which is a class.  FAIL: a label that is none, an
 * embedding of another width. */
enum score_verdict score_classify(struct score *score, const struct record *record, size_t *label, struct err *err);

/* Options that several metrics have. */
#define SCORE_CLASSES                                                                                                                      \
	{ "classes", OPTION_TEXT, offsetof(struct score_options, classes), "FILE",                                                         \
		"what the classes are: of `cc-embed --prompts`, or a head of `cc-train supervised`", 'c', .records = true, .input = true }
#define SCORE_SAMPLES                                                                                                                      \
	{ "samples", OPTION_TEXT, offsetof(struct score_options, samples), "FILE",                                                         \
		"also write what became of each record, as a record stream with score.json", .output = true }
#define SCORE_TSV { "tsv", OPTION_FLAG, offsetof(struct score_options, tsv), NULL, "two lines, names and values, instead of JSON" }

/* cc-score summary: scores of several runs as one table. */
int score_summary(int argc, char **argv);

/* cc-score compare: a method against its control over paired runs. */
int score_compare(int argc, char **argv);

#endif
