#include "formats/tar/sample_reader.h"

#include "formats/tar/field_file.h"
#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

#include <stdlib.h>

/* Offsets into the record's storage; pointers would be invalidated as it grows. */
struct sample_piece {
	size_t name, name_size, content, content_size;
	uint32_t name_hash;
};

/* OVERHEAD: an upper bound of what a key or a field costs in msgpack besides its bytes. */
enum { OVERHEAD = 128, MOST_FIELDS = 1024 };

/* The number stored in a key_set: the offset in blocks of 512 bytes, and the bits of the fields. */
enum { PLACE_BITS = 16, PLACE_BLOCK = 512 };

void sample_reader_init(struct sample_reader *reader, const struct member_feed *feed, const struct limits *limits)
{
	*reader = (struct sample_reader){ .feed = *feed, .limits = *limits };
}

void sample_reader_free(struct sample_reader *reader)
{
	free(reader->pieces);
	buf_free(&reader->last_key);
	buf_free(&reader->raw);
	buf_free(&reader->normal);
	buf_free(&reader->alias);
	buf_free(&reader->stem);
	reader->pieces = NULL;
}

/* Splits the current name into key and field.  False: it belongs to no sample. */
static bool split_name(struct sample_reader *reader)
{
	struct span name;
	const enum member_kind kind = member_name(reader->name, &name, &reader->normal);

	reader->name_escapes = kind == MEMBER_ESCAPES;
	reader->hidden += kind == MEMBER_IGNORED;
	if (kind == MEMBER_IGNORED)
		return false;
	if (reader->by_image) {
		buf_clear(&reader->alias);
		sample_name_by_image(name, &reader->stem, &reader->alias);
		name = buf_span(&reader->alias);
	}
	reader->name_renamed = name.data != reader->name.data;
	return sample_name_split(name, &reader->next_key, &reader->next_field);
}

/* Reads ahead to the next member of any sample, unless that was done. */
static int next_member(struct sample_reader *reader, struct span *key, struct span *field, struct err *err)
{
	const struct member_feed *feed = &reader->feed;

	while (!reader->has_name) {
		int state = feed->next(feed->from, &reader->name, &reader->name_offset, &reader->name_size, err);
		if (state != 1)
			return state;
		reader->has_name = split_name(reader);
		reader->ignored += !reader->has_name;
		if (reader->normal.failed || reader->alias.failed || reader->stem.failed)
			return err_memory(err);
	}
	*key = reader->next_key;
	*field = reader->next_field;
	return 1;
}

/* "txt: longer than 1048576 bytes" */
static void mark_bad(struct sample_reader *reader, struct span field, const char *why, size_t limit, const char *unit)
{
	if (!reader->bad)
		err_set(&reader->why, "%.*s: %s %zu %s", span_shown(field, 512), (const char *)field.data, why, limit, unit);
	reader->bad = true;
}

/* __key__ is the key of a record. */
static void refuse_name(struct sample_reader *reader)
{
	if (!reader->bad)
		err_set(&reader->why, "a field cannot be named __key__");
	reader->bad = true;
}

static int add_piece(struct sample_reader *reader, const struct sample_piece *piece, struct err *err)
{
	if (reader->count == reader->capacity) {
		size_t capacity = reader->capacity ? 2 * reader->capacity : 16;
		struct sample_piece *pieces = realloc(reader->pieces, capacity * sizeof *pieces);
		if (!pieces)
			return err_memory(err);
		reader->pieces = pieces;
		reader->capacity = capacity;
	}
	reader->pieces[reader->count++] = *piece;
	return 0;
}

static int is_duplicate(const struct sample_reader *reader, const struct record *record, struct span field)
{
	const uint32_t hash = reader->count ? name_hash(field) : 0;

	for (size_t i = 0; i < reader->count; i++)
		if (reader->pieces[i].name_hash == hash &&
			name_equal(span_of(record->storage.data + reader->pieces[i].name, reader->pieces[i].name_size), field))
			return 1;
	return 0;
}

/* Number of bytes that the record may still grow. */
static size_t space_left(const struct sample_reader *reader, const struct record *record)
{
	size_t used = record->storage.size + OVERHEAD * (reader->count + 2);

	return used < reader->limits.record ? reader->limits.record - used : 0;
}

static int read_content(struct sample_reader *reader, struct record *record, struct span field, struct err *err)
{
	struct buf *storage = &record->storage;
	struct sample_piece piece = { .name = storage->size, .name_size = field.size, .name_hash = name_hash(field) };

	buf_append_span(storage, field);
	piece.content = storage->size;
	int state = reader->feed.read(reader->feed.from, storage, space_left(reader, record), &reader->end, err);
	if (state < 0)
		return -1;
	if (state > 0 && !reader->bad)
		reader->why = *err;
	reader->bad = reader->bad || state > 0;
	if (storage->failed)
		return err_memory(err);
	piece.content_size = storage->size - piece.content;
	return add_piece(reader, &piece, err);
}

/* The names of files in a folder are different, but two may have the same key. */
static int same_key(const struct sample_reader *reader, uint64_t second, uint64_t first, struct err *err)
{
	return err_set(err,
		"%.*s: files %llu and %llu have the same key; rename one (dots in the name of an image become _; keys are "
		"compared in Unicode NFC, field names without regard to case)",
		span_shown(reader->name, 512), (const char *)reader->name.data, (unsigned long long)first, (unsigned long long)second);
}

/* Makes a field of the member that was read ahead. */
static int take_member(struct sample_reader *reader, struct record *record, struct span field, struct err *err)
{
	uint64_t size = reader->name_size;

	if (is_duplicate(reader, record, field) && reader->of_folder)
		return same_key(reader, reader->name_offset, reader->offset, err);
	if (is_duplicate(reader, record, field))
		return err_set(err, "byte %llu: a second %.*s: duplicate key", (unsigned long long)reader->name_offset,
			span_shown(field, 512), (const char *)field.data);
	if (span_is(field, "__key__"))
		refuse_name(reader);
	reader->fields_seen |= (uint16_t)(1u << (key_hash(field) & 15));
	if (reader->names_only || (reader->wanted && !reader->wanted(reader->context, field, size)))
		return reader->feed.skip(reader->feed.from, &reader->end, err);
	if (reader->count == MOST_FIELDS)
		mark_bad(reader, field, "more than", MOST_FIELDS, "fields");
	if (size > space_left(reader, record) || field.size > space_left(reader, record) - size)
		mark_bad(reader, field, "the record is larger than", reader->limits.record, "bytes");
	if (reader->bad)
		return reader->feed.skip(reader->feed.from, &reader->end, err);
	return read_content(reader, record, field, err);
}

/* Was the key seen before?  If with other fields, the sample's members are not adjacent; if with the same, the key is a duplicate. */
static int check_key(struct sample_reader *reader, struct span key, struct err *err)
{
	const unsigned block = reader->of_folder ? 1 : PLACE_BLOCK;
	uint64_t where = reader->offset / block << PLACE_BITS | reader->fields_seen;

	if (!reader->seen)
		return 0;
	int state = key_set_add(reader->seen, key, &where);
	if (state <= 0)
		return state ? err_memory(err) : 0;
	unsigned long long first = (where >> PLACE_BITS) * block, second = reader->offset;
	if (reader->of_folder)
		return same_key(reader, second, first, err);
	if (where & reader->fields_seen)
		return err_set(err, "byte %llu: duplicate key, first at byte %llu", second, first);
	return err_set(err,
		"byte %llu: members of the sample are not adjacent: others are at byte %llu, before '%.*s' "
		"(`cc-shard read --regroup` reads such a tar)",
		second, first, span_shown(buf_span(&reader->last_key), 512), (const char *)reader->last_key.data);
}

static int make_fields(struct sample_reader *reader, struct record *record, struct err *err)
{
	const unsigned char *data = record->storage.data;

	record->fields = arena_alloc(&record->arena, (reader->count + 1) * sizeof *record->fields);
	if (!record->fields)
		return err_memory(err);
	for (size_t i = 0; i < reader->count; i++) {
		const struct sample_piece *piece = &reader->pieces[i];
		struct field *field = &record->fields[record->count++];
		*field = (struct field){ .name = span_of(data + piece->name, piece->name_size),
			.bytes = span_of(data + piece->content, piece->content_size) };
		field_from_file(field);
		if (field->kind == FIELD_STRING && field->bytes.size > reader->limits.string)
			mark_bad(reader, field->name, "longer than", reader->limits.string, "bytes");
		if (!reader->bad && field->kind == FIELD_BYTES && field_check_caption(field, &reader->why))
			reader->bad = true;
	}
	return 0;
}

static int finish(struct sample_reader *reader, struct record *record, struct err *err)
{
	if (make_fields(reader, record, err) || check_key(reader, record->key, err))
		return -1;
	buf_clear(&reader->last_key);
	buf_append_span(&reader->last_key, record->key);
	if (!reader->bad)
		return SAMPLE_WHOLE;
	*err = reader->why;
	return SAMPLE_BAD;
}

/* The key as stored, before normalisation. */
static void keep_raw_key(struct sample_reader *reader)
{
	struct span key, field;

	buf_clear(&reader->raw);
	buf_append_span(&reader->raw, sample_name_split(reader->name, &key, &field) ? key : reader->next_key);
	reader->raw_key = buf_span(&reader->raw);
}

static void mark_escape(struct sample_reader *reader)
{
	err_set(&reader->why, "%.*s: the name points outside its folder (.. or a drive letter)", span_shown(reader->name, 512),
		(const char *)reader->name.data);
	reader->bad = true;
}

static void begin(struct sample_reader *reader, struct record *record, struct span key)
{
	record_reset(record);
	buf_append_span(&record->storage, key);
	reader->key_size = key.size;
	reader->count = 0;
	reader->fields_seen = 0;
	reader->offset = reader->name_offset;
	reader->bad = false;
	reader->renamed = reader->name_renamed;
	if (reader->renamed)
		keep_raw_key(reader);
	if (reader->name_escapes)
		mark_escape(reader);
	if (key.size > reader->limits.string)
		mark_bad(reader, span_string("key"), "longer than", reader->limits.string, "bytes");
}

/* Takes all members of the sample whose key is at the start of the storage. */
static int take_members(struct sample_reader *reader, struct record *record, struct span key, struct span field, struct err *err)
{
	int state = 1;

	while (state == 1 && span_equal(key, span_of(record->storage.data, reader->key_size))) {
		if (take_member(reader, record, field, err))
			return -1;
		reader->has_name = false;
		state = next_member(reader, &key, &field, err);
	}
	record->key = span_of(record->storage.data, reader->key_size);
	if (state < 0 && reader->lenient) {
		reader->failed = true;
		reader->failure = *err;
		return 0;
	}
	return state < 0 ? -1 : 0;
}

int sample_read(struct sample_reader *reader, struct record *record, struct err *err)
{
	struct span key, field;

	if (reader->failed) {
		*err = reader->failure;
		return -1;
	}
	if (!reader->has_name)
		buf_clear(&reader->stem); /* at the start of a feed or a piece */
	int state = next_member(reader, &key, &field, err);
	if (state != 1)
		return state;
	begin(reader, record, key);
	int result = record->storage.failed || reader->raw.failed ? err_memory(err) : take_members(reader, record, key, field, err);
	if (result == 0)
		result = finish(reader, record, err);
	if (result < 0 && reader->key_size && !record->storage.failed)
		err_add(err, "sample %.*s", span_shown(span_of(record->storage.data, reader->key_size), 512),
			(const char *)record->storage.data);
	return result;
}
