#include "clip/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_count(size_t *count, const struct config_field *field, const struct value *value, struct err *err)
{
	int64_t number = value_integer_or(value, -1);

	if (number < 0 || (uint64_t)number < field->least || (uint64_t)number > field->most)
		return err_set(err, "%s: must be a whole number from %zu to %zu", field->name, field->least, field->most);
	*count = (size_t)number;
	return 0;
}

static int read_counts(size_t counts[CLIP_STAGES], const struct config_field *field, const struct value *value, struct err *err)
{
	if (value->kind != VALUE_ARRAY || value->list.count < 1 || value->list.count > CLIP_STAGES)
		return err_set(err, "%s: must be a list of 1 to %d numbers", field->name, CLIP_STAGES);
	memset(counts, 0, CLIP_STAGES * sizeof *counts);
	for (size_t i = 0; i < value->list.count; i++)
		if (read_count(&counts[i], field, &value->list.items[i], err))
			return -1;
	return 0;
}

static int read_ratio(double *ratio, const struct config_field *field, const struct value *value, struct err *err)
{
	double number = value_real_or(value, NAN);

	if (!(number >= (double)field->least && number <= (double)field->most))
		return err_set(err, "%s: must be a number from %zu to %zu", field->name, field->least, field->most);
	*ratio = number;
	return 0;
}

static int check_only(const struct config_field *field, const struct value *value, struct err *err)
{
	char *end;
	double number = strtod(field->only, &end);
	bool same = *end ? span_is(value_string_or(value, ""), field->only) : value_real_or(value, NAN) == number;

	return same ? 0 : err_set(err, "%s: only %s is computed here", field->name, field->only);
}

static int read_field(void *part, const struct config_field *field, const struct value *value, struct err *err)
{
	void *variable = (char *)part + field->offset;

	switch (field->kind) {
	case CONFIG_COUNT: return read_count(variable, field, value, err);
	case CONFIG_COUNTS: return read_counts(variable, field, value, err);
	case CONFIG_RATIO: return read_ratio(variable, field, value, err);
	case CONFIG_ONLY: return check_only(field, value, err);
	case CONFIG_FLAG:
		if (value->kind != VALUE_BOOL)
			return err_set(err, "%s: must be true or false", field->name);
		*(bool *)variable = value->boolean;
		return 0;
	case CONFIG_IGNORED: break;
	}
	return 0;
}

static const struct config_field *find(const struct config_field *fields, struct span name)
{
	for (; fields->name; fields++)
		if (span_is(name, fields->name))
			return fields;
	return NULL;
}

/* "a, b, c" */
static int unknown(const struct config_field *fields, struct span name, struct err *err)
{
	struct err known = { "" };

	for (; fields->name; fields++)
		if (strlen(known.text) + strlen(fields->name) + 3 < sizeof known.text)
			strcat(strcat(known.text, known.text[0] ? ", " : ""), fields->name);
	return err_set(err, "%.*s: not known here (known: %s)", span_shown(name, 100), name.data, known.text);
}

int config_fields_read(void *part, const struct config_field *fields, const struct value *map, struct err *err)
{
	if (!map || map->kind != VALUE_MAP)
		return err_set(err, "missing, or no map");
	for (size_t i = 0; i < map->list.count; i++) {
		struct span name = map->list.items[2 * i].string;
		const struct value *value = &map->list.items[2 * i + 1];
		const struct config_field *field = find(fields, name);
		bool off = value->kind == VALUE_NULL || (value->kind == VALUE_BOOL && !value->boolean);
		if (!field && !off)
			return unknown(fields, name, err);
		if (field && value->kind != VALUE_NULL && read_field(part, field, value, err))
			return -1;
	}
	for (const struct config_field *field = fields; field->name; field++) {
		const struct value *value = value_get(map, field->name);
		if (!field->optional && (!value || value->kind == VALUE_NULL))
			return err_set(err, "%s: missing", field->name);
	}
	return 0;
}
