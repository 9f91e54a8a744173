#include "formats/record_digest.h"

#include "formats/field_file.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MOST_FIELDS = 1024 };

static void add_length(XXH3_state_t *state, size_t length)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
	XXH3_128bits_update(state, bytes, sizeof bytes);
}

static void add(XXH3_state_t *state, struct span bytes)
{
	if (bytes.size)
		XXH3_128bits_update(state, bytes.data, bytes.size);
}

static int add_field(XXH3_state_t *state, const struct field *field, struct buf *scratch, struct err *err)
{
	struct span head, body;

	if (field_to_file(field, scratch, &head, &body, err))
		return -1;
	add_length(state, field->name.size);
	add(state, field->name);
	add_length(state, head.size + body.size);
	add(state, head);
	add(state, body);
	return 0;
}

/* Few fields, and mostly in order: insertion. */
static void sort_by_name(const struct field *fields, size_t count, unsigned short *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at && span_compare(fields[order[at - 1]].name, fields[i].name) > 0; at--)
			order[at] = order[at - 1];
		order[at] = (unsigned short)i;
	}
}

int record_digest(const struct record *record, struct digest *digest, struct err *err)
{
	XXH3_state_t state;
	struct buf scratch = { 0 };
	unsigned short order[MOST_FIELDS];
	int failed = 0;

	if (record->count > MOST_FIELDS)
		return err_set(err, "a record of %zu fields; at most %d have a digest", record->count, MOST_FIELDS);
	sort_by_name(record->fields, record->count, order);
	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	add_length(&state, record->key.size);
	add(&state, record->key);
	for (size_t i = 0; i < record->count && !failed; i++)
		failed = add_field(&state, &record->fields[order[i]], &scratch, err);
	buf_free(&scratch);
	if (failed)
		return -1;
	XXH128_hash_t hash = XXH3_128bits_digest(&state);
	*digest = (struct digest){ .high = hash.high64, .low = hash.low64 };
	return 0;
}
