#include "formats/stream/facts.h"
#include "formats/tar/member_name.h"
#include "tools/cli/option_file.h"
#include "tools/score/score.h"

#include <string.h>
#include <xxhash.h>

static struct span header_model(const struct score *score)
{
	return value_string_or(value_get(&score->tool.in.header, "model"), "");
}

static int check_model(struct score *score)
{
	const struct span ours = header_model(score), theirs = score->classes.model;
	const char *path = score->options.classes;

	if (ours.size && theirs.size && !span_equal(ours, theirs))
		return err_set(&score->tool.err, "%s: made with model %.*s, but the embeddings come from %.*s", path, (int)theirs.size,
			(const char *)theirs.data, (int)ours.size, (const char *)ours.data);
	if (!ours.size || !theirs.size)
		tool_say(&score->tool, "the %s do not record their model; cannot check that both are of the same model",
			!ours.size ? "embeddings" : "classes");
	return 0;
}

static int check_names(struct score *score)
{
	const struct value *names = value_get(&score->tool.in.header, "classes");
	const struct classifier *classes = &score->classes;
	struct err *err = &score->tool.err;

	if (!names || names->kind != VALUE_ARRAY)
		return 0;
	if (names->list.count != classes->count)
		return err_set(err, "%s: %zu classes, but the stream has %zu", score->options.classes, classes->count, names->list.count);
	for (size_t i = 0; i < classes->count; i++) {
		struct span name = value_string_or(&names->list.items[i], "");
		if (!name_same(name, classes->names[i]))
			return err_set(err, "%s: class %zu is '%.*s', but in the stream '%.*s'", score->options.classes, i,
				(int)classes->names[i].size, (const char *)classes->names[i].data, (int)name.size, (const char *)name.data);
	}
	return 0;
}

static int check_features(struct score *score)
{
	if (score->classes.raw && !value_bool_or(value_get(&score->tool.in.header, "raw"), false))
		return err_set(&score->tool.err, "%s: a head needs embeddings that are not normalised; use `cc-embed --raw`",
			score->options.classes);
	return 0;
}

/* Warns if prompts and captions differ in style, which lowers the score.  A head has no prompts. */
static int check_templates(struct score *score)
{
	struct templates prompts = { 0 }, data = { 0 };
	struct tool *tool = &score->tool;
	int status = 0;

	if (score->classes.bias)
		return 0;
	if (templates_from_value(&prompts, value_get(&score->classes.header, "templates"), &tool->err) < 0)
		status = err_add(&tool->err, "%s: header", score->options.classes);
	else if (templates_from_value(&data, value_get(&tool->in.header, "templates"), &tool->err) < 0)
		status = err_add(&tool->err, "header");
	else
		tool_compare_templates(tool, "the classes were made with", &prompts, "the data's captions with", &data,
			"the score may be lower than with the templates of the data");
	templates_free(&prompts);
	templates_free(&data);
	return status;
}

int protocol_check(struct score *score)
{
	return check_model(score) || check_names(score) || check_features(score) || check_templates(score) ? -1 : 0;
}

static struct value text_or_null(struct span text)
{
	return text.size ? value_span(text) : (struct value){ .kind = VALUE_NULL };
}

static struct value hex_value(struct digest digest, struct arena *arena)
{
	char hex[33];

	digest_hex(digest, hex);
	const char *copy = arena_string(arena, hex, 32);
	return copy ? value_string(copy) : (struct value){ .kind = VALUE_NULL };
}

/* XXH3-128 of the names, each followed by a NUL, and, if numbers is set, of weights and biases. */
static struct digest classes_digest(const struct classifier *classes, bool numbers)
{
	XXH3_state_t *state = XXH3_createState();
	struct digest digest = { 0 };

	if (!state) {
		memory_set_failed();
		return digest;
	}
	XXH3_128bits_reset(state);
	for (size_t i = 0; i < classes->count; i++) {
		XXH3_128bits_update(state, classes->names[i].data, classes->names[i].size);
		XXH3_128bits_update(state, "", 1);
	}
	if (numbers) {
		XXH3_128bits_update(state, classes->weights, classes->count * classes->width * sizeof *classes->weights);
		if (classes->bias)
			XXH3_128bits_update(state, classes->bias, classes->count * sizeof *classes->bias);
	}
	XXH128_hash_t hash = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	return (struct digest){ hash.high64, hash.low64 };
}

/* For headers without templates: before 0.2 only prog listed them. */
static struct value unnamed_templates(const struct value *header)
{
	bool made;
	const struct value *templates = fact_old_templates(value_get(header, "prog"), &made);

	return templates ? *templates : made ? value_string("CLIP's 80 for ImageNet") : (struct value){ .kind = VALUE_NULL };
}

/* The templates of the class prompts: CLIP's, or the digest of a template file. */
static struct value templates_of(const struct value *header, struct arena *arena)
{
	struct templates templates, clip;
	struct buf text = { 0 };
	struct err err;
	char digest[] = "xxh3:00000000000000000000000000000000";

	if (templates_from_value(&templates, value_get(header, "templates"), &err) <= 0)
		return unnamed_templates(header);
	templates_default(&clip);
	const bool clips = templates_equal(&templates, &clip);
	for (size_t i = 0; i < templates.count; i++) {
		buf_append_span(&text, templates.items[i]);
		buf_append_byte(&text, '\n');
	}
	XXH128_hash_t hash = XXH3_128bits(text.data, text.size);
	digest_hex((struct digest){ hash.high64, hash.low64 }, digest + 5);
	const char *copy = text.failed ? NULL : arena_string(arena, digest, strlen(digest));
	templates_free(&templates);
	buf_free(&text);
	return clips ? value_string("CLIP's 80 for ImageNet") : copy ? value_string(copy) : (struct value){ .kind = VALUE_NULL };
}

static struct value describe_classes(struct score *score)
{
	const struct classifier *classes = &score->classes;
	const struct value *prog = value_get(&classes->header, "prog");
	struct arena *arena = &score->tool.arena;
	struct value about = value_map();

	value_set(&about, "kind", value_string(classes->bias ? "head" : "prompts"), arena);
	value_set(&about, "count", value_integer((int64_t)classes->count), arena);
	value_set(&about, "names", hex_value(classes_digest(classes, false), arena), arena);
	value_set(&about, "vectors", hex_value(classes_digest(classes, true), arena), arena);
	value_set(&about, "templates", classes->bias ? text_or_null(span_of(NULL, 0)) : templates_of(&classes->header, arena), arena);
	value_set(&about, "prog", prog ? *prog : value_array(), arena);
	return about;
}

int protocol_note(struct score *score)
{
	struct tool *tool = &score->tool;
	struct report *report = &score->report;

	const struct value *preprocessing = fact_pixels_options(&tool->in.header);

	report->model = text_or_null(header_model(score));
	report->poisoned = fact_poisoned(&tool->in.header);
	if (preprocessing)
		report_setting(report, "preprocessing", *preprocessing);
	if (score->metric->classifies) {
		report->classes = describe_classes(score);
		if (tool->arena.failed)
			return err_memory(&tool->err);
		options_show(&tool->options, "classes", (const char *)value_get(&report->classes, "vectors")->string.data);
	}
	if (tool_append_prog(tool, &tool->in.header))
		return -1;
	report->prog = *value_get(&tool->in.header, "prog");
	return 0;
}

int protocol_finish(struct score *score)
{
	struct tool *tool = &score->tool;
	struct report *report = &score->report;

	if (tool->in.tail.has_digest)
		report->dataset = hex_value(tool->in.tail.digest, &tool->arena);
	if (bad_merge(&tool->in.tail.bad, &tool->bad_reasons, &tool->arena))
		return err_memory(&tool->err);
	report->bad = tool->in.tail.bad;
	tool->bad_reasons = value_map();
	if (!value_get(&report->settings, "interval"))
		report_setting(report, "interval", value_string("Wilson, 95 %"));
	return tool->arena.failed ? err_memory(&tool->err) : 0;
}
