#include "formats/dataset/record_filter.h"

#include "formats/text/captions.h"
#include "text/words.h"
#include "text/utf8.h"
#include "formats/tar/member_name.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int add(struct map *keys, struct span line, struct buf *scratch)
{
	struct span key;

	return member_name(line, &key, scratch) == MEMBER_FILE && scratch->failed ? -1 : map_add(keys, key) < 0 ? -1 : 0;
}

int key_list_take(struct map *keys, struct span text, struct err *err)
{
	struct lines lines = lines_of(text);
	struct buf scratch = { 0 };
	struct span line;
	int state, added = 0;

	while (added == 0 && (state = lines_next(&lines, &line, err)) == 1)
		added = line.size ? add(keys, line, &scratch) : 0;
	buf_free(&scratch);
	if (added)
		return err_memory(err);
	if (state < 0)
		return -1;
	return keys->count ? 0 : err_set(err, "contains no keys; expected one per line");
}

bool key_list_has(const struct map *keys, struct span key)
{
	struct buf scratch = { 0 };
	struct span normal;
	bool has = map_find(keys, key) != MAP_NONE;

	if (!has && member_name(key, &normal, &scratch) == MEMBER_FILE && normal.data != key.data)
		has = map_find(keys, normal) != MAP_NONE;
	buf_free(&scratch);
	return has;
}

int where_parse(struct where *where, const char *text, struct err *err)
{
	*where = (struct where){ 0 };
	if (!text)
		return 0;
	const size_t length = strcspn(text, "~");
	const char *word = text + length + (text[length] == '~');
	if (length == 0 || length >= sizeof where->field || strspn(word, " \t\n") == strlen(word))
		return err_set(err, "'%s': expected FIELD~WORD, such as 'txt~banana'", text);
	if (strlen(word) > WORD_LONGEST)
		return err_set(err, "the word has %zu bytes; at most %d are supported", strlen(word), WORD_LONGEST);
	memcpy(where->field, text, length);
	where->word = span_string(word);
	return 0;
}

static bool list_has_word(struct span list, struct span word)
{
	struct buf lines = { 0 };
	const bool found = captions_to_lines(list, &lines) && text_has_word(buf_span(&lines), word);

	buf_free(&lines);
	return found;
}

bool where_matches(const struct where *where, const struct record *record)
{
	if (!where->field[0])
		return true;
	if (strcmp(where->field, "key") == 0 && !record_find(record, "key"))
		return text_has_word(record->key, where->word);
	const struct field *field = record_find(record, where->field);
	if (field && field->kind == FIELD_OTHER)
		return list_has_word(field->raw, where->word);
	return field && (field->kind == FIELD_STRING || field->kind == FIELD_BYTES) && text_has_word(field->bytes, where->word);
}

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
		return err_set(err, "'%s': expected I/N with I from 0 to N-1, such as 0/4", text);
	return 0;
}

int choice_fields(struct choice *choice, const char *text, struct err *err)
{
	while (text && *text) {
		size_t size = strcspn(text, ",");
		if (size == 0)
			return err_set(err, "expected names separated by commas, such as jpg,txt");
		if (choice->field_count == CHOICE_FIELDS_MOST)
			return err_set(err, "too many names; at most %d are supported", CHOICE_FIELDS_MOST);
		choice->fields[choice->field_count++] = span_of(text, size);
		text += size + (text[size] == ',');
	}
	return 0;
}

void choice_epoch(struct choice *choice)
{
	choice->place = choice->passed = 0;
	choice->epochs++;
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
	if (choice_needs_record(choice) || choice->passed >= choice->skip)
		return CHOICE_READ;
	choice->passed++;
	return CHOICE_SKIP;
}

/* Index of the field among the chosen ones, or field_count. */
static size_t find_field(const struct choice *choice, struct span field)
{
	size_t i = 0;

	while (i < choice->field_count && !name_equal(choice->fields[i], field))
		i++;
	return i;
}

static bool is_listed(const struct choice *choice, struct span field)
{
	return choice->field_count == 0 || find_field(choice, field) < choice->field_count;
}

static void keep_chosen_fields(struct choice *choice, struct record *record)
{
	for (size_t i = record->count; i-- > 0;) {
		const size_t found = find_field(choice, record->fields[i].name);
		if (found < choice->field_count)
			choice->found[found] = true;
		else
			record_remove_at(record, i);
	}
	choice->image = choice->image || record_image(record);
}

static bool matches(struct choice *choice, const struct record *record)
{
	const bool worded = where_matches(&choice->where, record);
	const bool listed = !choice->keys.count || key_list_has(&choice->keys, record->key);

	if (choice->epochs == 1) {
		choice->examined++;
		choice->with_word += worded;
		choice->with_key += listed;
	}
	return worded && listed;
}

bool choice_takes(struct choice *choice, struct record *record)
{
	if (!matches(choice, record) || choice->passed++ < choice->skip)
		return false;
	if (choice->field_count)
		keep_chosen_fields(choice, record);
	return true;
}

bool choice_wants(void *context, struct span field, uint64_t size)
{
	const struct choice *choice = context;

	(void)size;
	if (choice->naming)
		field = naming_field(choice->naming, field);
	return is_listed(choice, field) || name_is(field, choice->where.field) ||
	       (choice->labels && (name_is(field, "cls") || name_is(field, "txt"))) || (choice->json && name_is(field, "json"));
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
	return !choice_needs_record(choice);
}

bool choice_needs_record(const struct choice *choice)
{
	return choice->where.field[0] || choice->keys.count;
}

/* Index of a chosen field that did not occur.  Of several chosen image fields (jpg,png) one is enough. */
static size_t missing_field(const struct choice *choice)
{
	size_t i = 0;

	while (i < choice->field_count && (choice->found[i] || (choice->image && name_is_image(choice->fields[i]))))
		i++;
	return i;
}

void choice_unmatched(const struct choice *choice, bool part, struct buf *sentence)
{
	const size_t field = missing_field(choice);

	if (!choice->examined)
		return;
	if (!choice->with_word)
		buf_printf(sentence, "--where: none of the %" PRIu64 " records has the word '%.*s' in '%s'", choice->examined,
			(int)choice->where.word.size, (const char *)choice->where.word.data, choice->where.field);
	else if (choice->with_key < choice->keys.count && !part)
		buf_printf(sentence, "--keys: only %" PRIu64 " of the %zu keys were found", choice->with_key, choice->keys.count);
	else if (choice->passed && field < choice->field_count)
		buf_printf(sentence, "--fields: no record has a field '%.*s'", (int)choice->fields[field].size,
			(const char *)choice->fields[field].data);
}
