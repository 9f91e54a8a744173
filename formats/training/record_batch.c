#include "formats/training/record_batch.h"

#include "formats/text/captions.h"
#include "formats/stream/key_set.h"
#include "formats/dataset/record_filter.h"

#include <string.h>

enum put record_batch_pixels(const struct record *record, const char *name, size_t side, uint8_t *pixels, struct err *err)
{
	const struct field *field = record_tensor(record, name, "|u1", 3, err);

	if (!field) {
		const struct err why = *err;
		if (strcmp(name, "rgb.npy") == 0)
			err_set(err, "%s; add it with `cc-augment --size %zu`", why.text, side);
		else
			err_set(err, "%s; add it with `cc-augment --image POLICY`", why.text);
		return PUT_BAD;
	}
	const size_t *shape = field->tensor.shape;
	if (shape[0] != side || shape[1] != side || shape[2] != 3) {
		err_set(err, "%s is %zux%zu, but the model takes %zux%zu; preprocess with `cc-augment --size %zu`", name, shape[1],
			shape[0], side, side, side);
		return PUT_FAILED; /* the size is a property of the whole stream */
	}
	memcpy(pixels, field->bytes.data, field->bytes.size);
	return PUT_DONE;
}

static enum put put_text(const struct record_batch *packer, const struct record *record, struct batch *batch, size_t view, struct err *err)
{
	const struct field *augmented = view ? record_find(record, "aug.txt") : NULL;
	struct span text;

	if (view && !augmented) {
		err_set(err, "no aug.txt; add it with `cc-augment --text POLICY`");
		return PUT_BAD;
	}
	if (view)
		text = augmented->bytes;
	else if (record_caption(record, packer->seed, &text, err))
		return PUT_BAD;
	return bpe_encode(packer->bpe, text, batch_ids(batch, view), batch->shape.context, batch_length(batch, view), err) ? PUT_BAD
															   : PUT_DONE;
}

static enum put put_label(const struct record_batch *packer, const struct record *record, struct batch *batch, struct err *err)
{
	int64_t label;

	if (record_label(record, &label, err))
		return PUT_BAD;
	if (label < 0 || (uint64_t)label >= packer->classes) {
		err_set(err, "cls is %lld, but there are %zu classes", (long long)label, packer->classes);
		return PUT_BAD;
	}
	batch->labels[batch->count] = (int32_t)label;
	return PUT_DONE;
}

enum put record_batch_put(const struct record_batch *packer, const struct record *record, struct batch *batch, struct err *err)
{
	enum put put = PUT_DONE;

	for (size_t view = 0; view < packer->recipe->views && put == PUT_DONE; view++) {
		put = record_batch_pixels(
			record, view ? "aug.rgb.npy" : "rgb.npy", batch->shape.image_size, batch_pixels(batch, view), err);
		if (put == PUT_DONE && packer->recipe->texts)
			put = put_text(packer, record, batch, view, err);
	}
	if (put == PUT_DONE && packer->recipe->labels)
		put = put_label(packer, record, batch, err);
	batch->keys[batch->count] = key_hash(record->key);
	batch->known[batch->count] = packer->known ? key_list_has(packer->known, record->key) : record_find(record, "poison.json") != NULL;
	batch->count += put == PUT_DONE;
	return put;
}
