/* All that belongs to one run of cc-train, from its options to the file it leaves. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include "formats/model/checkpoint.h"
#include "formats/model/classifier.h"
#include "tools/train/metrics.h"
#include "tools/train/signals.h"

struct run_options {
	struct train_options how;
	const char *init, *model, *vocabulary, *warmup, *betas, *classes, *keys, *remove_after;
	struct text_list freeze;
	uint64_t log, save_every;
	bool resume, any_pixels;
};

struct run {
	struct tool tool;
	struct run_options opt;
	const struct recipe *recipe;
	struct checkpoint checkpoint;
	struct classifier classes; /* --classes, and for a head's file the names */
	struct map known; /* --keys */
	struct head head;
	struct output head_output;
	struct pool *pool;
	struct feed feed;
	struct exclusions exclusions;
	const struct batch *batch; /* at hand */
	uint64_t known_pairs;      /* that were unlearnt in this run */
	bool no_gradient;          /* in some step; it was reported */
	struct metrics metrics;
	struct trainer trainer;
	size_t memory; /* that a step may take; 0: as much as there is */

	struct value command, stream; /* this run's entry of `prog`, the stream's header */
	struct value chain;           /* its `prog` is both */
	struct value templates;       /* of the captions that the model was trained on; NULL: not known */
	struct value model_header;    /* of the model that it went on from, and that one's digest */
	struct digest model_digest;

	struct signals signals;
	char *state_path;         /* FILE.state; NULL: no state is kept */
	struct output next_state; /* open, with room, where states are asked for */
	uint64_t kept;            /* the step of the state that is on the disk; 0: none */
	struct place place, next_place; /* of the stream: after the last step, after the one that is being made */
};

/* Each: -1 with tool.err. */
int run_check(struct run *run);      /* what the options say, without opening anything */
int run_load_model(struct run *run); /* --init or -m */
int run_check_pixels(struct run *run); /* the stream's header has been read */
int run_check_templates(struct run *run);
int run_load_head(struct run *run);  /* for a recipe with one: its classes, its first weights */
int run_schedule(struct run *run);   /* steps and warm-up; the stream's header has been read */
int run_open(struct run *run);       /* outputs, which appear at the end; threads */
int run_train(struct run *run);
int run_find_room(struct run *run, const struct batch_shape *shape); /* a part of it: whether a step fits into the memory */
void run_free(struct run *run);

/* run_train's last act: the model with how it was made, and the head. */
int run_save(struct run *run, struct err *err);

/* How it was made: whole: the stream was read to its tail. */
int run_header(struct run *run, bool whole, struct arena *arena, struct value *header, struct err *err);

/* The state, see state.h: when it is written, and when it is read. */
int run_open_state(struct run *run);     /* finds its name; one that is there is not overwritten by surprise */
int run_resume(struct run *run);         /* goes on from it where there is one; the trainer is ready */
void run_keep_step(struct run *run);     /* after each step: --save-every */
void run_keep_failed(struct run *run);   /* the stream broke off: what was learnt from it is good */
void run_serve_signals(struct run *run); /* may not return */
void run_say_kept(struct run *run);
void run_close_state(struct run *run);   /* the model is there: it is needed no more */

#endif
