#include "tools/embed/embed.h"

#include "formats/dataset/classes.h"
#include "text/utf8.h"
#include "tools/cli/option_file.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* Class names, borrowed from the file's content. */
struct prompt_names {
	struct span *items;
	size_t count, capacity;
};

/* Names may repeat, as in ImageNet's own list: the class is its number. */
static int add_name(void *context, struct span name, struct err *err)
{
	struct prompt_names *names = context;

	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? 2 * names->capacity : 64;
		struct span *items = realloc(names->items, capacity * sizeof *items);
		if (!items)
			return err_memory(err);
		names->items = items;
		names->capacity = capacity;
	}
	names->items[names->count++] = name;
	return utf8_first_error(name) < name.size ? err_set(err, "not UTF-8") : 0;
}

/* sum: [embed_dim], of the normalised embeddings of the templates filled with name. */
static int sum_templates(struct embed *embed, const struct templates *templates, struct span name, double *sum)
{
	const struct clip_config *config = &embed->checkpoint.clip->config;
	size_t n = templates->count, context = config->text.context_length;
	int32_t *ids = arena_zeroed(&embed->arena, n * context, sizeof *ids);
	size_t *lengths = arena_zeroed(&embed->arena, n, sizeof *lengths);
	struct buf text = { 0 };
	int status = ids && lengths ? 0 : err_memory(&embed->tool.err);

	for (size_t i = 0; status == 0 && i < n; i++) {
		buf_clear(&text);
		template_fill(&text, templates->items[i], name);
		status = text.failed ? err_memory(&embed->tool.err)
				     : bpe_encode(&embed->checkpoint.bpe, buf_span(&text), ids + i * context, context, &lengths[i],
					       &embed->tool.err);
	}
	buf_free(&text);
	if (status)
		return -1;
	struct tensor *features = clip_encode_texts(&embed->tape, embed->checkpoint.clip, ids, lengths, n);
	features = op_l2_normalise(&embed->tape, features);
	if (!features)
		return err_memory(&embed->tool.err);
	for (size_t k = 0; k < config->embed_dim; k++) {
		sum[k] = 0;
		for (size_t i = 0; i < n; i++)
			sum[k] += (double)features->data[i * config->embed_dim + k];
	}
	return 0;
}

static void normalise(const double *sum, float *vector, size_t d)
{
	double squares = 0;

	for (size_t k = 0; k < d; k++)
		squares += sum[k] * sum[k];
	for (size_t k = 0; k < d; k++)
		vector[k] = squares > 0 ? (float)(sum[k] / sqrt(squares)) : 0;
}

static int write_class(struct embed *embed, size_t number, struct span name, const double *sum)
{
	size_t d = embed->checkpoint.clip->config.embed_dim;
	struct record record = { 0 };
	struct err *err = &embed->tool.err;
	char key[24];

	snprintf(key, sizeof key, "%zu", number);
	record.key = span_string(key);
	float *vector = NULL;
	int status = record_set_integer(&record, "cls", (int64_t)number, err) || record_set_string(&record, "txt", name, err) ||
				     !(vector = record_set_tensor(&record, "text.npy", "<f4", 1, &d, NULL, err))
			     ? -1
			     : 0;
	if (status == 0) {
		normalise(sum, vector, d);
		status = stream_write(&embed->tool.out, &record, err);
	}
	record_free(&record);
	return status;
}

static int write_classes(struct embed *embed, const struct prompt_names *names, const struct templates *templates)
{
	double *sum = calloc(embed->checkpoint.clip->config.embed_dim, sizeof *sum);
	int status = sum ? 0 : err_memory(&embed->tool.err);

	for (size_t i = 0; status == 0 && i < names->count; i++) {
		status = sum_templates(embed, templates, names->items[i], sum) || write_class(embed, i, names->items[i], sum);
		tape_reset(&embed->tape);
		progress_tick(&embed->tool.progress, i + 1, 0, "");
	}
	free(sum);
	return status ? -1 : 0;
}

static int write_header(struct embed *embed, const struct prompt_names *names, const struct templates *templates)
{
	struct tool *tool = &embed->tool;
	struct value classes = value_array();

	for (size_t i = 0; i < names->count; i++)
		value_push(&classes, value_span(names->items[i]), &tool->arena);
	value_set(&tool->in.header, "records", value_integer((int64_t)names->count), &tool->arena);
	value_set(&tool->in.header, "classes", classes, &tool->arena);
	value_set(&tool->in.header, "templates", templates_value(templates, &tool->arena), &tool->arena);
	progress_start(&tool->progress, tool->about->name, names->count, tool->quiet);
	return tool->arena.failed ? err_memory(&tool->err) : tool_write(tool);
}

/* Default: the templates of the captions that the model was trained on. */
static int choose_templates(struct embed *embed, struct buf *text, struct templates *templates)
{
	struct tool *tool = &embed->tool;
	struct templates own;

	if (templates_from_value(&own, value_get(&embed->checkpoint.header, "templates"), &tool->err) < 0)
		return err_add(&tool->err, "%s: provenance", embed->opt.model);
	if (!embed->opt.templates) {
		*templates = own;
		if (!own.count)
			templates_default(templates);
		return 0;
	}
	const int status = tool_option_templates(tool, embed->opt.templates, text, templates);
	if (status == 0)
		tool_compare_templates(tool, "--templates names", templates, "the model was trained on captions of", &own,
			"accuracy may be lower with these prompts");
	templates_free(&own);
	return status;
}

int embed_prompts(struct embed *embed)
{
	struct tool *tool = &embed->tool;
	struct buf classes = { 0 }, lines = { 0 };
	struct templates templates = { 0 };
	struct prompt_names names = { 0 };
	int status = tool_option_list(tool, "prompts", embed->opt.prompts, "a list of classes", &classes);

	if (status == 0 && classes_each_line(buf_span(&classes), add_name, &names, &tool->err))
		status = err_add(&tool->err, "%s", embed->opt.prompts);
	if (status == 0)
		status = choose_templates(embed, &lines, &templates);
	if (status == 0)
		status = write_header(embed, &names, &templates) || write_classes(embed, &names, &templates);
	templates_free(&templates);
	free(names.items);
	buf_free(&classes);
	buf_free(&lines);
	return status ? -1 : 0;
}
