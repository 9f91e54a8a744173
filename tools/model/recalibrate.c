/* cc-model recalibrate: new running statistics for batch norms. */
#include "clip/arithmetic.h"
#include "formats/model/checkpoint.h"
#include "formats/model/model_pixels.h"
#include "formats/training/record_batch.h"
#include "nn/gemm.h"
#include "tools/model/verbs.h"
#include "tools/cli/tool.h"

#include <stdlib.h>

struct recalibrate_options {
	const char *model;
	uint64_t batch;
	bool any_pixels;
};

#define AT(member) offsetof(struct recalibrate_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "MODEL", "model to recalibrate", 'm', .records = true, .input = true },
	{ "batch", OPTION_COUNT, AT(batch), "N", "number of records per batch, at least 2 (default 64)", 'b', .records = true, .min = 2,
		.max = 65536 },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL, "accept pixels that were not preprocessed as the model's configuration asks",
		.records = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model recalibrate",
	.summary = "compute the running statistics of batch norms from images",
	.usage = "-m MODEL -o FILE [OPTION]... [RECORDS]",
	.text = "The images pass through the image tower in training mode, batch by batch, without an update of its parameters. The running means "
		"and variances of its batch norms become the averages over all batches, as torch.optim.swa_utils.update_bn computes them. After "
		"`cc-model mix`, or after fine-tuning on few images, the statistics in the model fit its parameters only approximately.\n\n"
		"Records of a last batch that is not full are not used, unless it is the only one. Only models with batch norms (ResNets) have running "
		"statistics.",
	.example =
		"cc-shard read --shuffle --take 12800 clean.tar | cc-augment --size 32 | cc-model recalibrate -m mixed.safetensors -o model.safetensors\n",
	.options = options,
	.arguments_max = 1,
};

struct recalibrate {
	struct tool tool;
	struct recalibrate_options opt;
	struct checkpoint checkpoint;
	struct recalibration recalibration;
	struct pool *pool;
	struct arena arena; /* of the tape */
	struct tape tape;
	uint8_t *pixels; /* [batch, image_size, image_size, 3] */
	size_t count;    /* images in it */
};

static int open_model(struct recalibrate *job)
{
	struct tool *tool = &job->tool;
	char *hex = arena_zeroed(&tool->arena, 1, 33);

	if (!hex)
		return err_memory(&tool->err);
	if (checkpoint_read(&job->checkpoint, job->opt.model, &tool->err))
		return -1;
	if (parameters_check_finite(&job->checkpoint.clip->parameters, &tool->err) ||
		recalibration_init(&job->recalibration, job->checkpoint.clip, &tool->err))
		return err_add(&tool->err, "%s", job->opt.model);
	digest_hex(job->checkpoint.digest, hex);
	options_show(&tool->options, "model", hex);
	gemm_init(); /* before there are threads */
	job->pool = pool_new((size_t)tool->jobs, &tool->err);
	job->tape = (struct tape){ .pool = job->pool, .arena = &job->arena };
	return job->pool ? 0 : -1;
}

static size_t bytes_of_image(const struct recalibrate *job)
{
	const size_t side = job->checkpoint.clip->config.vision.image_size;

	return 3 * side * side;
}

static int add_batch(struct recalibrate *job)
{
	if (recalibration_add(&job->recalibration, &job->tape, job->pixels, job->count))
		return err_set(&job->tool.err, "a batch of %zu images does not fit into memory; use a smaller --batch", job->count);
	job->count = 0;
	return 0;
}

static int put_record(struct recalibrate *job, const struct record *record)
{
	struct err *err = &job->tool.err;
	const size_t side = job->checkpoint.clip->config.vision.image_size;

	switch (record_batch_pixels(record, "rgb.npy", side, job->pixels + job->count * bytes_of_image(job), err)) {
	case PUT_BAD: return tool_bad(&job->tool, record->key, err->text);
	case PUT_FAILED: return err_add(err, "%.*s", span_shown(record->key, 200), (const char *)record->key.data);
	default: break;
	}
	return ++job->count < job->opt.batch ? 0 : add_batch(job);
}

static int read_records(struct recalibrate *job)
{
	struct record record = { 0 };
	int state;

	job->pixels = calloc(job->opt.batch, bytes_of_image(job));
	if (!job->pixels)
		return err_set(
			&job->tool.err, "a batch of %zu images does not fit into memory; use a smaller --batch", (size_t)job->opt.batch);
	while ((state = tool_next(&job->tool, &record)) > 0)
		if (state != STREAM_EPOCH && put_record(job, &record)) {
			state = -1;
			break;
		}
	record_free(&record);
	if (state == 0 && job->recalibration.batches == 0 && job->count > 1)
		state = add_batch(job);
	if (state == 0 && job->recalibration.batches == 0)
		return err_set(&job->tool.err, "at least 2 images are needed");
	return state;
}

/* The model's own provenance, inside that of the images. */
static int set_header(struct recalibrate *job)
{
	struct arena *arena = &job->tool.arena;
	const struct value *templates = value_get(&job->checkpoint.header, "templates");
	struct value header = value_map();

	value_set(&header, "cc", value_integer(1), arena);
	value_set(&header, "model", checkpoint_origin(&job->checkpoint, arena), arena);
	if (templates)
		value_set(&header, "templates", *templates, arena);
	if (value_get(&job->tool.in.header, "prog"))
		value_set(&header, "prog", *value_get(&job->tool.in.header, "prog"), arena);
	if (arena->failed || tool_append_prog(&job->tool, &header))
		return err_memory(&job->tool.err);
	job->checkpoint.header = header;
	return 0;
}

static int run(struct recalibrate *job)
{
	struct tool *tool = &job->tool;

	if (!job->opt.model)
		return tool_usage(tool, "-m MODEL is missing");
	if (!tool->output_path)
		return tool_usage(tool, "-o FILE is missing");
	if (open_model(job) || tool_read(tool))
		return -1;
	if (!job->opt.any_pixels && model_pixels_check(&job->checkpoint.pixels, &tool->in.header, job->opt.model, &tool->err))
		return -1;
	if (tool_output(tool, FILE_CHECKPOINT) || read_records(job))
		return -1;
	recalibration_finish(&job->recalibration);
	return set_header(job) || checkpoint_write(&job->checkpoint, tool->output.fd, &tool->err);
}

int model_recalibrate(int argc, char **argv)
{
	struct recalibrate job = { .opt = { .batch = 64 } };
	const int status = tool_start(&job.tool, &about, &job.opt, argc, argv) || run(&job);

	free(job.pixels);
	recalibration_free(&job.recalibration);
	checkpoint_free(&job.checkpoint);
	arena_free(&job.arena);
	pool_free(job.pool);
	return status ? tool_fail(&job.tool) : tool_finish(&job.tool);
}
