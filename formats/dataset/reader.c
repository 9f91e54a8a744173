#include "formats/dataset/reader.h"

#include "core/rng.h"
#include "formats/tar/record_digest.h"
#include "formats/tar/sample_name.h"
#include "formats/stream/stream.h"

#include <inttypes.h>
#include <string.h>

static const char *shown_path(const struct reader *reader)
{
	const char *path = reader->open.source->path;

	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static int check_head(struct reader *reader, struct err *err)
{
	if (reader->subset)
		return 0;
	const char *path = reader->open.source->path;
	const struct shard_head *head = source_head(&reader->open);

	return set_check_head(&reader->set, path, head, err) || part_check_head(&reader->parts, path, head, err) ? -1 : 0;
}

static int check_all(struct reader *reader, struct err *err)
{
	return set_check_finish(&reader->set, err) || part_check_finish(&reader->parts, err) ? -1 : READER_END;
}

int reader_open_next(struct reader *reader, struct err *err)
{
	if (reader->open.source)
		return 1;
	if (reader->next == reader->sources.count)
		return 0;
	reader->source = reader->next++;
	if (source_open(&reader->open, &reader->sources.items[reader->source], &reader->limits, reader->sources.tables, reader->names, err))
		return -1;
	reader->open.table.names_only = reader->names_only;
	reader->open.table.sizes = reader->sizes;
	/* In a table, the row before a malformed one is complete. */
	reader->open.samples->lenient = reader->lenient || reader->open.source->kind == SOURCE_TABLE;
	if (reader->allow_duplicates || reader->scattered)
		reader->open.samples->seen = NULL;
	reader->open.samples->wanted = reader->wanted;
	reader->open.samples->context = reader->context;
	reader->skipped = reader->names_only || reader->wanted || reader->open.source->by_image;
	reader->records = 0;
	reader->sum = (struct digest){ 0 };
	reader->misplaced = check_head(reader, err) != 0;
	return reader->misplaced ? -1 : 1;
}

/* Does the content of the source match its head and the counts next to it? */
static int check_source(struct reader *reader, struct err *err)
{
	const struct shard_head *head = source_head(&reader->open);

	const struct sample_reader *samples = reader->open.samples;

	if (!reader->records && samples->ignored && samples->ignored == samples->hidden)
		return err_set(err,
			"%s: contains no samples: all of its %" PRIu64 " files are hidden (their name or a folder begins with a dot)",
			shown_path(reader), samples->ignored);
	if (!reader->records && samples->ignored)
		return err_set(err, "%s: contains no samples: none of its %" PRIu64 " files is named KEY.FIELD", shown_path(reader),
			samples->ignored);
	if (!reader->records && reader->open.source->kind == SOURCE_FOLDER)
		return err_set(err, "%s: no files in this folder or its subfolders (hidden files are ignored)", shown_path(reader));
	if (head && head->counted && head->records != reader->records)
		return err_set(err, "%s: %" PRIu64 " records, but __cc__ says %" PRIu64 ": the file was changed after it was written",
			shown_path(reader), reader->records, head->records);
	if (head && head->counted && !reader->skipped && !digest_equal(head->digest, reader->sum))
		return err_set(err,
			"%s: the digest of its records differs from the one in __cc__: the file was changed after it was written",
			shown_path(reader));
	if (reader->subset)
		return 0;
	const struct source *source = reader->open.source;
	if (source->declared_by && source->declared != reader->records && !reader->scattered)
		return err_set(err,
			"%s: %" PRIu64 " records, but %s says %" PRIu64 "; one of them has changed (cc-shard index counts the records; "
			"--subset skips this check)",
			shown_path(reader), reader->records, source->declared_by, source->declared);
	return set_check_end(&reader->set, source_end(&reader->open), err);
}

static int collect_progs(struct reader *reader, struct err *err)
{
	const struct shard_end *end = source_end(&reader->open);
	struct later_progs *later_progs = reader->later_progs;

	for (size_t i = 0; end && later_progs && end->progs.kind == VALUE_ARRAY && i < end->progs.list.count; i++)
		if (progs_add(&later_progs->progs, &end->progs.list.items[i], later_progs->arena))
			return err_memory(err);
	return 0;
}

/* Shards of earlier versions may have keys that are not in normal form.  Their head sums the records under the keys as written. */
static int add_to_sum(struct reader *reader, struct record *record, struct err *err)
{
	const struct sample_reader *samples = reader->open.samples;
	const struct span key = record->key;
	struct digest digest = reader->digest;

	if (samples->renamed && source_head(&reader->open)) {
		record->key = samples->raw_key;
		const int state = record_digest(record, &digest, err);
		record->key = key;
		if (state)
			return -1;
	}
	reader->renamed = reader->renamed || samples->renamed;
	reader->sum = digest_sum(reader->sum, digest);
	return 0;
}

static int take_record(struct reader *reader, struct record *record, struct err *err)
{
	reader->records++;
	if (reader->open.samples->names_only) {
		reader->renamed = reader->renamed || reader->open.samples->renamed;
		return READER_RECORD;
	}
	if (record_digest(record, &reader->digest, err) || add_to_sum(reader, record, err))
		return err_add(err, "%s", shown_path(reader));
	return READER_RECORD;
}

static int take_bad(struct reader *reader)
{
	reader->records++;
	reader->skipped = true; /* its contribution to the sum is not known */
	return READER_BAD;
}

/* Is the record in its source's share?  The choice depends on the key, so it is the same in every epoch. */
static bool takes_part(const struct reader *reader, struct span key)
{
	const struct source *source = reader->open.source;

	if (source->share >= 1)
		return true;
	struct rng rng = rng_for(reader->seed, key, source->pass, "mix");
	return (double)(rng_u64(&rng) >> 11) * 0x1p-53 < source->share;
}

/* state: READER_RECORD, or READER_BAD, of which only the key is renamed. */
static int rename_record(struct reader *reader, struct record *record, int state, struct err *err)
{
	const bool only_key = state == READER_BAD || reader->open.samples->names_only;
	int renamed = reader->naming ? naming_apply(reader->naming, reader->open.source, record, only_key, err) : NAMING_SAME;

	if (renamed == NAMING_BAD || renamed < 0)
		return renamed < 0 ? -1 : READER_BAD;
	if (only_key)
		return state;
	if (renamed != NAMING_SAME && record_digest(record, &reader->digest, err))
		return err_add(err, "%s", shown_path(reader));
	return !reader->wanted && sample_check_fields(record, err) ? READER_BAD : state;
}

static int end_truncated(struct reader *reader, struct err *err)
{
	source_failed(&reader->open, err);
	if (!reader->lenient)
		return -1;
	source_close(&reader->open);
	return READER_CUT;
}

int reader_next(struct reader *reader, struct record *record, bool skip, struct err *err)
{
	for (;;) {
		int state = reader_open_next(reader, err);
		if (state < 0)
			return -1;
		if (state == 0)
			return check_all(reader, err);
		reader->open.samples->names_only = skip || reader->names_only;
		reader->skipped = reader->skipped || skip;
		state = sample_read(reader->open.samples, record, err);
		if (state > 0) {
			state = state == SAMPLE_WHOLE ? take_record(reader, record, err) : take_bad(reader);
			if (state < 0 || takes_part(reader, record->key))
				return state < 0 ? -1 : rename_record(reader, record, state, err);
			continue;
		}
		if (state < 0)
			return end_truncated(reader, err);
		if (source_finish(&reader->open, err))
			return err_add(err, "%s", shown_path(reader));
		if (check_source(reader, err) || collect_progs(reader, err) ||
			(reader->finished && reader->finished(reader->context, &reader->open, err)))
			return -1;
		source_close(&reader->open);
	}
}

void reader_place(const struct reader *reader, struct buf *text)
{
	static const char *const units[] = {
		[SOURCE_TAR] = "byte", [SOURCE_FOLDER] = "file", [SOURCE_BATCH] = "row", [SOURCE_TABLE] = "line"
	};
	const enum source_kind kind = reader->open.source->kind;
	const uint64_t offset = reader->open.samples->offset;

	buf_printf(text, "%s: %s %" PRIu64, shown_path(reader), units[kind],
		kind == SOURCE_TABLE ? table_source_line(&reader->open.table, offset) : offset);
}

int reader_rewind(struct reader *reader, struct err *err)
{
	for (size_t i = 0; i < reader->sources.count; i++)
		if (!reader->sources.items[i].rereadable)
			return err_set(err, "%s can be read only once",
				strcmp(reader->sources.items[i].path, "-") == 0 ? "standard input" : reader->sources.items[i].path);
	source_close(&reader->open);
	reader->next = 0;
	reader->set.open = false;
	reader->parts.parts = 0;
	return 0;
}

void reader_free(struct reader *reader)
{
	source_close(&reader->open);
	sources_free(&reader->sources);
	set_check_free(&reader->set);
	part_check_free(&reader->parts);
}
