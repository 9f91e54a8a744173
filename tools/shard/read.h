/* cc-shard read at work: what its files share. */
#ifndef SHARD_READ_H
#define SHARD_READ_H

#include "tools/cli/tool.h"
#include "formats/dataset/record_filter.h"
#include "formats/dataset/labels.h"
#include "formats/dataset/interleave.h"
#include "formats/dataset/shuffle_buffer.h"
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
	struct lanes lanes; /* of the reader and others, where not indexed */
	struct survey survey;
	struct behind behind;
	struct index index;
	struct choice choice;
	struct labels labels;
	struct class_names class_names; /* of --class-names */
	struct table_options tables;
	struct naming naming;
	struct shuffle_buffer buffer;
	struct buf classes_text, class_names_text, templates_text;
	bool exact;   /* a shuffle by the index */
	bool indexed; /* exact, or members are put together by the index */
	bool changed; /* labels were added */
	struct digest digest; /* of the first epoch */
	uint64_t epoch;
};

/* What must be known before the first record: the sources, their counts, classes and places; then the header is written. */
int read_plan(struct run *run);

/* All epochs, and what the tail will say. */
int read_run(struct run *run);

/* cc-shard read --jsonl: the lines of `cc-view --jsonl --full` back to the stream that they show. */

/* The files among the arguments, one behind the other, "-" being standard input, to tool->out; the caller finishes.
 * Header, marks, records and tail come out as they stand there; without a header, the tail has the digest of the records.
 * Errors name file and line; a header without its tail was cut off. */
int read_jsonl(struct tool *tool);

#endif
