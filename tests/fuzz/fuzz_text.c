/* Randomly damaged texts and merges files, for every function of libcommon/text that takes untrusted input.  Checks what the sanitizers
 * find, and that encoding behaves as documented. */
#include "core/rng.h"
#include "text/bpe.h"
#include "text/html.h"
#include "text/normalise.h"
#include "text/template.h"
#include "text/words.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 20000, LONGEST = 200, CONTEXT = 12 };

static const char *const pieces[] = { "a", "photo", " ", "'s", "'", "&amp;", "&#", "x41;", "&lt", ";", "&notin", "\xC3\xA9", "\xCE\xA3",
	"\xC4\xB0", "\xE2\x80\x99", "\xF0\x9F\x98\x80", "\xCD\x85", "\xCC\x81", "\xFF", "\xED\xA0\x80", "\xF4", "<|endoftext|>",
	"<|startoftext|>", "{}", "{", "\n", "\r\n", "#version\n", "a a\n", "aa a</w>\n", "a photo\n", "</w>", "\xC4\x80 \xC4\x81\n", "1",
	"\t", "\xC3\x83\xC2\xA9", "\xC3\xA2\xE2\x82\xAC", "\xE2\x84\xA2", "\xC3\xB0\xC5\xB8", "\xC3\xAD\xC2\xA0", "\xC3\x80",
	"\xEF\xBF\xBD", "\xC2\x85", "\xC3\x83 ", "?", "\xD0\xB2\xD0\x82", "\x1A", "\x1B[0m" };

static struct buf text(struct rng *rng)
{
	struct buf out = { 0 };

	for (uint32_t left = rng_below(rng, 40); left; left--) {
		const char *piece = pieces[rng_below(rng, sizeof pieces / sizeof *pieces)];
		buf_append_string(&out, piece);
	}
	for (uint32_t left = rng_below(rng, 3); left && out.size; left--)
		out.data[rng_below(rng, (uint32_t)out.size)] = (unsigned char)rng_u32(rng);
	if (out.size > LONGEST)
		out.size = LONGEST;
	/* In memory of exactly its size, so that the sanitizer detects reads past the end. */
	struct buf exact = { 0 };
	exact.data = malloc(out.size + 1);
	exact.size = exact.capacity = out.size;
	for (size_t i = 0; i < out.size; i++)
		exact.data[i] = out.data[i];
	exact.data = realloc(exact.data, out.size ? out.size : 1);
	buf_free(&out);
	return exact;
}

static int encoding_holds(const struct bpe *bpe, struct span caption)
{
	int32_t ids[CONTEXT];
	size_t length;
	struct err err;

	if (bpe_encode(bpe, caption, ids, CONTEXT, &length, &err))
		return 1;
	if (length < 2 || length > CONTEXT || ids[0] != bpe_start(bpe) || ids[length - 1] != bpe_end(bpe))
		return 0;
	for (size_t i = 0; i < CONTEXT; i++)
		if (ids[i] < 0 || (size_t)ids[i] >= bpe_vocab_size(bpe))
			return 0;
	return 1;
}

static int round_holds(const struct bpe *bpe, struct rng *rng)
{
	struct buf a = text(rng), b = text(rng), out = { 0 };
	struct bpe_words words = { 0 };
	struct templates templates;
	struct bpe other;
	struct err err;
	size_t merges;
	int holds = encoding_holds(bpe, buf_span(&a));

	html_unescape(&out, buf_span(&a));
	text_lower(&out, buf_span(&a));
	text_has_word(buf_span(&a), buf_span(&b));
	if (templates_parse(&templates, buf_span(&a), &err) == 0)
		templates_free(&templates);
	if (bpe_load(&other, buf_span(&b), &err) == 0) {
		holds = holds && encoding_holds(&other, buf_span(&a));
		bpe_free(&other);
	}
	buf_clear(&out);
	if (bpe_words_add(&words, buf_span(&a), &err) == 0 && bpe_learn(&words, 20, &out, &merges, &err) == 0) {
		holds = holds && bpe_load(&other, buf_span(&out), &err) == 0;
		bpe_free(&other);
	}
	bpe_words_free(&words);
	buf_free(&a);
	buf_free(&b);
	buf_free(&out);
	return holds;
}

int main(void)
{
	static const char merges[] = "#version\na a\naa a\np h\no t\nph ot\nphot o</w>\n\xC3\x83 \xC2\xA9\n";
	struct rng rng = rng_for(1, span_string("text"), 0, "fuzz");
	struct bpe bpe;
	struct err err;
	int holds = bpe_load(&bpe, span_string(merges), &err) == 0;

	for (int i = 0; i < ROUNDS && holds; i++)
		holds = round_holds(&bpe, &rng);
	bpe_free(&bpe);
	printf("%s 1 - %d damaged texts and vocabularies\n1..1\n", holds ? "ok" : "not ok", ROUNDS);
	return !holds;
}
