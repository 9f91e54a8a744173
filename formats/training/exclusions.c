#include "formats/training/exclusions.h"

#include "train/optimiser.h"

#include <stdlib.h>
#include <string.h>

int exclusions_parse(struct exclusions *exclusions, const char *text, struct err *err)
{
	const char *rest = text;
	char *end;

	for (exclusions->count = 0; exclusions->count < EXCLUSION_EPOCHS; rest = end + 1) {
		const unsigned long long epoch = *rest >= '0' && *rest <= '9' ? strtoull(rest, &end, 10) : 0;
		if (epoch == 0 || (exclusions->count && epoch <= exclusions->epochs[exclusions->count - 1]))
			break;
		exclusions->epochs[exclusions->count++] = epoch;
		if (*end == 0)
			return 0;
		if (*end != ',')
			break;
	}
	return err_set(err, "'%s' is not a list of ascending epochs, counted from 1, like 1,2,5", text);
}

void exclusions_init(struct exclusions *exclusions, const struct recipe *recipe, const double *numbers)
{
	exclusions->recipe = recipe;
	exclusions->numbers = numbers;
	pthread_mutex_init(&exclusions->lock, NULL);
	pthread_cond_init(&exclusions->changed, NULL);
}

void exclusions_free(struct exclusions *exclusions)
{
	key_set_free(&exclusions->removed);
	buf_free(&exclusions->keys);
	buf_free(&exclusions->pairs);
}

static bool removes_after(const struct exclusions *exclusions, uint64_t epoch)
{
	for (size_t i = 0; i < exclusions->count; i++)
		if (exclusions->epochs[i] == epoch)
			return true;
	return false;
}

static size_t choose(const struct exclusions *exclusions, struct epoch_pair *pairs, size_t count)
{
	return exclusions->recipe->end_of_epoch(exclusions->numbers, pairs, count);
}

int exclusions_steps(
	const struct exclusions *exclusions, uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err)
{
	uint64_t done = 0, some;

	*steps = 0;
	for (size_t i = 0; i <= exclusions->count && done < epochs; i++) {
		const uint64_t until = i < exclusions->count && exclusions->epochs[i] < epochs ? exclusions->epochs[i] : epochs;
		if (schedule_steps(records, until - done, batch, &some, err))
			return done ? err_add(err, "epoch %llu", (unsigned long long)done + 1) : -1;
		if (some > INT64_MAX - *steps)
			return err_set(err, "%llu epochs are too many", (unsigned long long)epochs);
		*steps += some;
		if (removes_after(exclusions, until))
			records -= choose(exclusions, NULL, (size_t)(records / batch * batch));
		done = until;
	}
	return 0;
}

/* A pair is identified by the hash of its key, here and in the saved state. */
static struct span of_hash(const uint64_t *hash)
{
	return span_of(hash, sizeof *hash);
}

bool exclusions_have(const struct exclusions *exclusions, struct span key)
{
	const uint64_t hash = key_hash(key);
	uint64_t number;

	return key_set_find(&exclusions->removed, of_hash(&hash), &number);
}

static int append(struct buf *buf, const void *data, size_t size, struct err *err)
{
	buf_append(buf, data, size);
	return buf->failed ? err_memory(err) : 0;
}

int exclusions_add(struct exclusions *exclusions, const struct batch *batch, const float *cosines, struct err *err)
{
	int status = 0;

	pthread_mutex_lock(&exclusions->lock);
	for (size_t i = 0; i < batch->count && status == 0 && removes_after(exclusions, batch->epoch + 1); i++) {
		const struct epoch_pair pair = { batch->keys[i], cosines[i], batch->known[i] };
		status = append(&exclusions->pairs, &pair, sizeof pair, err);
	}
	exclusions->batches++;
	pthread_cond_broadcast(&exclusions->changed);
	pthread_mutex_unlock(&exclusions->lock);
	return status;
}

static int remove_pair(struct exclusions *exclusions, uint64_t key, struct err *err)
{
	uint64_t number = 0;
	const int was = key_set_add(&exclusions->removed, of_hash(&key), &number);

	if (was < 0)
		return err_memory(err);
	return was ? 0 : append(&exclusions->keys, &key, sizeof key, err);
}

static int remove_chosen(struct exclusions *exclusions, struct excluded *excluded, struct err *err)
{
	struct epoch_pair *pairs = (struct epoch_pair *)(void *)exclusions->pairs.data;

	excluded->of = exclusions->pairs.size / sizeof *pairs;
	excluded->pairs = choose(exclusions, pairs, (size_t)excluded->of);
	for (size_t i = 0; i < excluded->pairs; i++) {
		if (remove_pair(exclusions, pairs[i].key, err))
			return -1;
		excluded->poisoned += pairs[i].poisoned;
		excluded->least = pairs[i].cosine;
	}
	exclusions->poisoned += excluded->poisoned;
	return 0;
}

int exclusions_close(struct exclusions *exclusions, uint64_t epochs, uint64_t batches, struct excluded *excluded, struct err *err)
{
	int status = 1;

	*excluded = (struct excluded){ 0 };
	if (!removes_after(exclusions, epochs))
		return 1;
	pthread_mutex_lock(&exclusions->lock);
	while (exclusions->batches < batches && !exclusions->cancelled)
		pthread_cond_wait(&exclusions->changed, &exclusions->lock);
	if (exclusions->batches < batches)
		status = 0;
	else if (remove_chosen(exclusions, excluded, err))
		status = -1;
	buf_clear(&exclusions->pairs);
	pthread_mutex_unlock(&exclusions->lock);
	return status;
}

void exclusions_cancel(struct exclusions *exclusions)
{
	pthread_mutex_lock(&exclusions->lock);
	exclusions->cancelled = true;
	pthread_cond_broadcast(&exclusions->changed);
	pthread_mutex_unlock(&exclusions->lock);
}

int exclusions_store(struct exclusions *exclusions, struct buf *bytes, struct err *err)
{
	uint64_t head[2];

	pthread_mutex_lock(&exclusions->lock);
	head[0] = exclusions->keys.size / sizeof(uint64_t);
	head[1] = exclusions->poisoned;
	buf_append(bytes, head, sizeof head);
	buf_append_span(bytes, buf_span(&exclusions->keys));
	buf_append_span(bytes, buf_span(&exclusions->pairs));
	pthread_mutex_unlock(&exclusions->lock);
	return bytes->failed ? err_memory(err) : 0;
}

int exclusions_restore(struct exclusions *exclusions, struct span bytes, uint64_t batches, struct err *err)
{
	uint64_t head[2];

	if (bytes.size < sizeof head)
		return err_set(err, "removal: too short");
	memcpy(head, bytes.data, sizeof head);
	const size_t rest = bytes.size - sizeof head;
	if (head[0] > rest / sizeof(uint64_t) || (rest - (size_t)head[0] * sizeof(uint64_t)) % sizeof(struct epoch_pair))
		return err_set(err, "removal: its counts do not match its size");
	for (size_t i = 0; i < head[0]; i++) {
		uint64_t key;
		memcpy(&key, bytes.data + sizeof head + i * sizeof key, sizeof key);
		if (remove_pair(exclusions, key, err))
			return -1;
	}
	const size_t used = sizeof head + (size_t)head[0] * sizeof(uint64_t);
	exclusions->poisoned = head[1];
	exclusions->batches = batches;
	return append(&exclusions->pairs, bytes.data + used, bytes.size - used, err);
}
