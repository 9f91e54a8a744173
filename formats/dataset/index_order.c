#include "formats/dataset/index_entry.h"

#include "core/rng.h"

#include <stdlib.h>

bool index_together(const struct index *index, const struct index_entry *a, const struct index_entry *b)
{
	return index->apart && a->key == b->key && a->source == b->source;
}

void index_split(struct index *index, uint64_t part, uint64_t parts)
{
	size_t kept = 0;
	uint64_t number = 0;

	for (size_t i = 0; i < index->count; i++) {
		number += i && !index_together(index, &index->entries[i], &index->entries[i - 1]);
		if (number % parts == part)
			index->entries[kept++] = index->entries[i];
	}
	index->count = kept;
}

/* Equal keys lie in different shards: their order is that of the arguments. */
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

/* In place, which qsort need not be: by the byte at `shift`, then each of its 256 parts by the next.  Hashes are spread evenly; what has
 * one order, as the many pieces of one sample, is left to qsort. */
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
		count += !index_together(index, &index->entries[i], &index->entries[i - 1]);
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
		bool first = i == 0 || !index_together(index, &entries[i], &entries[i - 1]);
		/* Of a tar an offset in blocks has less than 55 - 9 bits, and only sources that are tars come here. */
		entries[i].order = first ? (uint64_t)entries[i].source << (64 - SOURCE_BITS) | entries[i].offset / TAR_BLOCK : entries[i - 1].order;
	}
	radix_sort(entries, index->count, 56);
	index->next = 0;
	return 0;
}

void index_rewind(struct index *index)
{
	index->next = 0;
}
