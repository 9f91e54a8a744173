/* A file that a report shows.  Its contents decide how. */
#ifndef REPORT_EXHIBIT_H
#define REPORT_EXHIBIT_H

#include "formats/report/curve.h"
#include "formats/report/provenance.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

/* A number of a score file. */
struct result_number {
	struct span name;
	double value, low, high;
	uint64_t hits, of; /* of a share; otherwise 0 */
	bool interval;     /* are low and high known? */
};

/* A score file of cc-score, or of another program that writes the same keys. */
struct result {
	struct span metric, model; /* model: its digest; empty: unknown */
	uint64_t n;
	size_t count;
	struct result_number *numbers; /* the first is the score's value */
	const struct value *object;    /* the whole file; borrowed */
};

bool result_is_one(const struct value *object);
int result_read(struct result *result, const struct value *object, struct arena *arena, struct err *err);

/* NULL: not found. */
const struct result_number *result_find(const struct result *result, struct span name);

/* Metric, data, settings and class names as one text: scores are comparable if their texts are equal.  Lives in the arena. */
int result_question(const struct result *result, struct span *question, struct arena *arena, struct err *err);

/* Appends, as a clause, how `result` was measured differently from `first` although both are comparable: n, kind of classifier,
 * templates.  Nothing if they do not differ. */
void result_difference(const struct result *result, const struct result *first, struct buf *out);

enum exhibit_kind {
	EXHIBIT_SCORE,   /* the JSON object of cc-score */
	EXHIBIT_CURVE,   /* the JSON lines of cc-train */
	EXHIBIT_PICTURE, /* a PNG */
	EXHIBIT_FIGURE,  /* an SVG */
	EXHIBIT_TABLE,   /* tab-separated text whose first line names the columns */
	EXHIBIT_MADE,    /* a checkpoint, stream or shard, or the JSON of cc-view --provenance: its provenance is shown */
};

struct exhibit {
	enum exhibit_kind kind;
	struct span name;  /* as in the report */
	const char *path;
	struct span run;   /* name of the file's folder: distinguishes several runs */
	struct result result;
	struct curve curve;
	struct buf content;           /* of a picture, figure or table: the whole file */
	size_t width, height;         /* of a picture or figure, in pixels */
	bool made;      /* is its provenance known? */
	struct provenance provenance; /* its arena owns the score */
};

/* name, path: borrowed.  The caller frees with exhibit_free, also after an error. */
int exhibit_read(struct exhibit *exhibit, struct span name, const char *path, const struct limits *limits, struct err *err);
void exhibit_free(struct exhibit *exhibit);

/* Digest of the model that the file is, or that a score is of; empty: unknown. */
struct span exhibit_model(const struct exhibit *exhibit);

/* Appends training curves: a picture for each name, shared by curves of one name (seeds).  *drawn: is gnuplot installed?  Without
 * it there are tables instead. */
int curves_print(const struct exhibit *exhibits, size_t count, struct buf *out, bool *drawn, struct err *err);

#endif
