/* cc-model vocab: learns a vocabulary from captions. */
#include "formats/text/captions.h"
#include "text/bpe.h"
#include "tools/cli/print.h"
#include "tools/model/verbs.h"

enum { SMALLEST = BPE_BYTE_TOKENS + 2, LARGEST = 1 << 20 };

struct vocab_options {
	uint64_t size;
};

static const struct option_spec options[] = {
	{ "size", OPTION_COUNT, offsetof(struct vocab_options, size), "N",
		"number of tokens, 514 to 1048576: 514 plus one per merge (default 4096)", 's', .records = true, .min = SMALLEST,
		.max = LARGEST },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model vocab",
	.summary = "learn a vocabulary from captions",
	.usage = "[--size N] [-o FILE] [FILE]",
	.text = "Byte pair encoding as in CLIP: captions are normalised and split into words, and the most frequent pair of adjacent symbols is\n"
		"merged repeatedly, until the vocabulary has --size tokens or no pair occurs twice. The output has CLIP's own format: a\n"
		"comment, then one merge per line. It does not depend on the order of the records. Only the first epoch is used.",
	.example = "cc-shard read train.tar | cc-model vocab --size 2048 -o vocab.txt\n",
	.options = options,
	.arguments_max = 1,
};

static int count_captions(const struct record *record, struct bpe_words *words, struct err *err)
{
	struct captions captions;

	if (record_captions(record, &captions, err))
		return -1;
	for (size_t i = 0; i < captions.count; i++)
		if (bpe_words_add(words, captions.items[i], err))
			return -1;
	return 0;
}

static int count_words(struct tool *tool, struct bpe_words *words)
{
	struct record record = { 0 };
	int state;

	while ((state = tool_next(tool, &record)) > 0) {
		if (state == STREAM_EPOCH || record.epoch > 0)
			continue;
		if (count_captions(&record, words, &tool->err) && tool_bad(tool, record.key, tool->err.text)) {
			state = -1;
			break;
		}
	}
	record_free(&record);
	return state;
}

static int learn(struct tool *tool, const struct bpe_words *words, uint64_t size)
{
	struct buf text = { 0 };
	size_t merges;

	if (words->words.count == 0)
		return err_set(&tool->err, "the captions contain no words");
	int result = bpe_learn(words, (size_t)size - SMALLEST, &text, &merges, &tool->err);
	if (result == 0)
		result = tool_print(tool, buf_span(&text));
	if (result == 0 && merges + SMALLEST < size)
		tool_say(tool, "the vocabulary has %zu tokens, not %llu: no further pair occurs twice in the %zu words", merges + SMALLEST,
			(unsigned long long)size, words->words.count);
	buf_free(&text);
	return result;
}

int model_vocab(int argc, char **argv)
{
	struct vocab_options opt = { .size = 4096 };
	struct bpe_words words = { 0 };
	struct tool tool;
	int result = tool_start(&tool, &about, &opt, argc, argv) || tool_read(&tool) || count_words(&tool, &words) ||
		     learn(&tool, &words, opt.size);

	bpe_words_free(&words);
	return result ? tool_fail(&tool) : tool_finish(&tool);
}
