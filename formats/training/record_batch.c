#include "formats/training/record_batch.h"

#include "formats/text/captions.h"
#include "formats/stream/key_set.h"
#include "formats/dataset/record_filter.h"

#include <string.h>

/* An image of the wrong size is no accident of one record. */
static enum put wrong_size(size_t size, const char *name, const struct field_tensor *tensor, struct err *err)
{
	err_set(err, "%s is %zux%zu, but the model takes %zux%zu: put `cc-augment --size %zu` before this", name,
		tensor->shape[1], tensor->shape[0], size, size, size);
	return PUT_FAILED;
}

static enum put put_image(const struct record *record, struct batch *batch, size_t view, struct err *err)
{
	const char *name = view ? "aug.rgb.npy" : "rgb.npy";
	size_t size = batch->shape.image_size;
	const struct field *field = record_tensor(record, name, "|u1", 3, err);

	if (!field) {
		struct err why = *err;
		err_set(err, "%s (`cc-augment %s` makes it)", why.text, view ? "--image POLICY" : "--size N");
		return PUT_BAD;
	}
	if (field->tensor.shape[0] != size || field->tensor.shape[1] != size || field->tensor.shape[2] != 3)
		return wrong_size(size, name, &field->tensor, err);
	memcpy(batch_pixels(batch, view), field->bytes.data, field->bytes.size);
	return PUT_DONE;
}

static enum put put_text(const struct record_batch *how, const struct record *record, struct batch *batch, size_t view, struct err *err)
{
	const struct field *augmented = view ? record_find(record, "aug.txt") : NULL;
	struct span text;

	if (view && !augmented) {
		err_set(err, "no aug.txt (`cc-augment --text POLICY` makes it)");
		return PUT_BAD;
	}
	if (view)
		text = augmented->bytes;
	else if (record_caption(record, how->seed, &text, err))
		return PUT_BAD;
	return bpe_encode(how->bpe, text, batch_ids(batch, view), batch->shape.context, batch_length(batch, view), err) ? PUT_BAD : PUT_DONE;
}

static enum put put_label(const struct record_batch *how, const struct record *record, struct batch *batch, struct err *err)
{
	const struct field *field = record_find(record, "cls");

	if (!field || field->kind != FIELD_INTEGER) {
		err_set(err, "no cls");
		return PUT_BAD;
	}
	if (field->integer < 0 || (uint64_t)field->integer >= how->classes) {
		err_set(err, "cls is %lld, but there are %zu classes", (long long)field->integer, how->classes);
		return PUT_BAD;
	}
	batch->labels[batch->count] = (int32_t)field->integer;
	return PUT_DONE;
}

enum put record_batch_put(const struct record_batch *how, const struct record *record, struct batch *batch, struct err *err)
{
	enum put put = PUT_DONE;

	for (size_t view = 0; view < how->recipe->views && put == PUT_DONE; view++) {
		put = put_image(record, batch, view, err);
		if (put == PUT_DONE && how->recipe->texts)
			put = put_text(how, record, batch, view, err);
	}
	if (put == PUT_DONE && how->recipe->labels)
		put = put_label(how, record, batch, err);
	batch->keys[batch->count] = key_hash(record->key);
	batch->known[batch->count] = how->known ? key_list_has(how->known, record->key) : record_find(record, "poison.json") != NULL;
	batch->count += put == PUT_DONE;
	return put;
}
