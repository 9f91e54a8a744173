#include "formats/training/state.h"

#include "formats/text/json.h"
#include "formats/training/difference.h"
#include "formats/training/state_tensors.h"

#include <unistd.h>

static int parse(const struct safetensors *file, struct arena *arena, struct value *map, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct span text = safetensors_metadata(file, "state");

	if (text.size == 0)
		return err_set(err, "is no state of a run");
	if (json_read(text, &limits, arena, map, err))
		return err_add(err, "state");
	int64_t version = value_integer_or(value_get(map, "version"), 0);
	return version == 1 ? 0 : err_set(err, "a state of version %lld; this program reads version 1", (long long)version);
}

static int check_run(const struct state *state, const struct value *map, struct err *err)
{
	const struct value nothing = value_map();
	const struct value *command = value_get(map, "command"), *stream = value_get(map, "stream");
	struct err why;

	if (!difference_of_commands(command ? command : &nothing, state->command, &why) &&
		!difference_of_headers(stream ? stream : &nothing, state->stream, &why))
		return 0;
	return err_set(err, "was left by another run: %s", why.text);
}

static int check_digest(const struct state_tensors *tensors, const struct safetensors *file, struct err *err)
{
	struct digest claimed, found;

	if (state_tensors_digest(tensors, safetensors_metadata(file, "state"), &found, err))
		return -1;
	if (digest_parse(&claimed, safetensors_metadata(file, "state_digest")) || !digest_equal(claimed, found))
		return err_set(err, "its digest does not fit what it holds");
	return 0;
}

static uint64_t count_of(const struct value *map, const char *name)
{
	int64_t count = value_integer_or(value_get(map, name), 0);

	return count < 0 ? 0 : (uint64_t)count;
}

/* All that is in the file and not in its JSON. */
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
		return err_set(err, "state: no digest of the stream");
	buf_clear(&place->reasons);
	return json_write(reasons ? reasons : &nothing, &place->reasons, err);
}

static int read_file(struct state *state, const struct safetensors *file, struct err *err)
{
	struct trainer *trainer = state->trainer;
	struct arena arena = { 0 };
	struct value map;
	int status = parse(file, &arena, &map, err) || check_run(state, &map, err) || read_tensors(state, file, count_of(&map, "step"), err) ||
		set_place(&state->place, &map, err);

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
	return status ? err_set(err, "%s (to begin anew, remove it)", why.text) : 1;
}
