#include "formats/dataset/caption_rule.h"

#include "formats/text/captions.h"
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

/* Where txt is split into lines, a caption that has several is one all the same. */
static void join_lines(struct buf *text)
{
	for (size_t i = 0; i < text->size; i++)
		if (text->data[i] == '\n' || text->data[i] == '\r')
			text->data[i] = ' ';
}

static int store(struct caption_rule *rule, struct record *record, size_t count, struct err *err)
{
	struct captions captions = { .count = 1, .items = { buf_span(&rule->text) } };

	if (count == 0)
		return err_set(err, "json: '%s' is an empty caption", rule->json);
	if (count > 1 && captions_from_lines(&captions, buf_span(&rule->text), err))
		return -1;
	if (count == 1 && rule->lines)
		join_lines(&rule->text);
	return record_set_captions(record, &captions, err) ? -1 : 1;
}

static int take_from_json(struct caption_rule *rule, struct record *record, struct err *err)
{
	const struct field *field = record_find(record, "json");
	const bool text = field && (field->kind == FIELD_BYTES || field->kind == FIELD_STRING);
	struct value json;
	size_t count;

	if (!text)
		return err_set(err, "json: the record has no such field, where --caption-json looks for its caption");
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

static bool has_caption(const struct record *record)
{
	struct captions captions;
	struct err none;

	return record_captions(record, &captions, &none) == 0;
}

int caption_rule_apply(struct caption_rule *rule, struct record *record, struct err *err)
{
	const int taken = rule->json && !has_caption(record) ? take_from_json(rule, record, err) : 0;
	const int split = taken == 0 && rule->lines ? split_lines(record, err) : 0;

	return taken ? taken : split;
}

void caption_rule_free(struct caption_rule *rule)
{
	arena_free(&rule->arena);
	buf_free(&rule->text);
}
