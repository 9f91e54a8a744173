/* cc-model tensor: lists the tensors of a model file, or writes one as .npy. */
#include "core/float_types.h"
#include "formats/text/json.h"
#include "formats/tensor/npy.h"
#include "text/printable.h"
#include "formats/stream/file_kind.h"
#include "tools/cli/print.h"
#include "formats/model/checkpoint.h"
#include "formats/model/model_file.h"
#include "tools/model/verbs.h"
#include "formats/model/weights.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tensor_options {
	bool json;
};

static const struct option_spec options[] = {
	{ "json", OPTION_FLAG, offsetof(struct tensor_options, json), NULL, "list each tensor as a JSON object" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model tensor",
	.summary = "list the tensors of a model, or write one as .npy",
	.usage = "MODEL|CONFIG | MODEL NAME -o FILE.npy",
	.text = "Without NAME, prints name, type and shape of each tensor, separated by tabs (aligned on a terminal). MODEL is a safetensors or "
		"PyTorch file of any program; names are those in the file, and code in the file is never run. For a configuration, the tensors of "
		"its model are listed.\n\n"
		"With NAME, writes that tensor as NumPy's .npy, in C order and in its own type; BF16, which NumPy does not have, becomes float32.",
	.example = "cc-model tensor good.safetensors\n"
		   "cc-model tensor good.safetensors logit_scale -o logit_scale.npy\n",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 2,
	.files = 1,
};

/* safetensors' types and NumPy's names for them. */
static const struct {
	const char *type, *numpy;
} types[] = { { "F64", "<f8" }, { "F32", "<f4" }, { "F16", "<f2" }, { "BF16", "<f4" }, { "I64", "<i8" }, { "U64", "<u8" }, { "I32", "<i4" },
	{ "U32", "<u4" }, { "I16", "<i2" }, { "U16", "<u2" }, { "I8", "|i1" }, { "U8", "|u1" }, { "BOOL", "|b1" } };

static int set_type(struct field_tensor *tensor, const char *type, struct err *err)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].type, type) == 0) {
			strcpy(tensor->dtype, types[i].numpy);
			return 0;
		}
	return err_set(err, "has type %s, which NumPy does not support", type);
}

struct job {
	struct tool tool;
	struct tensor_options opt;
	struct weights weights;
	const char *name;
	bool found;
};

static bool is_wanted(void *context, const struct weight *weight)
{
	struct job *job = context;

	return span_is(weight->name, job->name);
}

/* Converts BF16 to float32. */
static int append_data(struct buf *out, const struct weight *weight, const void *data, size_t bytes, struct err *err)
{
	if (strcmp(weight->dtype, "BF16") != 0) {
		buf_append(out, data, bytes);
		return out->failed ? err_memory(err) : 0;
	}
	float *floats = malloc(bytes + 1);
	int status = floats ? floats_from(floats, data, bytes / sizeof *floats, weight->dtype) : err_memory(err);
	if (status == 0)
		buf_append(out, floats, bytes);
	free(floats);
	return status || out->failed ? err_memory(err) : 0;
}

static int take(void *context, const struct weight *weight, const void *data, struct err *err)
{
	struct job *job = context;
	struct field_tensor tensor = { .rank = weight->rank };
	struct buf out = { 0 };
	size_t bytes;

	if (weight->rank > RECORD_TENSOR_RANK)
		return err_set(err, "%s: %zu axes, more than %d", job->name, weight->rank, RECORD_TENSOR_RANK);
	for (size_t i = 0; i < weight->rank; i++)
		tensor.shape[i] = weight->shape[i];
	if (set_type(&tensor, weight->dtype, err) || field_tensor_bytes(&tensor, &bytes, err))
		return err_add(err, "%s", job->name);
	npy_write_head(&tensor, &out);
	int status = append_data(&out, weight, data, bytes, err) || tool_print(&job->tool, buf_span(&out));
	buf_free(&out);
	job->found = true;
	return status;
}

static int extract(struct job *job)
{
	struct tool *tool = &job->tool;
	const struct weights_sink sink = { .context = job, .wanted = is_wanted, .take = take };

	job->name = tool->arguments[1];
	if (!tool->output_path && isatty(STDOUT_FILENO))
		return tool_usage(tool, "standard output is a terminal, and .npy is binary; use -o FILE");
	if (weights_read(&job->weights, &sink, &tool->err))
		return -1;
	return job->found ? 0
			  : err_set(&tool->err, "%s: has no tensor '%s' (`cc-model tensor %s` lists them)", tool->arguments[0], job->name,
				    tool->arguments[0]);
}

static int list_one(struct job *job, struct buf *out, struct span name, const char *type, size_t rank, const size_t *shape)
{
	struct value map = value_map(), sides = value_array();
	struct arena *arena = &job->tool.arena;

	if (!job->opt.json) {
		append_printable(out, name);
		buf_append_byte(out, '\t');
		append_printable(out, span_string(type));
		buf_append_byte(out, '\t');
		for (size_t i = 0; i < rank; i++)
			buf_printf(out, "%s%zu", i ? "x" : "", shape[i]);
		buf_append_string(out, rank ? "\n" : "-\n");
		return 0;
	}
	for (size_t i = 0; i < rank; i++)
		value_push(&sides, value_integer((int64_t)shape[i]), arena);
	value_set(&map, "name", value_span(name), arena);
	value_set(&map, "type", value_string(type), arena);
	value_set(&map, "shape", sides, arena);
	int status = arena->failed ? err_memory(&job->tool.err) : json_write(&map, out, &job->tool.err);
	buf_append_byte(out, '\n');
	return status;
}

static int list_weights(struct job *job, struct buf *out)
{
	for (size_t i = 0; i < job->weights.count; i++) {
		const struct weight *weight = &job->weights.items[i];
		if (list_one(job, out, weight->name, weight->dtype, weight->rank, weight->shape))
			return -1;
	}
	return 0;
}

static int list_config(struct job *job, struct buf *out)
{
	struct tool *tool = &job->tool;
	struct checkpoint checkpoint = { 0 };
	size_t shape[TENSOR_RANK];
	struct model_file file;

	int status = model_file_read(&file, tool->arguments[0], &tool->err);
	if (status == 0 && checkpoint_new(&checkpoint, buf_span(&file.config), buf_span(&file.vocabulary), &tool->err))
		status = err_add(&tool->err, "%s", tool->arguments[0]);
	for (size_t i = 0; status == 0 && i < checkpoint.clip->parameters.count; i++) {
		const struct parameter *parameter = &checkpoint.clip->parameters.items[i];
		parameter_shape(parameter, shape);
		status = list_one(job, out, span_string(parameter->name), "F32", parameter->tensor->rank, shape);
	}
	for (size_t i = 0; status == 0 && i < checkpoint.clip->parameters.counter_count; i++)
		status = list_one(job, out, span_string(checkpoint.clip->parameters.counters[i]), "I64", 0, NULL);
	model_file_free(&file);
	checkpoint_free(&checkpoint);
	return status;
}

static int list(struct job *job, bool config)
{
	struct buf out = { 0 };

	int status = config ? list_config(job, &out) : list_weights(job, &out);
	if (!job->opt.json && tool_prints_to_terminal(&job->tool))
		text_table_align(&out, (const struct text_table_column[3]){ { 0 } }, 3);
	if (status == 0)
		status = out.failed ? err_memory(&job->tool.err) : tool_print(&job->tool, buf_span(&out));
	buf_free(&out);
	return status;
}

static int run(struct job *job)
{
	struct tool *tool = &job->tool;
	const char *path = tool->arguments[0];
	bool config = false;

	if (model_file_is_config(path, &config, &tool->err))
		return -1;
	if (config && tool->argument_count > 1)
		return err_set(&tool->err, "%s: a configuration, which has no tensor data", path);
	if (!config && weights_open(&job->weights, path, &tool->err))
		return -1;
	return tool->argument_count > 1 ? extract(job) : list(job, config);
}

int model_tensor(int argc, char **argv)
{
	struct job job = { 0 };
	int status = tool_start(&job.tool, &about, &job.opt, argc, argv) || run(&job);

	weights_close(&job.weights);
	return status ? tool_fail(&job.tool) : tool_finish(&job.tool);
}
