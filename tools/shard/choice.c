#include "tools/shard/choice.h"

#include <stdlib.h>
#include <string.h>

int choice_split(struct choice *choice, const char *text, struct err *err)
{
	char *slash, *end;

	choice->part = 0;
	choice->parts = 1;
	if (!text)
		return 0;
	choice->part = strtoull(text, &slash, 10);
	bool good = *text >= '0' && *text <= '9' && *slash == '/' && slash[1] >= '0' && slash[1] <= '9';
	choice->parts = good ? strtoull(slash + 1, &end, 10) : 0;
	if (!good || *end || choice->part >= choice->parts)
		return err_set(err, "'%s': I/N is expected, I from 0 to N-1, as in 0/4", text);
	return 0;
}

int choice_fields(struct choice *choice, const char *text, struct err *err)
{
	while (text && *text) {
		size_t size = strcspn(text, ",");
		if (size == 0)
			return err_set(err, "names with commas between them are expected, as in jpg,txt");
		if (choice->field_count == CHOICE_FIELDS_MOST)
			return err_set(err, "at most %d names", CHOICE_FIELDS_MOST);
		choice->fields[choice->field_count++] = span_of(text, size);
		text += size + (text[size] == ',');
	}
	return 0;
}

void choice_epoch(struct choice *choice)
{
	choice->place = choice->passed = 0;
}

static bool taken_all(const struct choice *choice)
{
	return choice->take != UINT64_MAX && choice->passed >= choice->skip && choice->passed - choice->skip >= choice->take;
}

enum choice_next choice_next(struct choice *choice)
{
	bool ours = choice->place++ % choice->parts == choice->part;

	if (taken_all(choice))
		return CHOICE_STOP;
	if (!ours)
		return CHOICE_SKIP;
	if (choice->where.field[0] || choice->passed >= choice->skip)
		return CHOICE_READ;
	choice->passed++;
	return CHOICE_SKIP;
}

static bool is_listed(const struct choice *choice, struct span field)
{
	for (size_t i = 0; i < choice->field_count; i++)
		if (name_equal(choice->fields[i], field))
			return true;
	return choice->field_count == 0;
}

bool choice_takes(struct choice *choice, struct record *record)
{
	if (!where_matches(&choice->where, record) || choice->passed++ < choice->skip)
		return false;
	for (size_t i = record->count; i-- > 0;)
		if (!is_listed(choice, record->fields[i].name))
			record_remove_at(record, i);
	return true;
}

bool choice_wants(void *context, struct span field, uint64_t size)
{
	const struct choice *choice = context;

	(void)size;
	if (choice->naming)
		field = naming_field(choice->naming, field);
	return is_listed(choice, field) || name_is(field, choice->where.field) ||
		(choice->labels && (name_is(field, "cls") || name_is(field, "txt")));
}

bool choice_reads_all(const struct choice *choice)
{
	return choice->field_count == 0;
}

bool choice_count(const struct choice *choice, uint64_t *records)
{
	uint64_t left = *records > choice->part ? (*records - choice->part - 1) / choice->parts + 1 : 0;

	left = left > choice->skip ? left - choice->skip : 0;
	*records = left < choice->take ? left : choice->take;
	return !choice->where.field[0];
}
