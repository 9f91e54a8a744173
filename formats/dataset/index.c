#include "formats/dataset/index.h"
#include "formats/tar/sample_name.h"
#include "core/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* OPEN_MOST: below the usual limit of 256 descriptors. */
enum { OPEN_MOST = 200, PIECES_MOST = 1024 };

int index_add(struct index *index, struct span key, size_t source, uint64_t offset, uint64_t end, struct err *err)
{
	const uint64_t unit = index->sources->items[source].kind == SOURCE_TAR ? TAR_BLOCK : 1;

	if (index->count == index->capacity) {
		size_t capacity = index->capacity ? index->capacity / 2 * 3 : 1024;
		struct index_entry *entries = realloc(index->entries, capacity * sizeof *entries);
		if (!entries)
			return err_memory(err);
		index->entries = entries;
		index->capacity = capacity;
	}
	if ((end - offset) / unit > UINT32_MAX || source > UINT32_MAX)
		return err_set(err, "a sample of %llu bytes is too large for the index", (unsigned long long)(end - offset));
	index->entries[index->count++] = (struct index_entry){
		.key = key_hash(key), .offset = offset, .source = (uint32_t)source, .extent = (uint32_t)((end - offset) / unit)
	};
	return 0;
}

/* Number of pieces of the next sample. */
static size_t count_pieces(const struct index *index)
{
	const struct index_entry *entry = &index->entries[index->next];
	size_t count = 1;

	while (index->next + count < index->count && index_same_sample(index, entry, entry + count))
		count++;
	return count;
}

bool index_skip(struct index *index)
{
	if (index->next == index->count)
		return false;
	index->next += count_pieces(index);
	return true;
}

static int open_readers(struct index *index, struct err *err)
{
	index->tables = calloc(index->sources->count, sizeof *index->tables);
	index->fds = malloc(index->sources->count * sizeof *index->fds);
	if (!index->fds || !index->tables)
		return err_memory(err);
	for (size_t i = 0; i < index->sources->count; i++)
		index->fds[i] = -1;
	index->ready = true;
	if (shard_open_pieces(&index->tars, &index->limits, err))
		return -1;
	index->tars.samples.wanted = index->wanted;
	index->tars.samples.context = index->context;
	return 0;
}

/* The descriptor of the source; closes another one if too many are open. */
static int descriptor(struct index *index, size_t source, struct err *err)
{
	int *fd = &index->fds[source];

	if (*fd >= 0)
		return *fd;
	while (index->open >= OPEN_MOST) {
		index->hand = (index->hand + 1) % index->sources->count;
		if (index->fds[index->hand] < 0)
			continue;
		close(index->fds[index->hand]);
		index->fds[index->hand] = -1;
		index->open--;
	}
	*fd = open(index->sources->items[source].path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return err_errno(err, "open");
	index->open++;
	return *fd;
}

static int read_plain(struct index *index, struct member_feed feed, struct record *record, struct err *err)
{
	index->plain.feed = feed;
	index->plain.limits = index->limits;
	index->plain.wanted = index->wanted;
	index->plain.context = index->context;
	return sample_read(&index->plain, record, err);
}

static int read_entry(struct index *index, const struct index_entry *entry, struct record *record, struct err *err)
{
	const struct source *source = &index->sources->items[entry->source];

	if (source->kind == SOURCE_FOLDER) {
		folder_piece(&index->folder, source->path, &index->names, entry->offset, entry->offset + entry->extent);
		return read_plain(index, folder_feed(&index->folder), record, err);
	}
	int fd = descriptor(index, entry->source, err);
	if (fd < 0)
		return -1;
	if (source->kind == SOURCE_TAR) {
		index->tars.samples.by_image = source->by_image;
		shard_piece(&index->tars, fd, entry->offset, entry->offset + (uint64_t)entry->extent * TAR_BLOCK);
		return sample_read(&index->tars.samples, record, err);
	}
	if (source->kind == SOURCE_TABLE) {
		struct table_source *table = &index->tables[entry->source];
		if (table_source_piece(
			    table, fd, source, index->sources->tables, &index->limits, entry->offset, entry->offset + entry->extent, err))
			return -1;
		return read_plain(index, table_source_feed(table), record, err);
	}
	if (batch_piece(&index->batch, fd, source->path, entry->offset, err))
		return -1;
	return read_plain(index, batch_feed(&index->batch), record, err);
}

static int add_field(struct record *record, const struct field *field, struct err *err)
{
	struct arena *arena = &record->arena;
	struct field *fields = arena_alloc(arena, (record->count + 1) * sizeof *fields);
	char *name = arena_string(arena, field->name.data, field->name.size),
	     *bytes = arena_string(arena, field->bytes.data, field->bytes.size);

	if (!fields || !name || !bytes)
		return err_memory(err);
	if (record->count)
		memcpy(fields, record->fields, record->count * sizeof *fields);
	record->fields = fields;
	fields[record->count] = *field;
	fields[record->count].name.data = (const unsigned char *)name;
	fields[record->count++].bytes.data = (const unsigned char *)bytes;
	return 0;
}

/* Adds the fields of a further piece of the sample. */
static int add_piece(struct index *index, struct record *record, const struct index_entry *entry, struct err *err)
{
	struct record *piece = &index->piece;
	int state = read_entry(index, entry, piece, err);

	if (state == SAMPLE_WHOLE && !span_equal(piece->key, record->key))
		return err_set(
			err, "byte %llu: the file has changed: this place now holds another sample", (unsigned long long)entry->offset);
	for (size_t i = 0; state == SAMPLE_WHOLE && i < piece->count; i++) {
		for (size_t k = 0; k < record->count; k++)
			if (name_equal(record->fields[k].name, piece->fields[i].name))
				return err_set(err, "sample %.*s: byte %llu: second field %.*s: duplicate key",
					span_shown(record->key, 512), (const char *)record->key.data, (unsigned long long)entry->offset,
					span_shown(piece->fields[i].name, 512), (const char *)piece->fields[i].name.data);
		if (add_field(record, &piece->fields[i], err))
			return -1;
	}
	return state;
}

/* The sample is as bad as the worst of its pieces. */
static int read_sample(struct index *index, const struct index_entry *entry, size_t pieces, struct record *record, struct err *err)
{
	int state = read_entry(index, entry, record, err);

	for (size_t i = 1; i < pieces && state == SAMPLE_WHOLE; i++) {
		if (i == PIECES_MOST)
			return err_set(err, "byte %llu: a sample of more than %d pieces", (unsigned long long)entry->offset, PIECES_MOST);
		state = add_piece(index, record, entry + i, err);
	}
	return state;
}

int index_read(struct index *index, struct record *record, struct err *err)
{
	if (index->next == index->count)
		return SAMPLE_END;
	if (!index->ready && open_readers(index, err))
		return -1;
	const struct index_entry *entry = &index->entries[index->next];
	const size_t pieces = count_pieces(index);
	index->next += pieces;
	index->source = entry->source;
	int state = read_sample(index, entry, pieces, record, err);
	int renamed = index->naming && state > 0
			      ? naming_apply(index->naming, &index->sources->items[entry->source], record, state == SAMPLE_BAD, err)
			      : NAMING_SAME;
	if (renamed == NAMING_BAD || renamed < 0)
		state = renamed < 0 ? -1 : SAMPLE_BAD;
	else if (state == SAMPLE_WHOLE && !index->wanted && sample_check_fields(record, err))
		state = SAMPLE_BAD;
	if (state == SAMPLE_END)
		state = err_set(
			err, "byte %llu: the file has changed: this place no longer holds a sample", (unsigned long long)entry->offset);
	else if (state > 0 && key_hash(record->key) != entry->key)
		state = err_set(
			err, "byte %llu: the file has changed: this place now holds another sample", (unsigned long long)entry->offset);
	return state < 0 ? err_add(err, "%s", index->sources->items[entry->source].path) : state;
}

void index_place(const struct index *index, struct buf *text)
{
	const struct source *source = &index->sources->items[index->source];

	buf_append_string(text, source->path);
	if (source->kind == SOURCE_TABLE)
		buf_printf(text, ": byte %llu", (unsigned long long)index->tables[index->source].rows.table.offset);
}

void index_free(struct index *index)
{
	for (size_t i = 0; index->fds && i < index->sources->count; i++)
		if (index->fds[i] >= 0)
			close(index->fds[i]);
	free(index->fds);
	free(index->entries);
	if (index->ready)
		shard_close(&index->tars);
	folder_close(&index->folder);
	batch_close(&index->batch);
	for (size_t i = 0; index->tables && i < index->sources->count; i++)
		table_source_close(&index->tables[i]);
	free(index->tables);
	sample_reader_free(&index->plain);
	record_free(&index->piece);
	buf_free(&index->names);
}

bool index_same_sample(const struct index *index, const struct index_entry *a, const struct index_entry *b)
{
	return index->scattered && a->key == b->key && a->source == b->source;
}

void index_split(struct index *index, uint64_t part, uint64_t parts)
{
	size_t kept = 0;
	uint64_t number = 0;

	for (size_t i = 0; i < index->count; i++) {
		number += i && !index_same_sample(index, &index->entries[i], &index->entries[i - 1]);
		if (number % parts == part)
			index->entries[kept++] = index->entries[i];
	}
	index->count = kept;
}

/* Equal keys are in different shards; their order is that of the arguments. */
static bool before(const struct index_entry *a, const struct index_entry *b)
{
	if (a->order != b->order)
		return a->order < b->order;
	return a->source != b->source ? a->source < b->source : a->offset < b->offset;
}

static void swap(struct index_entry *a, struct index_entry *b)
{
	struct index_entry c = *a;

	*a = *b;
	*b = c;
}

static int compare(const void *a, const void *b)
{
	return before(a, b) ? -1 : before(b, a);
}

static void insertion_sort(struct index_entry *entries, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = i; j && before(&entries[j], &entries[j - 1]); j--)
			swap(&entries[j], &entries[j - 1]);
}

/* Sorts in place, which qsort need not do: by the byte at `shift`, then each of the 256 groups by the next byte.  Hashes are spread
 * evenly; entries with equal order, such as the pieces of one sample, are left to qsort. */
static void radix_sort(struct index_entry *entries, size_t count, int shift)
{
	size_t ends[256] = { 0 }, begins[256], sum = 0;

	if (count <= 32) {
		insertion_sort(entries, count);
		return;
	}
	if (shift < 0) {
		qsort(entries, count, sizeof *entries, compare);
		return;
	}
	for (size_t i = 0; i < count; i++)
		ends[entries[i].order >> shift & 255]++;
	for (size_t i = 0; i < 256; i++) {
		begins[i] = sum;
		ends[i] = sum += ends[i];
	}
	for (size_t part = 0; part < 256; part++)
		while (begins[part] < ends[part]) {
			size_t belongs = entries[begins[part]].order >> shift & 255;
			if (belongs == part)
				begins[part]++;
			else
				swap(&entries[begins[part]], &entries[begins[belongs]++]);
		}
	for (size_t part = 0; part < 256; part++) {
		size_t begin = part ? ends[part - 1] : 0;
		radix_sort(entries + begin, ends[part] - begin, shift - 8);
	}
}

void index_order(struct index *index, uint64_t seed, uint64_t epoch)
{
	for (size_t i = 0; i < index->count; i++) {
		struct rng rng = rng_for(seed, span_of(&index->entries[i].key, sizeof index->entries[i].key), epoch, "shuffle");
		index->entries[i].order = rng_u64(&rng);
	}
	radix_sort(index->entries, index->count, 56);
	index->next = 0;
}

uint64_t index_samples(const struct index *index)
{
	uint64_t count = index->count > 0;

	for (size_t i = 1; i < index->count; i++)
		count += !index_same_sample(index, &index->entries[i], &index->entries[i - 1]);
	return count;
}

int index_regroup(struct index *index, struct err *err)
{
	enum { SOURCE_BITS = 24 };
	struct index_entry *entries = index->entries;

	if (index->sources->count >> SOURCE_BITS)
		return err_set(err, "--regroup: more than %d sources", 1 << SOURCE_BITS);
	for (size_t i = 0; i < index->count; i++)
		entries[i].order = entries[i].key;
	radix_sort(entries, index->count, 56);
	for (size_t i = 0; i < index->count; i++) {
		bool first = i == 0 || !index_same_sample(index, &entries[i], &entries[i - 1]);
		/* All sources here are tars, and their offsets in blocks of 512 bytes fit in the remaining 40 bits. */
		entries[i].order =
			first ? (uint64_t)entries[i].source << (64 - SOURCE_BITS) | entries[i].offset / TAR_BLOCK : entries[i - 1].order;
	}
	radix_sort(entries, index->count, 56);
	index->next = 0;
	return 0;
}

void index_rewind(struct index *index)
{
	index->next = 0;
}
