#include "formats/training/state.h"

#include "formats/text/json.h"
#include "formats/stream/facts.h"
#include "formats/model/checkpoint.h"
#include "train/trainer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

/* The tensors of a state besides the model: AdamW's two moments of each trained parameter, the head, and the removed pairs.  Names
 * begin with CHECKPOINT_MORE. */
struct state_tensor {
	const char *name;
	const struct tensor *shape;
	float *data; /* belongs to the trainer */
};

struct state_tensors {
	struct state_tensor *items;
	size_t count;
	struct buf removal; /* bytes of exclusions_store; may be empty */
	struct arena arena;
};

enum { LONGEST_NAME = 512 };
static const char removal_name[] = CHECKPOINT_MORE "removal";

static void add(struct state_tensors *tensors, const char *kind, const struct parameter *parameter, float *data)
{
	char name[LONGEST_NAME];
	int size = snprintf(name, sizeof name, CHECKPOINT_MORE "%s%s", kind, parameter->name);
	char *copy = size > 0 && size < LONGEST_NAME ? arena_string(&tensors->arena, name, (size_t)size) : NULL;

	tensors->items[tensors->count++] = (struct state_tensor){ .name = copy, .shape = parameter->tensor, .data = data };
	tensors->arena.failed |= !copy;
}

static void add_moments(struct state_tensors *tensors, const struct adamw *adamw)
{
	const struct parameters *set = adamw->set;

	for (size_t i = 0; i < set->count; i++) {
		const struct tensor *tensor = set->items[i].tensor;
		if (!tensor->wants_grad)
			continue;
		add(tensors, "first.", &set->items[i], adamw->first + (tensor->grad - set->grads));
		add(tensors, "second.", &set->items[i], adamw->second + (tensor->grad - set->grads));
	}
}

/* The caller frees with state_tensors_free, also after an error. */
static int state_tensors_init(struct state_tensors *tensors, const struct trainer *trainer, struct err *err)
{
	const struct parameters *head = trainer->head ? &trainer->head->parameters : NULL;
	size_t most = 2 * trainer->clip->parameters.count + (head ? 3 * head->count : 0);

	*tensors = (struct state_tensors){ 0 };
	tensors->items = arena_zeroed(&tensors->arena, most + 1, sizeof *tensors->items);
	if (!tensors->items)
		return err_memory(err);
	add_moments(tensors, &trainer->model_adamw);
	for (size_t i = 0; head && i < head->count; i++)
		add(tensors, "", &head->items[i], head->items[i].tensor->data);
	if (head)
		add_moments(tensors, &trainer->head_adamw);
	return tensors->arena.failed ? err_memory(err) : 0;
}

static void state_tensors_free(struct state_tensors *tensors)
{
	buf_free(&tensors->removal);
	arena_free(&tensors->arena);
}

/* Digest of `text` and of all tensors with their names. */
static int state_tensors_digest(const struct state_tensors *tensors, struct span text, struct digest *digest, struct err *err)
{
	XXH3_state_t *hash = XXH3_createState();

	if (!hash)
		return err_memory(err);
	XXH3_128bits_reset(hash);
	XXH3_128bits_update(hash, text.data, text.size);
	for (size_t i = 0; i < tensors->count; i++) {
		const struct state_tensor *item = &tensors->items[i];
		XXH3_128bits_update(hash, item->name, strlen(item->name) + 1);
		XXH3_128bits_update(hash, item->data, tensor_size(item->shape) * sizeof *item->data);
	}
	XXH3_128bits_update(hash, tensors->removal.data, tensors->removal.size);
	XXH128_hash_t sum = XXH3_128bits_digest(hash);
	*digest = (struct digest){ sum.high64, sum.low64 };
	XXH3_freeState(hash);
	return 0;
}

/* For safetensors_write; in the arena.  NULL: no memory. */
static const struct safetensors_item *state_tensors_items(struct state_tensors *tensors, size_t *count)
{
	struct safetensors_item *items = arena_zeroed(&tensors->arena, tensors->count + 1, sizeof *items);

	for (size_t i = 0; items && i < tensors->count; i++) {
		const struct state_tensor *from = &tensors->items[i];
		items[i] = (struct safetensors_item){ .name = from->name, .dtype = "F32", .rank = from->shape->rank, .data = from->data };
		memcpy(items[i].shape, from->shape->shape, from->shape->rank * sizeof *items[i].shape);
	}
	*count = tensors->count;
	if (items && tensors->removal.size)
		items[(*count)++] = (struct safetensors_item){
			.name = removal_name, .dtype = "U8", .rank = 1, .shape = { tensors->removal.size }, .data = tensors->removal.data
		};
	return items;
}

static int read_one(const struct state_tensor *item, const struct safetensors *file, struct err *err)
{
	const struct safetensor *tensor = safetensors_find(file, item->name);
	size_t rank = item->shape->rank;

	if (!tensor)
		return err_set(err, "%s: missing from the file", item->name);
	if (strcmp(tensor->dtype, "F32") != 0 || tensor->rank != rank ||
		memcmp(tensor->shape, item->shape->shape, rank * sizeof *tensor->shape) != 0)
		return err_set(err, "%s: its shape differs from the parameter's", item->name);
	return safetensors_read(file, tensor, item->data, err);
}

static int read_removal(struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	const struct safetensor *tensor = safetensors_find(file, removal_name);
	unsigned char *bytes;

	buf_clear(&tensors->removal);
	if (!tensor || tensor->end == tensor->begin)
		return 0;
	bytes = buf_reserve(&tensors->removal, (size_t)(tensor->end - tensor->begin));
	if (!bytes)
		return err_memory(err);
	tensors->removal.size = (size_t)(tensor->end - tensor->begin);
	return safetensors_read(file, tensor, bytes, err);
}

static int state_tensors_read(struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	for (size_t i = 0; i < tensors->count; i++)
		if (read_one(&tensors->items[i], file, err))
			return -1;
	return read_removal(tensors, file, err);
}

static int parse(const struct safetensors *file, struct arena *arena, struct value *map, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct span text = safetensors_metadata(file, "state");

	if (text.size == 0)
		return err_set(err, "is not the state of a run");
	if (json_read(text, &limits, arena, map, err))
		return err_add(err, "state");
	int64_t version = value_integer_or(value_get(map, "version"), 0);
	return version == 1 ? 0 : err_set(err, "has version %lld; only version 1 is supported", (long long)version);
}

/* The version may differ: a newer one continues the run, and the records it was trained on are compared by their digest. */
static int check_run(const struct state *state, const struct value *map, struct arena *arena, struct err *err)
{
	const struct value nothing = value_map(), *command = value_get(map, "command"), *stream = value_get(map, "stream");
	struct value old_command, new_command, old_stream, new_stream;
	struct err why;

	if (value_copy(&old_command, command ? command : &nothing, arena) || value_copy(&new_command, state->command, arena) ||
		value_copy(&old_stream, stream ? stream : &nothing, arena) || value_copy(&new_stream, state->stream, arena))
		return err_memory(err);
	facts_remove_version(&old_command);
	facts_remove_version(&new_command);
	facts_remove_versions(&old_stream);
	facts_remove_versions(&new_stream);
	if (!difference_of_commands(&old_command, &new_command, &why) && !difference_of_headers(&old_stream, &new_stream, &why))
		return 0;
	return err_set(err, "was left by another run: %s", why.text);
}

static int check_digest(const struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	struct digest claimed, found;

	if (state_tensors_digest(tensors, safetensors_metadata(file, "state"), &found, err))
		return -1;
	if (digest_parse(&claimed, safetensors_metadata(file, "state_digest")) || !digest_equal(claimed, found))
		return err_set(err, "its digest does not match its contents; the file is damaged");
	return 0;
}

static uint64_t count_of(const struct value *map, const char *name)
{
	int64_t count = value_integer_or(value_get(map, name), 0);

	return count < 0 ? 0 : (uint64_t)count;
}

/* Reads everything except the JSON metadata. */
static int read_tensors(struct state *state, const struct safetensors *file, uint64_t step, struct err *err)
{
	struct checkpoint checkpoint = *state->checkpoint;
	struct state_tensors tensors;
	int status = state_tensors_init(&tensors, state->trainer, err) || state_tensors_read(&tensors, file, err) ||
		     check_digest(&tensors, file, err) || checkpoint_read_parameters(&checkpoint, file, err) ||
		     (state->exclusions && exclusions_restore(state->exclusions, buf_span(&tensors.removal), step, err));

	state_tensors_free(&tensors);
	return status ? -1 : 0;
}

static int set_place(struct place *place, const struct value *map, struct err *err)
{
	const struct value nothing = value_map(), *reasons = value_get(map, "bad_reasons");

	place->records = count_of(map, "records");
	place->epoch = count_of(map, "epoch");
	place->bad = count_of(map, "bad");
	if (digest_parse(&place->digest, value_string_or(value_get(map, "digest"), "")))
		return err_set(err, "state: the digest of the stream is missing");
	buf_clear(&place->reasons);
	return json_write(reasons ? reasons : &nothing, &place->reasons, err);
}

static int read_file(struct state *state, const struct safetensors *file, struct err *err)
{
	struct trainer *trainer = state->trainer;
	struct arena arena = { 0 };
	struct value map;
	int status = parse(file, &arena, &map, err) || check_run(state, &map, &arena, err) ||
		     read_tensors(state, file, count_of(&map, "step"), err) || set_place(&state->place, &map, err);

	if (status == 0)
		trainer_resume(trainer, count_of(&map, "step"), value_bool_or(value_get(&map, "head_unscaled"), false));
	arena_free(&arena);
	return status;
}

int state_read(struct state *state, const char *path, struct err *err)
{
	struct safetensors file;

	if (access(path, F_OK))
		return 0;
	int status = safetensors_open(&file, path, err);
	if (status == 0) {
		status = read_file(state, &file, err);
		safetensors_close(&file);
		if (status)
			err_add(err, "%s", path);
	}
	struct err why = *err;
	return status ? err_set(err, "%s; to start over, remove it", why.text) : 1;
}

enum { HEADER_MAX = 64 << 10 };

/* The metadata that state_read needs. */
static int describe(const struct state *state, struct value *map, struct arena *arena, struct err *err)
{
	const struct trainer *trainer = state->trainer;
	const struct place *place = &state->place;
	struct limits limits = LIMITS_DEFAULT;
	struct value reasons;
	char *hex = arena_zeroed(arena, 1, 33);

	if (!hex)
		return err_memory(err);
	digest_hex(place->digest, hex);
	if (json_read(buf_span(&place->reasons), &limits, arena, &reasons, err))
		return -1;
	*map = value_map();
	value_set(map, "version", value_integer(1), arena);
	value_set(map, "step", value_integer((int64_t)trainer->step), arena);
	value_set(map, "epoch", value_integer((int64_t)place->epoch), arena);
	value_set(map, "records", value_integer((int64_t)place->records), arena);
	value_set(map, "digest", value_string(hex), arena);
	value_set(map, "bad", value_integer((int64_t)place->bad), arena);
	value_set(map, "bad_reasons", reasons, arena);
	value_set(map, "head_unscaled", value_bool(trainer->head && trainer->head->unscaled), arena);
	value_set(map, "command", *state->command, arena);
	value_set(map, "stream", *state->stream, arena);
	return arena->failed ? err_memory(err) : 0;
}

static int make_metadata(
	const struct state *state, const struct state_tensors *tensors, struct value *metadata, struct arena *arena, struct err *err)
{
	struct buf text = { 0 };
	struct value map;
	struct digest digest;
	char *hex = arena_zeroed(arena, 1, 33), *copy = NULL;
	int status = describe(state, &map, arena, err) || json_write(&map, &text, err) ||
		     state_tensors_digest(tensors, buf_span(&text), &digest, err);

	*metadata = value_map();
	if (status == 0) {
		copy = arena_string(arena, text.data, text.size);
		if (hex)
			digest_hex(digest, hex);
		if (!copy || !hex || value_set(metadata, "state", value_span(span_of(copy, text.size)), arena) ||
			value_set(metadata, "state_digest", value_string(hex), arena))
			status = err_memory(err);
	}
	buf_free(&text);
	return status;
}

int state_write(const struct state *state, int fd, struct err *err)
{
	struct checkpoint checkpoint = *state->checkpoint; /* a copy: writing must not change its digest */
	struct checkpoint_more more = { 0 };
	struct state_tensors tensors;
	struct arena arena = { 0 };
	int status = state_tensors_init(&tensors, state->trainer, err) ||
		     (state->exclusions && exclusions_store(state->exclusions, &tensors.removal, err)) ||
		     make_metadata(state, &tensors, &more.metadata, &arena, err);

	if (status == 0) {
		more.items = state_tensors_items(&tensors, &more.count);
		status = more.items ? checkpoint_write_with(&checkpoint, &more, fd, err) : err_memory(err);
	}
	state_tensors_free(&tensors);
	arena_free(&arena);
	return status ? -1 : 0;
}

size_t state_size(const struct state *state)
{
	const struct trainer *trainer = state->trainer;
	size_t floats = 2 * trainer->model_adamw.set->grad_floats;

	if (trainer->head)
		floats += 3 * trainer->head_adamw.set->grad_floats;
	return checkpoint_size(state->checkpoint) + floats * sizeof(float) + HEADER_MAX;
}
