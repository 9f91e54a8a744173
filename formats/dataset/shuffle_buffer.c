#include "formats/dataset/shuffle_buffer.h"

#include <stdlib.h>

int shuffle_buffer_init(struct shuffle_buffer *buffer, size_t size, struct err *err)
{
	*buffer = (struct shuffle_buffer){ .size = size, .waiting = calloc(size, sizeof *buffer->waiting) };
	return buffer->waiting ? 0 : err_memory(err);
}

void shuffle_buffer_epoch(struct shuffle_buffer *buffer, uint64_t seed, uint64_t epoch)
{
	buffer->rng = rng_for(seed, (struct span){ 0 }, epoch, "shuffle buffer");
}

static void swap(struct record *a, struct record *b)
{
	struct record c = *a;

	*a = *b;
	*b = c;
}

bool shuffle_buffer_swap(struct shuffle_buffer *buffer, struct record *record)
{
	if (buffer->count < buffer->size) {
		swap(record, &buffer->waiting[buffer->count++]);
		return false;
	}
	swap(record, &buffer->waiting[rng_below(&buffer->rng, (uint32_t)buffer->size)]);
	return true;
}

bool shuffle_buffer_take(struct shuffle_buffer *buffer, struct record *record)
{
	if (!buffer->count)
		return false;
	uint32_t place = rng_below(&buffer->rng, (uint32_t)buffer->count);
	swap(record, &buffer->waiting[place]);
	swap(&buffer->waiting[place], &buffer->waiting[--buffer->count]);
	return true;
}

void shuffle_buffer_free(struct shuffle_buffer *buffer)
{
	for (size_t i = 0; buffer->waiting && i < buffer->size; i++)
		record_free(&buffer->waiting[i]);
	free(buffer->waiting);
}
