/* cc-shard read: the state that its files share. */
#ifndef SHARD_READ_H
#define SHARD_READ_H

#include "tools/cli/tool.h"
#include "formats/dataset/record_filter.h"
#include "formats/dataset/labels.h"
#include "formats/dataset/record_order.h"
#include "formats/dataset/survey.h"

struct read_options {
	const char *image_column, *caption_column, *label_column, *key_column, *delimiter, *escape, *image_root, *rename, *key_prefix;
	bool no_quotes;
	uint64_t shuffle, epochs, skip, take;
	const char *split, *where, *keys, *fields, *classes, *class_names, *templates, *captions, *caption_json;
	bool folders, lenient, subset, allow_pipe, per_image, count, jsonl, regroup;
};

struct run {
	struct tool tool;
	struct read_options opt;
	struct reader reader;
	struct interleave interleave; /* reads the sources if there is no index */
	struct survey survey;
	struct later_progs later_progs;
	struct index index;
	struct choice choice;
	struct labels labels;
	struct class_names class_names; /* of --class-names */
	struct table_options tables;
	struct naming naming;
	struct shuffle_buffer buffer;
	struct buf classes_text, class_names_text, templates_text;
	bool exact;   /* a full shuffle, by the index */
	bool indexed; /* samples are read through the index: a full shuffle or --regroup */
	bool changed; /* a record was changed by labels */
	struct digest digest; /* of the first epoch */
	uint64_t epoch;
};

/* Finds all that must be known before the first record (sources, counts, classes, index) and writes the header. */
int read_plan(struct run *run);

/* Writes the records of all epochs and sets the contents of the tail. */
int read_run(struct run *run);

/* cc-shard read --jsonl: converts the lines of `cc-view --jsonl --full` back to the stream they show.
 * Reads the files named by the arguments in order ("-": standard input) and writes to tool->out; the caller finishes the stream.
 * Header, marks, records and tail are copied; without a header the tail gets the digest of the records.
 * Errors name file and line.  A header without a tail is an error: the stream is truncated. */
int read_jsonl(struct tool *tool);

#endif
