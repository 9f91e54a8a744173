#include "text/bpe_word.h"
#include "text/byte_symbol.h"

enum { NOBODY = -1 };

/* The symbols of a word are a list; a heap holds the merges that are possible, as (merged token, place) in one
 * number, so that the least is the next.  A merge makes a token later than any that is possible already (a merge's
 * parts come before it), hence all places of one merge are done before the next, as the definition wants.  A merge
 * that is no longer possible stays in the heap until its turn comes: its symbol has changed `merged` by then. */
struct symbol {
	int32_t id;
	int32_t merged; /* what it and the next one become, or NOBODY */
	int32_t previous, next;
};

struct word {
	const struct bpe *bpe;
	struct symbol *symbols; /* [size] */
	uint64_t *heap;         /* [2 * size]: a merge takes one out and puts at most two in */
	size_t heap_count;
};

static void heap_push(struct word *word, uint64_t item)
{
	size_t at = word->heap_count++;

	for (; at && word->heap[(at - 1) / 2] > item; at = (at - 1) / 2)
		word->heap[at] = word->heap[(at - 1) / 2];
	word->heap[at] = item;
}

static uint64_t heap_pop(struct word *word)
{
	uint64_t *heap = word->heap, least = heap[0], last = heap[--word->heap_count];
	size_t at = 0, count = word->heap_count;

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		child += child + 1 < count && heap[child + 1] < heap[child];
		if (heap[child] >= last)
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return least;
}

static void look_up(struct word *word, int32_t at)
{
	struct symbol *symbol = &word->symbols[at];

	symbol->merged = symbol->next == NOBODY ? NOBODY : bpe_merged(word->bpe, symbol->id, word->symbols[symbol->next].id);
	if (symbol->merged != NOBODY)
		heap_push(word, (uint64_t)symbol->merged << 32 | (uint32_t)at);
}

static void merge(struct word *word, int32_t at)
{
	struct symbol *left = &word->symbols[at], *right = &word->symbols[left->next];

	left->id = left->merged;
	left->next = right->next;
	right->merged = NOBODY;
	if (left->next != NOBODY)
		word->symbols[left->next].previous = at;
	look_up(word, at);
	if (left->previous != NOBODY)
		look_up(word, left->previous);
}

static int begin(struct word *word, struct span bytes, struct buf *scratch, struct err *err)
{
	const size_t each = sizeof *word->symbols + 2 * sizeof *word->heap;

	if (bytes.size > INT32_MAX / each)
		return err_set(err, "text: a word of %zu bytes is too long", bytes.size);
	buf_clear(scratch);
	unsigned char *memory = buf_reserve(scratch, bytes.size * each);
	if (!memory)
		return err_memory(err);
	word->heap = (uint64_t *)(void *)memory;
	word->symbols = (struct symbol *)(void *)(word->heap + 2 * bytes.size);
	word->heap_count = 0;
	const int32_t size = (int32_t)bytes.size;
	for (int32_t i = 0; i < size; i++)
		word->symbols[i] = (struct symbol){ .id = byte_symbol(bytes.data[i]), .previous = i - 1,
			.next = i + 1 < size ? i + 1 : NOBODY };
	word->symbols[size - 1].id += BYTE_SYMBOLS;
	for (int32_t i = 0; i < size; i++)
		look_up(word, i);
	return 0;
}

int64_t bpe_word(const struct bpe *bpe, struct span bytes, int32_t *ids, size_t room, struct buf *scratch, struct err *err)
{
	struct word word = { .bpe = bpe };
	size_t count = 0;

	if (begin(&word, bytes, scratch, err))
		return -1;
	while (word.heap_count) {
		uint64_t next = heap_pop(&word);
		int32_t at = (int32_t)(next & UINT32_MAX);
		if (word.symbols[at].merged == (int32_t)(next >> 32))
			merge(&word, at);
	}
	for (int32_t at = 0; at != NOBODY && count < room; at = word.symbols[at].next)
		ids[count++] = word.symbols[at].id;
	return (int64_t)count;
}
