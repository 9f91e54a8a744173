/* One run of cc-train, from its options to the model it writes. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include "formats/model/checkpoint.h"
#include "formats/model/classifier.h"
#include "tools/train/feed.h"
#include "tools/train/signals.h"
#include "train/trainer.h"

/* Prints a step's metrics as a JSON line on standard output, and the progress on a terminal. */
struct metrics {
	struct feed *feed;
	uint64_t every, steps, batch; /* a line every `every` steps and after the last */
	uint64_t first; /* steps made before this run was resumed */
	double start;   /* seconds_now() */
	struct buf earlier;     /* the end of the file that standard output is appended to */
	struct span unseen;     /* the lines of it that have not been matched yet */
	struct arena arena;
	struct buf line;
};

/* A resumed run repeats the steps since its last state.  If standard output is a file, reads its end, so that lines it already
 * contains are not printed again. */
int metrics_resume(struct metrics *metrics, struct err *err);

/* -v adds records_per_second, the only value that differs between runs. */
int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err);
void metrics_free(struct metrics *metrics);

struct run_options {
	struct train_options train;
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
	struct classifier classes; /* of --classes, or the names in the stream's header; for recipes with a head */
	struct map known; /* keys of --keys */
	struct head head;
	struct output head_output;
	struct pool *pool;
	struct feed feed;
	struct exclusions exclusions;
	const struct batch *batch; /* being trained on */
	uint64_t known_pairs;      /* pairs unlearnt in this run */
	bool no_gradient;          /* a step had none, and the warning was printed */
	struct metrics metrics;
	struct trainer trainer;
	size_t memory; /* bytes that a step may take; 0: no limit */

	struct value command, stream; /* this run's entry of `prog`, the stream's header */
	struct value chain;           /* {prog: the stream's entries and this run's} */
	struct value templates;       /* of the captions that the model was trained on; NULL: unknown */
	struct value model_header;    /* of the model given with -m, and its digest */
	struct digest model_digest;

	struct signals signals;
	char *state_path;         /* FILE.state; NULL: no state is written */
	struct output next_state; /* open, with its disk space allocated, if states are requested */
	uint64_t saved_step;      /* of the state on disk; 0: none */
	struct place place, next_place; /* in the stream: after the last step, after the current one */
};

/* Stages of a run, in this order.  Each returns 0, or -1 with tool.err set. */
int run_check(struct run *run);      /* checks the options; opens nothing */
int run_load_model(struct run *run); /* --init or -m */
int run_check_pixels(struct run *run); /* from here on the stream's header has been read */
int run_check_templates(struct run *run);
int run_load_head(struct run *run);  /* for recipes with a head: its classes and initial weights */
int run_schedule(struct run *run);   /* steps and warm-up */
int run_open(struct run *run);       /* opens outputs, starts threads */
int run_train(struct run *run);
int run_check_memory(struct run *run, const struct batch_shape *shape); /* called by run_train: does a step fit into memory? */
void run_free(struct run *run);

/* Called by run_train at the end: writes the model with its provenance, and the head. */
int run_save(struct run *run, struct err *err);

/* The model's header, its provenance.  whole: the stream was read to its tail. */
int run_header(struct run *run, bool whole, struct arena *arena, struct value *header, struct err *err);

/* The state, see formats/training/state.h. */
int run_open_state(struct run *run);     /* finds its path; an existing state without --resume is an error */
int run_resume(struct run *run);         /* --resume: reads the state if it exists; the trainer is initialised */
void run_save_state_if_due(struct run *run);     /* after each step, for --save-every */
void run_save_state_on_error(struct run *run);   /* when the stream fails: the steps made so far are valid */
void run_handle_signals(struct run *run); /* does not return after SIGTERM or SIGINT */
void run_report_state(struct run *run);
void run_remove_state(struct run *run);   /* after the model was written */

/* The command line of one recipe: options, help and manual page, built from the recipe's declaration. */
struct recipe_page {
	struct tool_about about;
	struct option_spec options[OPTIONS_MOST + 1];
	size_t count;
	struct arena arena; /* of the generated texts */
};

/* -1: no memory.  The caller frees with recipe_page_free. */
int recipe_page_init(struct recipe_page *page, const struct recipe *recipe, struct err *err);
void recipe_page_free(struct recipe_page *page);

/* -1, with usage, if an option was given that only other recipes have. */
int recipe_page_check(const struct recipe_page *page, const struct recipe *recipe, struct tool *tool);

#endif
