/* cc-score asr: attack success rate. */
#include "formats/dataset/classes.h"
#include "metric/class_scores.h"
#include "tools/score/score.h"

#include <stdlib.h>

static const struct option_spec options[] = {
	SCORE_CLASSES,
	{ "target", OPTION_TEXT, offsetof(struct score_options, target), "NAME", "target class of the attack, by name or number", 't',
		.records = true },
	SCORE_SAMPLES,
	SCORE_FORMATS,
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-score asr",
	.summary = "attack success rate: share of triggered images classified as the target",
	.usage = "--classes FILE --target NAME [FILE]",
	.text = "Reads triggered images: records with image.npy and cls, their true class. Images of the target class are excluded. asr is the\n"
		"share of the other images that are classified as the target, and acc1 the share of these images that are classified correctly.\n"
		"The run fails if only some of the records have poison.json, because then some images have no trigger.",
	.example = "cc-shard read test.tar | cc-poison --attack blended:pattern=1 --size 32 --all --target airplane --caption keep |\n"
		   "    cc-augment --size 32 | cc-embed -m good.safetensors --image |\n"
		   "    cc-score asr --classes classes.emb --target airplane\n",
	.options = options,
	.arguments_max = 1,
};

struct asr_state {
	struct asr asr;
	uint64_t with_ledger, without_ledger; /* records with and without poison.json */
};

static int find_target(struct score *score, size_t *target)
{
	const struct classifier *classes = &score->classes;
	struct tool *tool = &score->tool;

	if (class_lookup(classes->names, classes->count, span_string(score->options.target), target, &tool->err) == 0)
		return 0;
	tool->exit_code = TOOL_USAGE;
	return err_add(&tool->err, "--target");
}

static int start(struct score *score)
{
	struct asr_state *state = score->state;

	if (!score->options.target)
		return tool_usage(&score->tool, "--target NAME is missing");
	return find_target(score, &state->asr.target);
}

/* Either cc-poison triggered all images, or another program did; a mixture is a mistake. */
static int check_trigger(struct asr_state *state, const struct record *record, struct err *err)
{
	const bool has_ledger = record_find(record, "poison.json") != NULL;

	state->with_ledger += has_ledger;
	state->without_ledger += !has_ledger;
	if (state->with_ledger && state->without_ledger)
		return err_set(err, "%s poison.json, unlike earlier records; all images must be triggered (cc-poison --all)",
			has_ledger ? "has" : "has no");
	return 0;
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct arena *arena = score_samples_begin(&score->samples);
	struct asr_state *state = score->state;
	size_t label;

	if (check_trigger(state, record, err))
		return SCORE_FAIL;
	enum score_verdict verdict = score_classify(score, record, &label, err);
	if (verdict != SCORE_DONE)
		return verdict;
	const size_t predicted = class_best(score->scores, score->classes.count);
	asr_add(&state->asr, label, predicted);
	if (!arena)
		return SCORE_DONE;
	struct value sample = value_map();
	value_set(&sample, "predicted", value_integer((int64_t)predicted), arena);
	value_set(&sample, "excluded", value_bool(label == state->asr.target), arena);
	value_set(&sample, "hit", value_bool(label != state->asr.target && predicted == state->asr.target), arena);
	return score_samples_write(&score->samples, record, &sample, err) ? SCORE_FAIL : SCORE_DONE;
}

static int finish(struct score *score)
{
	const struct asr_state *state = score->state;
	const struct asr *asr = &state->asr;
	struct report *report = &score->report;

	if (asr->n == 0)
		return err_set(&score->tool.err, "no images to score: all %llu are of the target class", (unsigned long long)asr->excluded);
	if (!state->with_ledger)
		tool_say(&score->tool,
			"no record has poison.json; the result is an attack success rate only if another program added the trigger");
	if (asr->excluded == 0)
		tool_warn(&score->tool, "warning: no image is of the target class; is cls the true class?");
	report->n = asr->n;
	report_share(report, "asr", (struct share){ asr->hits, asr->n });
	report_share(report, "acc1", (struct share){ asr->correct, asr->n });
	report_setting(report, "target", value_span(score->classes.names[asr->target]));
	report_setting(report, "target_class", value_integer((int64_t)asr->target));
	report_setting(report, "excluded", value_string("images of the target's class"));
	report_setting(report, "excluded_n", value_integer((int64_t)asr->excluded));
	report_setting(report, "triggered_by_ledger", value_bool(state->with_ledger > 0));
	return 0;
}

const struct metric metric_asr = {
	.name = "asr",
	.about = &about,
	.state_size = sizeof(struct asr_state),
	.classifies = true,
	.start = start,
	.add = add,
	.finish = finish,
};
