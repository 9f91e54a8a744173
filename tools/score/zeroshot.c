/* cc-score zeroshot: accuracy. */
#include "metric/class_scores.h"
#include "tools/score/score.h"

#include <stdio.h>

static const struct option_spec options[] = { SCORE_CLASSES, SCORE_SAMPLES, SCORE_FORMATS, { 0 } };

static const struct tool_about about = {
	.name = "cc-score zeroshot",
	.summary = "zero-shot accuracy of image embeddings",
	.usage = "--classes FILE [FILE]",
	.text = "Reads records with image.npy and cls. The predicted class is the one whose vector has the largest inner product with the\n"
		"embedding (the first, if several are equal). accK (K = 1, 3, 5, 10) is the share of images whose class is among the K best; values of\n"
		"K not below the number of classes are omitted. mean_per_class_recall is the mean over classes of acc1.",
	.example = "cc-shard read test.tar | cc-augment --size 32 | cc-embed -m good.safetensors --image |\n"
		   "    cc-score zeroshot --classes classes.emb\n",
	.options = options,
	.arguments_max = 1,
};

static int start(struct score *score)
{
	return zeroshot_init(score->state, score->classes.count, &score->tool.err);
}

static enum score_verdict add(struct score *score, const struct record *record, struct err *err)
{
	struct arena *arena = score_samples_begin(&score->samples);
	size_t label;
	enum score_verdict verdict = score_classify(score, record, &label, err);

	if (verdict != SCORE_DONE)
		return verdict;
	const size_t rank = class_rank(score->scores, score->classes.count, label);
	zeroshot_add(score->state, label, rank);
	if (!arena)
		return SCORE_DONE;
	struct value sample = value_map();
	value_set(&sample, "predicted", value_integer((int64_t)class_best(score->scores, score->classes.count)), arena);
	value_set(&sample, "rank", value_integer((int64_t)rank), arena);
	value_set(&sample, "score", value_real((double)score->scores[label]), arena);
	return score_samples_write(&score->samples, record, &sample, err) ? SCORE_FAIL : SCORE_DONE;
}

static int finish(struct score *score)
{
	static const char *const names[ZEROSHOT_TOPS] = { "acc1", "acc3", "acc5", "acc10" };
	const struct zeroshot *zeroshot = score->state;

	if (zeroshot->n == 0)
		return err_set(&score->tool.err, "no images to score");
	if (zeroshot_absent(zeroshot))
		tool_say(&score->tool, "%zu of %zu classes have no images; mean_per_class_recall covers the others",
			zeroshot_absent(zeroshot), zeroshot->classes);
	score->report.n = zeroshot->n;
	for (int i = 0; i < ZEROSHOT_TOPS; i++)
		if (i == 0 || zeroshot_tops[i] < zeroshot->classes)
			report_share(&score->report, names[i], (struct share){ zeroshot->hits[i], zeroshot->n });
	report_number(&score->report, "mean_per_class_recall", zeroshot_mean_per_class(zeroshot), NULL);
	return 0;
}

static void free_state(void *state)
{
	zeroshot_free(state);
}

const struct metric metric_zeroshot = {
	.name = "zeroshot",
	.about = &about,
	.state_size = sizeof(struct zeroshot),
	.classifies = true,
	.start = start,
	.add = add,
	.finish = finish,
	.free = free_state,
};
