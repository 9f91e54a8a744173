#include "formats/training/state.h"

#include "formats/text/json.h"
#include "formats/training/state_tensors.h"

enum { ROOM_FOR_HEADER = 64 << 10 };

/* What state_read wants to know. */
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

static int make_metadata(const struct state *state, const struct state_tensors *tensors, struct value *metadata,
	struct arena *arena, struct err *err)
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
	struct checkpoint checkpoint = *state->checkpoint; /* its digest is to stay what it is */
	struct checkpoint_more more = { 0 };
	struct state_tensors tensors;
	struct arena arena = { 0 };
	int status = state_tensors_init(&tensors, state->trainer, err) ||
		(state->exclusions && exclusions_store(state->exclusions, &tensors.removal, err)) || make_metadata(state, &tensors, &more.metadata, &arena, err);

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
	return checkpoint_size(state->checkpoint) + floats * sizeof(float) + ROOM_FOR_HEADER;
}
