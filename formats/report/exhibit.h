/* A file that a report shows.  What it is is told by its bytes. */
#ifndef REPORT_EXHIBIT_H
#define REPORT_EXHIBIT_H

#include "formats/report/curve.h"
#include "formats/report/provenance.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/value.h"

#include <stdbool.h>

/* A score file as cc-score writes it, or as another program does that knows its keys. */
struct result_number {
	struct span name;
	double value, low, high;
	uint64_t hits, of; /* 0: it is no share */
	bool interval;     /* low and high are known */
};

struct result {
	struct span metric, model; /* of the model its digest; empty: not said */
	uint64_t n;
	size_t count;
	struct result_number *numbers; /* the first is the score itself */
	const struct value *object;    /* the whole file; both live in the arena that was given */
};

bool result_is_one(const struct value *object);
int result_read(struct result *result, const struct value *object, struct arena *arena, struct err *err);

/* NULL: it has no such number. */
const struct result_number *result_find(const struct result *result, struct span name);

/* What was asked: the metric, the data, the settings, the names of the classes; as text, equal where scores may be
 * compared.  Lives in the arena. */
int result_question(const struct result *result, struct span *question, struct arena *arena, struct err *err);

/* How it was answered, where that can differ between rows of one table: n, the kind of classifier, its templates.
 * Appends what is different from `first` as a clause, "" where nothing is. */
void result_difference(const struct result *result, const struct result *first, struct buf *out);

enum exhibit_kind {
	EXHIBIT_SCORE,   /* the JSON object of cc-score */
	EXHIBIT_CURVE,   /* the JSON lines of cc-train */
	EXHIBIT_PICTURE, /* a PNG */
	EXHIBIT_FIGURE,  /* an SVG */
	EXHIBIT_TABLE,   /* tab-separated text whose first line names the columns */
	EXHIBIT_MADE,    /* a checkpoint, stream or shard, or what cc-view --provenance --json says of it: how it was made is shown */
};

struct exhibit {
	enum exhibit_kind kind;
	struct span name;  /* NAME= in front of it, or the file's name up to its first dot */
	const char *path;
	struct span run;   /* the folder that it lies in: which of several runs it belongs to */
	struct result result;
	struct curve curve;
	struct buf picture;           /* or figure, or table: the file as it is */
	size_t width, height;         /* of the picture or figure */
	bool made;      /* its provenance is known */
	struct provenance provenance; /* a score lives in its arena, too */
};

/* argument: "FILE" or "NAME=FILE", borrowed.  exhibit_free is for the caller, also after an error. */
int exhibit_read(struct exhibit *exhibit, const char *argument, const struct limits *limits, struct err *err);
void exhibit_free(struct exhibit *exhibit);

/* The digest of the model that it is, or that it was scored with; empty: not known. */
struct span exhibit_model(const struct exhibit *exhibit);

/* Training curves as HTML: a picture for each name; exhibits of one name (seeds) share it.  *drawn: gnuplot is installed; without it
 * there are tables of numbers instead. */
int curves_print(const struct exhibit *exhibits, size_t count, struct buf *out, bool *drawn, struct err *err);

/* SVGs and tables made elsewhere, unchanged. */
void print_figures(const struct exhibit *exhibits, size_t count, struct buf *out);
void print_tables(const struct exhibit *exhibits, size_t count, struct buf *out);

#endif
