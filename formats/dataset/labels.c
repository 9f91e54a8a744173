#include "formats/dataset/labels.h"

#include "core/rng.h"
#include "formats/text/captions.h"
#include "formats/tar/field_file.h"
#include "formats/text/json.h"

#include <string.h>

enum { NAMES_SHOWN = 12, NAME_MOST = 40 };

static int missing(const struct value *json, const char *path, struct err *err)
{
	struct buf names = { 0 };

	for (size_t i = 0; json->kind == VALUE_MAP && i < json->list.count && i < NAMES_SHOWN; i++) {
		const struct span name = json->list.items[2 * i].string;
		buf_printf(&names, "%s%.*s", i ? ", " : "", span_shown(name, NAME_MOST), (const char *)name.data);
	}
	if (json->kind == VALUE_MAP && json->list.count > NAMES_SHOWN)
		buf_append_string(&names, ", ...");
	err_set(err, "json: '%s' not found (names: %s)", path, buf_string(&names));
	buf_free(&names);
	return -1;
}

static int store(struct caption_rule *rule, struct record *record, size_t count, struct err *err)
{
	struct captions captions = { .count = 1, .items = { buf_span(&rule->text) } };

	if (count == 0)
		return err_set(err, "json: '%s' is an empty caption", rule->json);
	if (count > 1 && captions_from_lines(&captions, buf_span(&rule->text), err))
		return -1;
	if (count == 1 && rule->lines)
		caption_join_lines(&rule->text);
	return record_set_captions(record, &captions, err) ? -1 : 1;
}

static int take_from_json(struct caption_rule *rule, struct record *record, struct err *err)
{
	const struct field *field = record_find(record, "json");
	const bool text = field && (field->kind == FIELD_BYTES || field->kind == FIELD_STRING);
	struct value json;
	size_t count;

	if (!text)
		return err_set(err, "the record has no field json to take its caption from (--caption-json)");
	arena_reset(&rule->arena);
	buf_clear(&rule->text);
	if (json_read(field->bytes, &rule->limits, &rule->arena, &json, err))
		return err_add(err, "json");
	const struct value *caption = value_path(&json, rule->json);
	if (!caption)
		return missing(&json, rule->json, err);
	if (captions_from_value(caption, &rule->text, &count, err))
		return err_add(err, "json: %s", rule->json);
	return store(rule, record, count, err);
}

static int split_lines(struct record *record, struct err *err)
{
	const struct field *field = record_find(record, "txt");
	struct captions captions;

	if (!field || field->kind != FIELD_STRING || !memchr(field->bytes.data, '\n', field->bytes.size))
		return 0;
	if (captions_from_lines(&captions, field->bytes, err))
		return -1;
	if (captions.count < 2)
		return 0;
	return record_set_captions(record, &captions, err) ? -1 : 2;
}

static bool has_captions(const struct record *record)
{
	struct captions captions;
	struct err none;

	return record_captions(record, &captions, &none) == 0;
}

int caption_rule_apply(struct caption_rule *rule, struct record *record, struct err *err)
{
	const int taken = rule->json && !has_captions(record) ? take_from_json(rule, record, err) : 0;
	const int split = taken == 0 && rule->lines ? split_lines(record, err) : 0;

	return taken ? taken : split;
}

void caption_rule_free(struct caption_rule *rule)
{
	arena_free(&rule->arena);
	buf_free(&rule->text);
}

/* otherwise: how the error describes a name that is not a class. */
static int set_class(struct labels *labels, struct record *record, struct span name, const char *otherwise, struct err *err)
{
	uint64_t number[2];
	const size_t found = classes_find(&labels->classes, name, number);

	if (found == 0)
		return err_set(err, "cls: '%.*s' is %s", span_shown(name, 256), (const char *)name.data, otherwise);
	if (found > 1)
		return err_set(err, "cls: '%.*s' is the name of classes %llu and %llu; use the number", span_shown(name, 256),
			(const char *)name.data, (unsigned long long)number[0], (unsigned long long)number[1]);
	return record_set_integer(record, "cls", (int64_t)number[0], err) ? -1 : 1;
}

static int add_class(struct labels *labels, struct record *record, struct err *err)
{
	const struct span name = class_of_key(record->key);

	if (!name.size)
		return err_set(err, "cls: the key has no folder to take the class from (--folders)");
	return set_class(labels, record, name, "not a class", err);
}

static int add_number(struct labels *labels, struct record *record, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	int64_t integer;

	if (!cls || (cls->kind != FIELD_BYTES && cls->kind != FIELD_STRING))
		return 0;
	const int parsed = label_parse(cls->bytes, &integer);
	if (parsed < 0)
		return err_set(err, "cls: '%.*s' is not an integer", span_shown(cls->bytes, 64), (const char *)cls->bytes.data);
	if (parsed > 0)
		return record_set_integer(record, "cls", integer, err) ? -1 : 1;
	return labels->by_name ? set_class(labels, record, cls->bytes, "neither an integer nor a class", err) : 0;
}

/* The choice of template depends on the key, so a record has the same caption in every epoch. */
static int add_caption(struct labels *labels, struct record *record, struct err *err)
{
	const size_t count = labels->classes.names.count;
	int64_t label;

	if (!record_find(record, "cls"))
		return err_set(err, "txt: the record has no cls to make a caption of");
	if (record_label(record, &label, err))
		return -1;
	if (label < 0 || (uint64_t)label >= count)
		return err_set(err, "txt: cls is %lld, but only %zu classes have names", (long long)label, count);
	struct rng rng = rng_for(labels->seed, record->key, 0, "caption");
	struct span template = labels->templates.items[rng_below(&rng, (uint32_t)labels->templates.count)];
	buf_clear(&labels->caption);
	template_fill(&labels->caption, template, span_string(classes_shown(&labels->classes, (size_t)label)));
	if (labels->caption.failed)
		return err_memory(err);
	return record_set_string(record, "txt", buf_span(&labels->caption), err) ? -1 : 1;
}

static bool has_caption(const struct record *record)
{
	const struct field *txt = record_find(record, "txt");

	return txt && !((txt->kind == FIELD_STRING || txt->kind == FIELD_BYTES) && caption_is_blank(txt->bytes));
}

int labels_add(struct labels *labels, struct record *record, struct err *err)
{
	const int numbered = labels->folders ? add_class(labels, record, err) : add_number(labels, record, err);
	if (numbered < 0)
		return -1;
	const int changed = caption_rule_apply(&labels->captions, record, err);
	if (changed < 0)
		return -1;
	const int added = numbered ? numbered : changed;
	if (!labels->templates.count)
		return added;
	if (has_caption(record)) {
		labels->captioned++;
		return added;
	}
	return add_caption(labels, record, err);
}

void labels_free(struct labels *labels)
{
	classes_free(&labels->classes);
	templates_free(&labels->templates);
	buf_free(&labels->caption);
	caption_rule_free(&labels->captions);
}
