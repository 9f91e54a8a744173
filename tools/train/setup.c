#include "tools/train/run.h"

#include "formats/tar/member_name.h"
#include "tools/cli/option_file.h"
#include "formats/model/model_file.h"
#include "formats/model/model_pixels.h"
#include "formats/dataset/record_filter.h"
#include "train/schedule.h"

#include <stdlib.h>
#include <string.h>

static int parse_betas(struct run *run)
{
	struct train_options *how = &run->opt.how;
	char *end;

	if (!run->opt.betas)
		return 0;
	how->beta1 = strtod(run->opt.betas, &end);
	how->beta2 = *end == ',' ? strtod(end + 1, &end) : -1;
	if (*end || !(how->beta1 >= 0 && how->beta1 < 1 && how->beta2 >= 0 && how->beta2 < 1))
		return tool_usage(&run->tool, "--betas: '%s' is not two numbers from 0 to below 1 like .9,.98", run->opt.betas);
	return 0;
}

static int parse_freeze(struct run *run)
{
	static const struct {
		const char *name;
		unsigned part; /* 0: bn, which is in several */
	} parts[] = { { "image", PART_IMAGE }, { "text", PART_TEXT }, { "logit_scale", PART_LOGIT_SCALE }, { "bn", 0 } };
	enum { COUNT = sizeof parts / sizeof *parts };

	for (size_t i = 0; i < run->opt.freeze.count; i++) {
		size_t k = 0;
		while (k < COUNT && strcmp(parts[k].name, run->opt.freeze.items[i]) != 0)
			k++;
		if (k == COUNT)
			return tool_usage(
				&run->tool, "--freeze: '%s' is not one of: image, text, logit_scale, bn", run->opt.freeze.items[i]);
		run->opt.how.frozen |= parts[k].part;
		run->opt.how.frozen_bn |= parts[k].part == 0;
	}
	return 0;
}

static int parse_exclusions(struct run *run)
{
	struct tool *tool = &run->tool;

	exclusions_init(&run->exclusions, run->recipe, run->opt.how.numbers);
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
			       ? tool_usage(tool, "give either --init CONFIG, for a new model, or -m MODEL, to continue from one")
			       : tool_usage(tool, "%s continues from a model: give -m MODEL", run->recipe->name);
	if (run->opt.vocabulary && !run->opt.init)
		return tool_usage(tool, "--vocab belongs to --init: a model has its own vocabulary");
	if (run->opt.init && run->recipe->texts && !run->opt.vocabulary)
		return tool_usage(tool, "--init needs --vocab FILE: `cc-model vocab` learns one from captions");
	if (!run->recipe->head && run->opt.how.batch == 1)
		return tool_usage(tool, "--batch 1: a contrastive loss of one pair is always 0; use 2 or more");
	if (run->opt.how.accumulate && run->opt.how.batch % run->opt.how.accumulate)
		return tool_usage(tool, "--accumulate: a batch of %llu cannot be cut into %llu equal pieces",
			(unsigned long long)run->opt.how.batch, (unsigned long long)run->opt.how.accumulate);
	if (!tool->output_path || strcmp(tool->output_path, "-") == 0)
		return tool_usage(tool, "-o FILE is missing: where the model goes");
	if (schedule_warmup(run->opt.warmup, 0, &warmup, &tool->err)) {
		struct err why = tool->err;
		return tool_usage(tool, "--warmup: %s", why.text);
	}
	return parse_betas(run) || parse_freeze(run) || parse_exclusions(run) ? -1 : 0;
}

/* The known pairs. */
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

/* The model's digest stands for its path in the header. */
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
		return err_set(&tool->err, "%s: has no vocabulary, which %s needs (`cc-model import --vocab FILE` gives it one)",
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

/* A model keeps the templates that it names: its first and longest training was on their captions.  One that names none takes those of
 * the data. */
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

/* The names of the stream's header, where nothing else names them. */
static int names_of_header(struct run *run)
{
	const struct value *names = value_get(&run->tool.in.header, "classes");
	struct classifier *classes = &run->classes;

	if (!names || names->kind != VALUE_ARRAY || names->list.count == 0)
		return err_set(&run->tool.err, "no class names: the stream's header has none (`cc-shard read --folders` or "
					       "`--classes FILE` puts them there), and there is no --classes");
	classes->count = names->list.count;
	classes->names = arena_zeroed(&classes->arena, classes->count, sizeof *classes->names);
	if (!classes->names)
		return err_memory(&run->tool.err);
	for (size_t i = 0; i < classes->count; i++)
		classes->names[i] = value_string_or(&names->list.items[i], "");
	return 0;
}

/* Label i means the same in the stream and in the file. */
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
		struct span there = value_string_or(&names->list.items[i], "");
		if (!name_same(there, classes->names[i]))
			return err_set(err, "%s: class %zu is '%.*s', but in the stream it is '%.*s'", run->opt.classes, i,
				span_shown(classes->names[i], 255), (const char *)classes->names[i].data, span_shown(there, 255),
				(const char *)there.data);
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
		return err_set(err, "%s: was made by another model than %s: make it anew with `cc-embed -m %s --prompts`", run->opt.classes,
			run->opt.model, run->opt.model);
	if (classes->width != width)
		return err_set(err, "%s: vectors of %zu numbers, but the model's have %zu", run->opt.classes, classes->width, width);
	if (classes->raw)
		return err_set(err, "%s: holds a head or raw features; what is wanted are prompts", run->opt.classes);
	return compare_names(run);
}

/* In the place of its path the header shows what the file holds. */
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
		return err_set(err, "there is one class: a classifier of one class has nothing to learn");
	if (head_init(&run->head, run->classes.count, run->checkpoint.clip->config.embed_dim, err))
		return -1;
	if (run->opt.classes)
		head_set_vectors(&run->head, run->classes.weights);
	return 0;
}

int run_schedule(struct run *run)
{
	struct train_options *how = &run->opt.how;
	struct tool *tool = &run->tool;
	uint64_t records, epochs = stream_epochs(&tool->in);
	bool known = stream_records(&tool->in, &records);

	run->feed.to_the_end = how->steps == 0;
	if (how->steps == 0 && !known)
		return err_set(&tool->err, "the stream does not say how many records come, on which the learning rate depends: give "
					   "--steps N");
	if (how->steps == 0 &&
		(run->recipe->end_of_epoch ? exclusions_steps(&run->exclusions, records, epochs, how->batch, &how->steps, &tool->err)
					   : schedule_steps(records, epochs, how->batch, &how->steps, &tool->err)))
		return -1;
	tool->progress.total = how->steps * how->batch;
	if (schedule_warmup(run->opt.warmup, how->steps, &how->warmup, &tool->err))
		return -1;
	if (how->warmup > how->steps)
		tool_warn(tool, "--warmup %llu is longer than the run of %llu steps: the rate only reaches %g of %g",
			(unsigned long long)how->warmup, (unsigned long long)how->steps,
			schedule_rate(run->recipe->schedule, how->lr, how->warmup, how->steps, how->steps - 1), how->lr);
	if (how->lr == 0)
		tool_warn(tool, "--lr 0: the weights stay as they are");
	return 0;
}
