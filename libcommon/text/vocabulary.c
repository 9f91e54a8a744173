#include "text/bpe.h"

#include <string.h>

static int wrong_id(struct span token, int64_t is, int64_t should, struct err *err)
{
	return err_set(err, "token \"%.*s\" has id %lld, but the merges give it id %lld", span_shown(token, 60), (const char *)token.data,
		(long long)is, (long long)should);
}

/* Each entry of the map must be a token with the id that the merges give it.  Adds their number to *count. */
static int check_entries(const struct value *ids, const struct bpe *bpe, size_t *count, struct err *err)
{
	for (size_t i = 0; i < ids->list.count; i++) {
		const struct span token = ids->list.items[2 * i].string;
		const int64_t id = value_integer_or(&ids->list.items[2 * i + 1], -1), should = bpe_find(bpe, token);
		if (should < 0)
			return err_set(err, "token \"%.*s\" is not a byte, a merge, the start token or the end token",
				span_shown(token, 60), (const char *)token.data);
		if (id != should)
			return wrong_id(token, id, should, err);
		*count += 1;
	}
	return 0;
}

/* tokenizer.json lists start and end here, and usually in the vocabulary, too. */
static int check_added(const struct value *added, const struct value *ids, const struct bpe *bpe, size_t *count, struct err *err)
{
	for (size_t i = 0; added && added->kind == VALUE_ARRAY && i < added->list.count; i++) {
		const struct span token = value_string_or(value_get(&added->list.items[i], "content"), "");
		const int64_t id = value_integer_or(value_get(&added->list.items[i], "id"), -1);
		const bool start = span_is(token, "<|startoftext|>");
		if (!start && !span_is(token, "<|endoftext|>"))
			return err_set(
				err, "added_tokens: \"%.*s\" is not one of CLIP's tokens", span_shown(token, 60), (const char *)token.data);
		if (id != bpe_find(bpe, token))
			return wrong_id(token, id, bpe_find(bpe, token), err);
		*count += !value_get(ids, start ? "<|startoftext|>" : "<|endoftext|>");
	}
	return 0;
}

static int check_ids(const struct value *ids, const struct value *added, struct span merges, struct err *err)
{
	struct bpe bpe;
	size_t count = 0;

	if (!ids || ids->kind != VALUE_MAP)
		return err_set(err, "vocab: missing, or not a map from tokens to numbers");
	if (bpe_load(&bpe, merges, err))
		return -1;
	int status = check_entries(ids, &bpe, &count, err) || check_added(added, ids, &bpe, &count, err);
	if (status == 0 && count != bpe_vocab_size(&bpe))
		status = err_set(err, "has %zu tokens, but the merges give %zu", count, bpe_vocab_size(&bpe));
	bpe_free(&bpe);
	return status;
}

int vocabulary_check_ids(const struct value *ids, struct span merges, struct err *err)
{
	return check_ids(ids, NULL, merges, err);
}

/* "a b", or ["a", "b"] in later versions. */
static int append_merge(struct buf *merges, const struct value *merge, struct err *err)
{
	const bool pair = merge->kind == VALUE_ARRAY && merge->list.count == 2 && merge->list.items[0].kind == VALUE_STRING &&
			  merge->list.items[1].kind == VALUE_STRING;

	if (!pair && merge->kind != VALUE_STRING)
		return err_set(err, "must be two tokens");
	buf_append_span(merges, pair ? merge->list.items[0].string : merge->string);
	if (pair) {
		buf_append_byte(merges, ' ');
		buf_append_span(merges, merge->list.items[1].string);
	}
	buf_append_byte(merges, '\n');
	return 0;
}

static bool has_lowercase(const struct value *normalizer)
{
	const struct value *steps = value_get(normalizer, "normalizers");

	if (span_is(value_string_or(value_get(normalizer, "type"), ""), "Lowercase"))
		return true;
	for (size_t i = 0; steps && steps->kind == VALUE_ARRAY && i < steps->list.count; i++)
		if (span_is(value_string_or(value_get(&steps->list.items[i], "type"), ""), "Lowercase"))
			return true;
	return false;
}

int vocabulary_of_tokenizer(const struct value *root, struct buf *merges, struct err *err)
{
	const struct value *model = value_get(root, "model"), *list = value_get(model, "merges");

	if (!span_is(value_string_or(value_get(model, "type"), "BPE"), "BPE"))
		return err_set(err, "model: type: only BPE is supported");
	if (!span_is(value_string_or(value_get(model, "end_of_word_suffix"), ""), "</w>"))
		return err_set(err, "model: end_of_word_suffix: is not \"</w>\", so this is not a CLIP tokenizer");
	if (!has_lowercase(value_get(root, "normalizer")))
		return err_set(err, "normalizer: does not convert to lower case, as CLIP's does");
	if (!list || list->kind != VALUE_ARRAY)
		return err_set(err, "model: merges: missing, or not a list");
	buf_append_string(merges, "#version: 0.2\n");
	for (size_t i = 0; i < list->list.count; i++)
		if (append_merge(merges, &list->list.items[i], err))
			return err_add(err, "model: merges: item %zu", i);
	if (merges->failed)
		return err_memory(err);
	return check_ids(value_get(model, "vocab"), value_get(root, "added_tokens"), buf_span(merges), err) ? err_add(err, "model") : 0;
}
