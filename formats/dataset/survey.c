#include "formats/dataset/survey.h"

#include <string.h>

/* Are both lists of the same strings? */
static bool equal_lists(const struct value *a, const struct value *b)
{
	if (a->kind != VALUE_ARRAY || b->kind != VALUE_ARRAY || a->list.count != b->list.count)
		return false;
	for (size_t i = 0; i < a->list.count; i++)
		if (!span_equal(value_string_or(&a->list.items[i], ""), value_string_or(&b->list.items[i], "")))
			return false;
	return true;
}

struct heads {
	struct survey *survey;
	struct arena *arena;
	uint64_t hash; /* of the current set */
	bool any;
};

static int take_further(struct heads *heads, const struct value *header, struct err *err)
{
	const struct value *prog = value_get(header, "prog"), *classes = value_get(header, "classes"),
			   *earlier = value_get(&heads->survey->header, "classes");
	struct value copy;

	if (classes && earlier && !equal_lists(classes, earlier))
		return err_set(err, "its classes differ from those of the shards before it");
	if (classes && !earlier) { /* such as a labelled set after a crawl */
		if (value_copy(&copy, classes, heads->arena))
			return err_memory(err);
		value_set(&heads->survey->header, "classes", copy, heads->arena);
	}
	if (prog && (value_copy(&copy, prog, heads->arena) || value_push(&heads->survey->progs, copy, heads->arena)))
		return err_memory(err);
	return 0;
}

static int take_head(struct heads *heads, const struct shard_head *head, struct err *err)
{
	uint64_t hash;

	heads->survey->summed = heads->survey->summed && head && head->counted;
	if (!head)
		return 0;
	heads->survey->sum = digest_sum(heads->survey->sum, head->digest);
	if (shard_head_hash(head, &hash, err))
		return -1;
	if (heads->any && hash == heads->hash)
		return 0;
	heads->hash = hash;
	if (heads->any)
		return take_further(heads, &head->header, err);
	heads->any = true;
	return value_copy(&heads->survey->header, &head->header, heads->arena) ? err_memory(err) : 0;
}

static bool is_caption(void *naming, struct span field, uint64_t size)
{
	(void)size;
	return name_is(naming ? naming_field(naming, field) : field, "txt");
}

/* Could the captions of the source be made from --templates?  True if its first record has no caption, or one that matches. */
static bool takes_given(const struct survey *survey, struct reader *reader)
{
	struct sample_reader *samples = reader->open.samples;
	struct record record = { 0 };
	struct err err;

	if (!survey->given->count)
		return false;
	if (!survey->rereadable_cheaply || reader->open.source->kind == SOURCE_BATCH)
		return true;
	samples->wanted = is_caption;
	samples->context = reader->naming;
	const bool has_caption = sample_read(samples, &record, &err) == SAMPLE_WHOLE && record.count;
	const bool takes = !has_caption || templates_match(survey->given, record.fields[0].bytes);
	record_free(&record);
	return takes;
}

static int take_style(struct heads *heads, struct reader *reader, struct err *err)
{
	struct survey *survey = heads->survey;
	const struct shard_head *head = reader->open.source->kind == SOURCE_BATCH ? NULL : source_head(&reader->open);
	const struct value *recorded = head ? value_get(&head->header, "templates") : NULL;
	struct survey_style style = { reader->open.source->path, recorded != NULL, { .kind = VALUE_NULL } };

	if (recorded && value_copy(&style.templates, recorded, heads->arena))
		return err_memory(err);
	if (!recorded && takes_given(survey, reader))
		style.templates = templates_value(survey->given, heads->arena);
	if (!survey->style.path)
		survey->style = style;
	else if (!survey->other.path && !value_equal(&survey->style.templates, &style.templates))
		survey->other = style;
	return heads->arena->failed ? err_memory(err) : 0;
}

/* The number of records in a CIFAR-10 batch follows from its size. */
static int take_source(struct heads *heads, struct reader *reader, struct err *err)
{
	struct survey *survey = heads->survey;
	const struct source *source = reader->open.source;

	if (source->share < 1)
		survey->counted = false;
	if (source->share < 1 || (reader->naming && naming_changes(reader->naming, source)))
		survey->summed = false;
	if (!source_seekable(&reader->open) && !survey->not_seekable)
		survey->not_seekable = source->path;
	survey->seekable = !survey->not_seekable;
	survey->lists = survey->lists || (source->kind == SOURCE_TABLE && reader->open.table.rows.lists);
	survey->cifar = survey->cifar && source_is_cifar(&reader->open);
	if (source->kind == SOURCE_BATCH) {
		survey->records += source->size / CIFAR_ROW;
		reader->sources.items[reader->source].records = source->size / CIFAR_ROW;
		survey->summed = false;
		return take_style(heads, reader, err);
	}
	const struct shard_head *head = source_head(&reader->open);
	const uint64_t records = head && head->counted ? head->records : source->declared;
	survey->counted = survey->counted && ((head && head->counted) || source->declared_by);
	survey->records += records;
	reader->sources.items[reader->source].records = records;
	return take_head(heads, head, err) || take_style(heads, reader, err) ? err_add(err, "%s", source->path) : 0;
}

/* If all parts of a split are read, the header becomes that of the whole. */
static void join_parts(struct survey *survey, const struct reader *reader, struct arena *arena)
{
	if (survey->rereadable_cheaply && part_check_is_whole(&reader->parts) && survey->progs.list.count == reader->parts.parts - 1 &&
		part_check_join(&survey->header, arena))
		survey->progs = value_array();
}

int survey(struct survey *survey, struct reader *reader, const struct templates *given, struct arena *arena, struct err *err)
{
	struct heads heads = { .survey = survey, .arena = arena };

	*survey = (struct survey){ .counted = true,
		.summed = true,
		.rereadable_cheaply = true,
		.rereadable = true,
		.seekable = true,
		.header = value_map(),
		.progs = value_array(),
		.cifar = true,
		.given = given };
	for (size_t i = 0; i < reader->sources.count; i++) {
		survey->bytes += reader->sources.items[i].size;
		survey->rereadable_cheaply = survey->rereadable_cheaply && reader->sources.items[i].rereadable_cheaply;
		survey->rereadable = survey->rereadable && reader->sources.items[i].rereadable;
	}
	reader->set.heads_only = true;
	for (;;) {
		int state = reader_open_next(reader, err);
		if (state < 0 || (state == 1 && take_source(&heads, reader, err)))
			return -1;
		if (state == 0 || !survey->rereadable_cheaply)
			break;
		source_close(&reader->open);
	}
	reader->set.heads_only = false;
	join_parts(survey, reader, arena);
	survey->counted = survey->counted && survey->rereadable_cheaply;
	survey->seekable = survey->seekable && survey->rereadable_cheaply;
	if (!survey->rereadable_cheaply && !survey->not_seekable)
		survey->not_seekable = reader->open.source->path;
	return survey->rereadable_cheaply ? reader_rewind(reader, err) : 0;
}

static int take_name(struct reader *reader, const struct record *record, struct classes *classes, struct index *index, struct err *err)
{
	const struct sample_reader *samples = reader->open.samples;
	struct span name = class_of_key(record->key);

	if (classes && name.size && classes_add(classes, name, err))
		return -1;
	return index ? index_add(index, record->key, reader->source, samples->offset, samples->end, err) : 0;
}

int survey_names(struct survey *survey, struct reader *reader, struct classes *classes, struct index *index, struct err *err)
{
	struct record record = { 0 };
	int state;

	survey->records = 0;
	for (size_t i = 0; i < reader->sources.count; i++)
		reader->sources.items[i].records = 0;
	reader->names_only = true;
	reader->allow_duplicates = !index; /* without an index, reading the records finds them */
	reader->renamed = false;
	while ((state = reader_next(reader, &record, true, err)) > 0) {
		survey->records += state == READER_RECORD;
		reader->sources.items[reader->source].records += state == READER_RECORD;
		if (state != READER_CUT && take_name(reader, &record, state == READER_RECORD ? classes : NULL, index, err)) {
			state = -1;
			break;
		}
	}
	reader->names_only = reader->allow_duplicates = false;
	record_free(&record);
	if (state < 0 || reader_rewind(reader, err))
		return -1;
	survey->counted = true;
	survey->summed = survey->summed && !reader->renamed && !reader->sources.by_image; /* otherwise the sum covers other names */
	return classes ? classes_sort(classes, err) : 0;
}
