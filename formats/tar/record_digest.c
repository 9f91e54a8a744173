#include "formats/tar/record_digest.h"

#include "formats/tar/field_file.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MOST_FIELDS = 1024 };

/* The hash function. */
struct hash {
	void (*update)(void *state, struct span bytes);
	void *state;
};

static void update_xxh3(void *state, struct span bytes)
{
	XXH3_128bits_update(state, bytes.data, bytes.size);
}

static void update_sha256(void *state, struct span bytes)
{
	sha256_update(state, bytes.size, bytes.data);
}

static void add(const struct hash *hash, struct span bytes)
{
	if (bytes.size)
		hash->update(hash->state, bytes);
}

static void add_length(const struct hash *hash, size_t length)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)length >> 8 * i);
	add(hash, span_of(bytes, sizeof bytes));
}

static int add_field(const struct hash *hash, const struct field *field, struct buf *scratch, struct err *err)
{
	struct span head, body;

	if (field_to_file(field, scratch, &head, &body, err))
		return -1;
	add_length(hash, field->name.size);
	add(hash, field->name);
	add_length(hash, head.size + body.size);
	add(hash, head);
	add(hash, body);
	return 0;
}

/* Insertion sort: fields are few and mostly in order. */
static void sort_by_name(const struct field *fields, size_t count, unsigned short *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i;
		for (; at && span_compare(fields[order[at - 1]].name, fields[i].name) > 0; at--)
			order[at] = order[at - 1];
		order[at] = (unsigned short)i;
	}
}

static int add_record(const struct hash *hash, const struct record *record, struct err *err)
{
	struct buf scratch = { 0 };
	unsigned short order[MOST_FIELDS];
	int failed = 0;

	if (record->count > MOST_FIELDS)
		return err_set(err, "a record of %zu fields; digests cover at most %d", record->count, MOST_FIELDS);
	sort_by_name(record->fields, record->count, order);
	add_length(hash, record->key.size);
	add(hash, record->key);
	for (size_t i = 0; i < record->count && !failed; i++)
		failed = add_field(hash, &record->fields[order[i]], &scratch, err);
	buf_free(&scratch);
	return failed ? -1 : 0;
}

int record_digest(const struct record *record, struct digest *digest, struct err *err)
{
	XXH3_state_t state;

	XXH3_INITSTATE(&state);
	XXH3_128bits_reset(&state);
	if (add_record(&(struct hash){ update_xxh3, &state }, record, err))
		return -1;
	XXH128_hash_t hash = XXH3_128bits_digest(&state);
	*digest = (struct digest){ .high = hash.high64, .low = hash.low64 };
	return 0;
}

int record_sha256(const struct record *record, unsigned char digest[RECORD_SHA256], struct err *err)
{
	struct sha256_ctx state;

	sha256_init(&state);
	if (add_record(&(struct hash){ update_sha256, &state }, record, err))
		return -1;
	sha256_digest(&state, RECORD_SHA256, digest);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, RECORD_SHA256);
}

void records_sha256(unsigned char *digests, size_t count, unsigned char digest[RECORD_SHA256])
{
	struct sha256_ctx state;

	if (count)
		qsort(digests, count, RECORD_SHA256, compare);
	sha256_init(&state);
	if (count)
		sha256_update(&state, count * RECORD_SHA256, digests);
	sha256_digest(&state, RECORD_SHA256, digest);
}
