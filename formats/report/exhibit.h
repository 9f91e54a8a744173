/* A file that a report shows.  What it is is told by its bytes. */
#ifndef REPORT_EXHIBIT_H
#define REPORT_EXHIBIT_H

#include "formats/report/curve.h"
#include "formats/report/result.h"
#include "formats/report/provenance.h"

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
	bool made;                    /* its provenance is known */
	struct provenance provenance; /* a score lives in its arena, too */
};

/* argument: "FILE" or "NAME=FILE", borrowed.  exhibit_free is for the caller, also after an error. */
int exhibit_read(struct exhibit *exhibit, const char *argument, const struct limits *limits, struct err *err);
void exhibit_free(struct exhibit *exhibit);

/* The digest of the model that it is, or that it was scored with; empty: not known. */
struct span exhibit_model(const struct exhibit *exhibit);

#endif
