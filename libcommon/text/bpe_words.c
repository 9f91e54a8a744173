#include "text/bpe_words.h"
#include "text/normalise.h"
#include "text/split.h"

#include <stdlib.h>

static int count_word(struct bpe_words *words, struct span word)
{
	if (words->words.count == words->capacity) {
		size_t capacity = words->capacity ? 2 * words->capacity : 256;
		uint64_t *counts = realloc(words->counts, capacity * sizeof *counts);
		if (!counts)
			return -1;
		words->counts = counts;
		words->capacity = capacity;
	}
	size_t before = words->words.count;
	int64_t number = map_add(&words->words, word);
	if (number < 0)
		return -1;
	if ((size_t)number == before)
		words->counts[number] = 0;
	words->counts[number]++;
	return 0;
}

int bpe_words_add(struct bpe_words *words, struct span caption, struct err *err)
{
	struct buf clean = { 0 };
	struct piece piece;
	int result = text_normalise(&clean, caption, err);
	struct span rest = buf_span(&clean);

	while (result == 0 && split_next(&rest, &piece))
		if (piece.kind == PIECE_WORD && piece.text.size <= BPE_LONGEST_WORD && count_word(words, piece.text))
			result = err_memory(err);
	buf_free(&clean);
	return result;
}

void bpe_words_free(struct bpe_words *words)
{
	map_free(&words->words);
	free(words->counts);
	*words = (struct bpe_words){ 0 };
}
