/* All that belongs to one run of cc-train, from its options to the file it leaves. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include "tools/model/classifier.h"
#include "tools/train/metrics.h"

struct run_options {
	struct train_options how;
	const char *init, *model, *vocabulary, *warmup, *betas, *classes;
	struct text_list freeze;
	uint64_t log;
};

struct run {
	struct tool tool;
	struct run_options opt;
	const struct recipe *recipe;
	struct checkpoint checkpoint;
	struct classifier classes; /* --classes, and for a head's file the names */
	struct head head;
	struct output head_output;
	struct pool *pool;
	struct feed feed;
	struct metrics metrics;
	struct trainer trainer;
};

/* Each: -1 with tool.err. */
int run_check(struct run *run);      /* what the options say, without opening anything */
int run_load_model(struct run *run); /* --init or -m */
int run_load_head(struct run *run);  /* for a recipe with one: its classes, its first weights */
int run_schedule(struct run *run);   /* steps and warm-up; the stream's header has been read */
int run_open(struct run *run);       /* outputs, which appear at the end; threads */
int run_train(struct run *run);
void run_free(struct run *run);

/* run_train's last act: the model with how it was made, and the head. */
int run_save(struct run *run, struct err *err);

#endif
