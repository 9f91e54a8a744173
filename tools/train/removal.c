#include "tools/train/removal.h"

#include "train/schedule.h"

#include <stdlib.h>
#include <string.h>

struct scored {
	uint64_t key;
	float cosine;
	uint32_t poisoned;
};

int removal_parse(struct removal *removal, const char *text, struct err *err)
{
	const char *rest = text;
	char *end;

	for (removal->count = 0; removal->count < REMOVAL_EPOCHS; rest = end + 1) {
		const unsigned long long epoch = *rest >= '0' && *rest <= '9' ? strtoull(rest, &end, 10) : 0;
		if (epoch == 0 || (removal->count && epoch <= removal->epochs[removal->count - 1]))
			break;
		removal->epochs[removal->count++] = epoch;
		if (*end == 0)
			return 0;
		if (*end != ',')
			break;
	}
	return err_set(err, "'%s' is not a list of ascending epochs, counted from 1, like 1,2,5", text);
}

void removal_init(struct removal *removal)
{
	pthread_mutex_init(&removal->lock, NULL);
	pthread_cond_init(&removal->changed, NULL);
}

void removal_free(struct removal *removal)
{
	key_set_free(&removal->out);
	buf_free(&removal->keys);
	buf_free(&removal->scored);
}

static bool is_one(const struct removal *removal, uint64_t epoch)
{
	for (size_t i = 0; i < removal->count; i++)
		if (removal->epochs[i] == epoch)
			return true;
	return false;
}

static size_t share_of(const struct removal *removal, uint64_t pairs)
{
	return (size_t)(removal->share * (double)pairs);
}

int removal_steps(const struct removal *removal, uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err)
{
	uint64_t done = 0, some;

	*steps = 0;
	for (size_t i = 0; i <= removal->count && done < epochs; i++) {
		const uint64_t until = i < removal->count && removal->epochs[i] < epochs ? removal->epochs[i] : epochs;
		if (schedule_steps(records, until - done, batch, &some, err))
			return done ? err_add(err, "epoch %llu", (unsigned long long)done + 1) : -1;
		if (some > INT64_MAX - *steps)
			return err_set(err, "%llu epochs are too many", (unsigned long long)epochs);
		*steps += some;
		if (is_one(removal, until))
			records -= share_of(removal, records / batch * batch);
		done = until;
	}
	return 0;
}

bool removal_has(const struct removal *removal, struct span key)
{
	uint64_t where;

	return key_set_find(&removal->out, key_hash(key), &where);
}

static int append(struct buf *buf, const void *data, size_t size, struct err *err)
{
	buf_append(buf, data, size);
	return buf->failed ? err_memory(err) : 0;
}

int removal_add(struct removal *removal, const struct batch *batch, const float *cosines, struct err *err)
{
	int status = 0;

	pthread_mutex_lock(&removal->lock);
	for (size_t i = 0; i < batch->count && status == 0 && is_one(removal, batch->epoch + 1); i++) {
		const struct scored scored = { batch->keys[i], cosines[i], batch->known[i] };
		status = append(&removal->scored, &scored, sizeof scored, err);
	}
	removal->batches++;
	pthread_cond_broadcast(&removal->changed);
	pthread_mutex_unlock(&removal->lock);
	return status;
}

/* The most alike first; equal ones by their keys, so that the order in which they came does not matter. */
static int compare(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->cosine != y->cosine)
		return x->cosine < y->cosine ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

static int leave_out(struct removal *removal, uint64_t key, struct err *err)
{
	uint64_t where = 0;
	const int was = key_set_add(&removal->out, key, &where);

	if (was < 0)
		return err_memory(err);
	return was ? 0 : append(&removal->keys, &key, sizeof key, err);
}

static int leave_out_most(struct removal *removal, struct removed *removed, struct err *err)
{
	struct scored *scored = (struct scored *)(void *)removal->scored.data;

	removed->of = removal->scored.size / sizeof *scored;
	removed->pairs = share_of(removal, removed->of);
	if (removed->pairs == 0)
		return 0;
	qsort(scored, (size_t)removed->of, sizeof *scored, compare);
	for (size_t i = 0; i < removed->pairs; i++) {
		if (leave_out(removal, scored[i].key, err))
			return -1;
		removed->poisoned += scored[i].poisoned;
	}
	removed->least = scored[removed->pairs - 1].cosine;
	removal->poisoned += removed->poisoned;
	return 0;
}

int removal_close(struct removal *removal, uint64_t epochs, uint64_t batches, struct removed *removed, struct err *err)
{
	int status = 1;

	*removed = (struct removed){ 0 };
	if (!is_one(removal, epochs))
		return 1;
	pthread_mutex_lock(&removal->lock);
	while (removal->batches < batches && !removal->cancelled)
		pthread_cond_wait(&removal->changed, &removal->lock);
	if (removal->batches < batches)
		status = 0;
	else if (leave_out_most(removal, removed, err))
		status = -1;
	buf_clear(&removal->scored);
	pthread_mutex_unlock(&removal->lock);
	return status;
}

void removal_cancel(struct removal *removal)
{
	pthread_mutex_lock(&removal->lock);
	removal->cancelled = true;
	pthread_cond_broadcast(&removal->changed);
	pthread_mutex_unlock(&removal->lock);
}

int removal_store(struct removal *removal, struct buf *bytes, struct err *err)
{
	uint64_t head[2];

	pthread_mutex_lock(&removal->lock);
	head[0] = removal->keys.size / sizeof(uint64_t);
	head[1] = removal->poisoned;
	buf_append(bytes, head, sizeof head);
	buf_append_span(bytes, buf_span(&removal->keys));
	buf_append_span(bytes, buf_span(&removal->scored));
	pthread_mutex_unlock(&removal->lock);
	return bytes->failed ? err_memory(err) : 0;
}

int removal_restore(struct removal *removal, struct span bytes, uint64_t batches, struct err *err)
{
	uint64_t head[2];

	if (bytes.size < sizeof head)
		return err_set(err, "removal: too short");
	memcpy(head, bytes.data, sizeof head);
	const size_t rest = bytes.size - sizeof head;
	if (head[0] > rest / sizeof(uint64_t) || (rest - (size_t)head[0] * sizeof(uint64_t)) % sizeof(struct scored))
		return err_set(err, "removal: its numbers do not fit its size");
	for (size_t i = 0; i < head[0]; i++) {
		uint64_t key;
		memcpy(&key, bytes.data + sizeof head + i * sizeof key, sizeof key);
		if (leave_out(removal, key, err))
			return -1;
	}
	const size_t used = sizeof head + (size_t)head[0] * sizeof(uint64_t);
	removal->poisoned = head[1];
	removal->batches = batches;
	return append(&removal->scored, bytes.data + used, bytes.size - used, err);
}
