#include "formats/model/checkpoint.h"

#include "formats/text/json.h"
#include "formats/model/model_pixels.h"

/* How many tokens the configuration has room for; 0: it does not say. */
static size_t room_for_tokens(const struct value *config)
{
	const struct value *model = value_get(config, "model_cfg");
	const struct value *text = value_get(model ? model : config, "text_cfg");
	int64_t size = value_integer_or(value_get(text, "vocab_size"), 0);

	return size > 0 ? (size_t)size : 0;
}

/* A vocabulary larger than the model's table is CLIP's own file: its first merges are meant. */
static int load_vocabulary(struct checkpoint *checkpoint, struct span merges, struct err *err)
{
	size_t room = room_for_tokens(&checkpoint->config);

	if (merges.size == 0)
		return 0;
	if (room > BPE_BYTE_TOKENS + 2)
		merges = bpe_first_merges(merges, room - BPE_BYTE_TOKENS - 2);
	checkpoint->vocabulary = span_of(arena_string(&checkpoint->arena, merges.data, merges.size), merges.size);
	if (!checkpoint->vocabulary.data)
		return err_memory(err);
	checkpoint->vocabulary_failed = true;
	if (bpe_load(&checkpoint->bpe, checkpoint->vocabulary, err))
		return err_add(err, "vocabulary");
	checkpoint->vocabulary_failed = false;
	size_t tokens = bpe_vocab_size(&checkpoint->bpe);
	if (room && tokens > room)
		return err_set(err, "text_cfg: vocab_size: %zu, but the vocabulary has %zu tokens", room, tokens);
	return 0;
}

/* Values are copied shallowly: a list that is to grow must have been made by value_map. */
static struct value copy_of_map(const struct value *map, struct arena *arena)
{
	struct value copy = value_map();

	for (size_t i = 0; i < map->list.count; i++) {
		struct span name = map->list.items[2 * i].string;
		char *key = arena_string(arena, name.data, name.size);
		if (key)
			value_add(&copy, span_of(key, name.size), map->list.items[2 * i + 1], arena);
	}
	return copy;
}

static int set_vocab_size(struct checkpoint *checkpoint, struct err *err)
{
	struct arena *arena = &checkpoint->arena;
	const struct value *model = value_get(&checkpoint->config, "model_cfg");
	const struct value *text = value_get(model ? model : &checkpoint->config, "text_cfg");

	if (room_for_tokens(&checkpoint->config) || !text || text->kind != VALUE_MAP || value_get(text, "vocab_size") ||
		value_string_or(value_get(text, "hf_model_name"), "").size)
		return 0; /* there, or wrong in a way that clip_config_read tells */
	if (checkpoint->vocabulary.size == 0)
		return err_set(err, "text_cfg: vocab_size: missing, and there is no vocabulary that tells it (--vocab FILE)");
	struct value config = copy_of_map(&checkpoint->config, arena), new_text = copy_of_map(text, arena);
	value_set(&new_text, "vocab_size", value_integer((int64_t)bpe_vocab_size(&checkpoint->bpe)), arena);
	if (model) {
		struct value new_model = copy_of_map(model, arena);
		value_set(&new_model, "text_cfg", new_text, arena);
		value_set(&config, "model_cfg", new_model, arena);
	} else {
		value_set(&config, "text_cfg", new_text, arena);
	}
	checkpoint->config = config;
	return arena->failed ? err_memory(err) : 0;
}

int checkpoint_new(struct checkpoint *checkpoint, struct span config, struct span vocabulary, struct err *err)
{
	struct limits limits = LIMITS_DEFAULT;
	struct clip_config parsed;

	*checkpoint = (struct checkpoint){ .header = value_map() };
	if (json_read(config, &limits, &checkpoint->arena, &checkpoint->config, err) || load_vocabulary(checkpoint, vocabulary, err) ||
		set_vocab_size(checkpoint, err) || clip_config_read(&parsed, &checkpoint->config, err) ||
		model_pixels(&checkpoint->pixels, &checkpoint->config, err))
		return -1;
	checkpoint->clip = clip_new(&parsed, err);
	return checkpoint->clip ? 0 : -1;
}

struct value checkpoint_origin(const struct checkpoint *checkpoint, struct arena *arena)
{
	const struct value *header = &checkpoint->header;
	struct value map = value_map();
	char *hex = arena_zeroed(arena, 1, 33);

	if (!hex)
		return map;
	digest_hex(checkpoint->digest, hex);
	value_set(&map, "digest", value_string(hex), arena);
	for (size_t i = 0; i < header->list.count; i++) {
		const struct span name = header->list.items[2 * i].string;
		char *copy = arena_string(arena, name.data, name.size);
		if (copy && !span_is(name, "digest"))
			value_add(&map, span_of(copy, name.size), header->list.items[2 * i + 1], arena);
	}
	return map;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
	clip_free(checkpoint->clip);
	bpe_free(&checkpoint->bpe);
	arena_free(&checkpoint->arena);
	*checkpoint = (struct checkpoint){ 0 };
}
