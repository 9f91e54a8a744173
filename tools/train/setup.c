#include "tools/train/run.h"

#include "formats/tar/member_name.h"
#include "tools/cli/option_file.h"
#include "formats/model/model_file.h"
#include "formats/model/model_pixels.h"
#include "formats/dataset/record_filter.h"
#include "train/optimiser.h"

#include <stdlib.h>
#include <string.h>

static int parse_betas(struct run *run)
{
	struct train_options *train = &run->opt.train;
	char *end;

	if (!run->opt.betas)
		return 0;
	train->beta1 = strtod(run->opt.betas, &end);
	train->beta2 = *end == ',' ? strtod(end + 1, &end) : -1;
	if (*end || !(train->beta1 >= 0 && train->beta1 < 1 && train->beta2 >= 0 && train->beta2 < 1))
		return tool_usage(&run->tool, "--betas: '%s' is not two numbers of at least 0 and below 1, such as .9,.98", run->opt.betas);
	return 0;
}

static int parse_freeze(struct run *run)
{
	static const struct {
		const char *name;
		unsigned part; /* 0: bn, which belongs to several parts */
	} parts[] = { { "image", PART_IMAGE }, { "text", PART_TEXT }, { "logit_scale", PART_LOGIT_SCALE }, { "bn", 0 } };
	enum { COUNT = sizeof parts / sizeof *parts };

	for (size_t i = 0; i < run->opt.freeze.count; i++) {
		size_t k = 0;
		while (k < COUNT && strcmp(parts[k].name, run->opt.freeze.items[i]) != 0)
			k++;
		if (k == COUNT)
			return tool_usage(
				&run->tool, "--freeze: '%s' is not one of: image, text, logit_scale, bn", run->opt.freeze.items[i]);
		run->opt.train.frozen |= parts[k].part;
		run->opt.train.frozen_bn |= parts[k].part == 0;
	}
	return 0;
}

static int parse_exclusions(struct run *run)
{
	struct tool *tool = &run->tool;

	exclusions_init(&run->exclusions, run->recipe, run->opt.train.numbers);
	if (!run->recipe->end_of_epoch || exclusions_parse(&run->exclusions, run->opt.remove_after, &tool->err) == 0)
		return 0;
	struct err why = tool->err;
	return tool_usage(tool, "--remove-after: %s", why.text);
}

int run_check(struct run *run)
{
	struct tool *tool = &run->tool;
	uint64_t warmup;

	if (!run->opt.init == !run->opt.model)
		return recipe_takes_new_model(run->recipe)
			       ? tool_usage(tool, "give either --init CONFIG to start a new model, or -m MODEL to continue from one")
			       : tool_usage(tool, "%s needs a model to start from: give -m MODEL", run->recipe->name);
	if (run->opt.vocabulary && !run->opt.init)
		return tool_usage(tool, "--vocab can only be used with --init; a model contains its vocabulary");
	if (run->opt.init && run->recipe->texts && !run->opt.vocabulary)
		return tool_usage(tool, "--init needs --vocab FILE; `cc-model vocab` learns a vocabulary from captions");
	if (!run->recipe->head && run->opt.train.batch == 1)
		return tool_usage(tool, "--batch 1: a contrastive loss of one pair is always 0; use 2 or more");
	if (run->opt.train.accumulate && run->opt.train.batch % run->opt.train.accumulate)
		return tool_usage(tool, "--accumulate: a batch of %llu cannot be split into %llu equal pieces",
			(unsigned long long)run->opt.train.batch, (unsigned long long)run->opt.train.accumulate);
	if (!tool->output_path || strcmp(tool->output_path, "-") == 0)
		return tool_usage(tool, "-o FILE is missing: the file to write the model to");
	if (schedule_warmup(run->opt.warmup, 0, &warmup, &tool->err)) {
		struct err why = tool->err;
		return tool_usage(tool, "--warmup: %s", why.text);
	}
	return parse_betas(run) || parse_freeze(run) || parse_exclusions(run) ? -1 : 0;
}

static int read_keys(struct run *run)
{
	struct tool *tool = &run->tool;
	struct buf text = { 0 };
	int status = tool_option_list(tool, "keys", run->opt.keys, "a list of keys", &text);

	if (status == 0 && key_list_take(&run->known, buf_span(&text), &tool->err))
		status = err_add(&tool->err, "--keys: %s", run->opt.keys);
	buf_free(&text);
	return status;
}

static int new_model(struct run *run)
{
	struct tool *tool = &run->tool;
	struct buf config = { 0 }, vocabulary = { 0 };
	int status = model_config_option(tool, "init", run->opt.init, &config);

	if (status == 0 && run->opt.vocabulary)
		status = vocabulary_file_read(tool, run->opt.vocabulary, &vocabulary);
	if (status == 0 && checkpoint_new(&run->checkpoint, buf_span(&config), buf_span(&vocabulary), &tool->err))
		status = err_add(&tool->err, "%s", run->checkpoint.vocabulary_failed ? run->opt.vocabulary : run->opt.init);
	buf_free(&config);
	buf_free(&vocabulary);
	if (status || clip_allocate(run->checkpoint.clip, &tool->err))
		return -1;
	clip_initialise(run->checkpoint.clip, tool->seed);
	return 0;
}

/* The header records the model's digest in place of its path. */
static int old_model(struct run *run)
{
	struct tool *tool = &run->tool;
	char *hex = arena_zeroed(&tool->arena, 1, 33);

	if (!hex)
		return err_memory(&tool->err);
	if (checkpoint_read(&run->checkpoint, run->opt.model, &tool->err))
		return -1;
	digest_hex(run->checkpoint.digest, hex);
	options_show(&tool->options, "model", hex);
	if (run->recipe->texts && run->checkpoint.vocabulary.size == 0)
		return err_set(&tool->err, "%s: has no vocabulary, which %s needs; add one with `cc-model import --vocab FILE`",
			run->opt.model, run->recipe->name);
	return 0;
}

int run_load_model(struct run *run)
{
	if (run->opt.keys && read_keys(run))
		return -1;
	return run->opt.init ? new_model(run) : old_model(run);
}

int run_check_pixels(struct run *run)
{
	return run->opt.any_pixels ? 0
				   : model_pixels_check(&run->checkpoint.pixels, &run->tool.in.header,
					     run->opt.init ? run->opt.init : run->opt.model, &run->tool.err);
}

/* A model that records its caption templates keeps them, because its first and longest training used them.  Otherwise it takes
 * those of the data. */
int run_check_templates(struct run *run)
{
	const struct value *own = value_get(&run->checkpoint.header, "templates"), *data = value_get(&run->tool.in.header, "templates");
	struct templates ours = { 0 }, theirs = { 0 };
	struct tool *tool = &run->tool;
	int status = 0;

	if (templates_from_value(&ours, own, &tool->err) < 0)
		status = err_add(&tool->err, "%s: provenance", run->opt.model);
	else if (run->recipe->texts && templates_from_value(&theirs, data, &tool->err) < 0)
		status = err_add(&tool->err, "header");
	if (status == 0 && run->recipe->texts)
		tool_compare_templates(tool, "the data's captions were made with", &theirs, "the model was trained on captions of", &ours,
			"the model keeps its own for `cc-embed --prompts`");
	if (status == 0 && (own || (data && run->recipe->texts)) && value_copy(&run->templates, own ? own : data, &tool->arena))
		status = err_memory(&tool->err);
	templates_free(&ours);
	templates_free(&theirs);
	return status;
}

/* Class names from the stream's header, used without --classes. */
static int names_of_header(struct run *run)
{
	const struct value *names = value_get(&run->tool.in.header, "classes");
	struct classifier *classes = &run->classes;

	if (!names || names->kind != VALUE_ARRAY || names->list.count == 0)
		return err_set(&run->tool.err, "the stream's header has no class names; add them with `cc-shard read --folders` or "
					       "`cc-shard read --classes FILE`, or give --classes FILE");
	classes->count = names->list.count;
	classes->names = arena_zeroed(&classes->arena, classes->count, sizeof *classes->names);
	if (!classes->names)
		return err_memory(&run->tool.err);
	for (size_t i = 0; i < classes->count; i++)
		classes->names[i] = value_string_or(&names->list.items[i], "");
	return 0;
}

/* Checks that label i means the same class in the stream and in --classes. */
static int compare_names(struct run *run)
{
	const struct value *names = value_get(&run->tool.in.header, "classes");
	const struct classifier *classes = &run->classes;
	struct err *err = &run->tool.err;

	if (!names || names->kind != VALUE_ARRAY)
		return 0;
	if (names->list.count != classes->count)
		return err_set(err, "%s: has %zu classes, but the stream has %zu", run->opt.classes, classes->count, names->list.count);
	for (size_t i = 0; i < classes->count; i++) {
		struct span streamed = value_string_or(&names->list.items[i], "");
		if (!name_same(streamed, classes->names[i]))
			return err_set(err, "%s: class %zu is '%.*s', but in the stream it is '%.*s'", run->opt.classes, i,
				span_shown(classes->names[i], 255), (const char *)classes->names[i].data, span_shown(streamed, 255),
				(const char *)streamed.data);
	}
	return 0;
}

static int read_classes(struct run *run)
{
	const struct classifier *classes = &run->classes;
	size_t width = run->checkpoint.clip->config.embed_dim;
	struct err *err = &run->tool.err;
	char hex[33];

	if (classifier_read(&run->classes, run->opt.classes, &run->tool.limits, err))
		return -1;
	digest_hex(run->checkpoint.digest, hex);
	if (classes->model.size && !span_is(classes->model, hex))
		return err_set(err, "%s: made with another model than %s; make it again with `cc-embed -m %s --prompts`", run->opt.classes,
			run->opt.model, run->opt.model);
	if (classes->width != width)
		return err_set(err, "%s: its vectors have %zu numbers, but the model's have %zu", run->opt.classes, classes->width, width);
	if (classes->raw)
		return err_set(err, "%s: holds a head or raw features, not prompts; make it with `cc-embed --prompts`", run->opt.classes);
	return compare_names(run);
}

/* The header records a digest of the file in place of its path. */
static int show_classes(struct run *run)
{
	struct buf content = { 0 };
	int status = tool_option_file(&run->tool, "classes", run->opt.classes, &content);

	buf_free(&content);
	return status;
}

int run_load_head(struct run *run)
{
	struct err *err = &run->tool.err;

	if (!run->recipe->head)
		return 0;
	if (run->opt.classes ? read_classes(run) || show_classes(run) : names_of_header(run))
		return -1;
	if (run->classes.count == 1)
		return err_set(err, "there is only one class; a classifier needs at least two");
	if (head_init(&run->head, run->classes.count, run->checkpoint.clip->config.embed_dim, err))
		return -1;
	if (run->opt.classes)
		head_set_vectors(&run->head, run->classes.weights);
	return 0;
}

int run_schedule(struct run *run)
{
	struct train_options *train = &run->opt.train;
	struct tool *tool = &run->tool;
	uint64_t records, epochs = stream_epochs(&tool->in);
	bool known = stream_records(&tool->in, &records);

	run->feed.read_to_tail = train->steps == 0;
	if (train->steps == 0 && !known)
		return err_set(&tool->err,
			"the stream's header does not give the number of records, on which the learning rate depends; give --steps N");
	if (train->steps == 0 &&
		(run->recipe->end_of_epoch ? exclusions_steps(&run->exclusions, records, epochs, train->batch, &train->steps, &tool->err)
					   : schedule_steps(records, epochs, train->batch, &train->steps, &tool->err)))
		return -1;
	tool->progress.total = train->steps * train->batch;
	if (schedule_warmup(run->opt.warmup, train->steps, &train->warmup, &tool->err))
		return -1;
	if (train->warmup > train->steps)
		tool_warn(tool, "--warmup %llu is longer than the run of %llu steps, so the learning rate only reaches %g of %g",
			(unsigned long long)train->warmup, (unsigned long long)train->steps,
			schedule_rate(run->recipe->schedule, train->lr, train->warmup, train->steps, train->steps - 1), train->lr);
	if (train->lr == 0)
		tool_warn(tool, "--lr 0: the weights do not change");
	return 0;
}
