#include "attack/attack.h"

#include "text/words.h"

#include <stdlib.h>
#include <string.h>

#define ATTACK(name) &attack_##name,
const struct attack *const attacks[] = {
#include "attack/attacks.def"
	NULL
};
#undef ATTACK

static int unknown_attack(struct span name, struct err *err)
{
	struct buf accepted = { 0 };
	char *word = span_copy_string(name);
	struct nearest nearest = nearest_to(word ? word : "");

	for (size_t i = 0; attacks[i]; i++) {
		nearest_consider(&nearest, attacks[i]->name);
		buf_printf(&accepted, "%s%s", i ? ", " : "", attacks[i]->name);
	}
	nearest_suggest(&nearest, &accepted);
	free(word);
	err_set(err, "unknown attack \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data, buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static const struct attack_text *find_text(const struct attack *attack, struct span name)
{
	for (const struct attack_text *text = attack->texts; text->name; text++)
		if (span_is(name, text->name))
			return text;
	return NULL;
}

/* Extracts the text arguments from "k=v,k=v"; the others are numbers. */
static int take_texts(struct trigger *trigger, char *arguments, struct buf *numbers, struct err *err)
{
	for (char *next = arguments; next && *next;) {
		char *argument = next, *comma = strchr(argument, ','), *value = strchr(argument, '=');
		next = comma ? comma + 1 : NULL;
		if (comma)
			*comma = 0;
		const size_t length = value && (!comma || value < comma) ? (size_t)(value - argument) : strlen(argument);
		const struct attack_text *text = find_text(trigger->attack, span_of(argument, length));
		if (!text) {
			buf_printf(numbers, "%s%s", numbers->size ? "," : "", argument);
			continue;
		}
		if (argument[length] == 0 || argument[length + 1] == 0)
			return err_set(err, "%s=: a value is required (%s)", text->name, text->about);
		if (trigger->args.text[text - trigger->attack->texts])
			return err_set(err, "%s is given twice", text->name);
		trigger->args.text[text - trigger->attack->texts] = argument + length + 1;
	}
	for (const struct attack_text *text = trigger->attack->texts; text->name; text++)
		if (text->required && !trigger->args.text[text - trigger->attack->texts])
			return err_set(err, "%s= is missing (%s)", text->name, text->about);
	return numbers->failed ? err_memory(err) : 0;
}

int trigger_parse(struct trigger *trigger, const char *text, struct err *err)
{
	struct buf rest = { 0 };
	struct span name, arguments;
	size_t i = 0;

	*trigger = (struct trigger){ 0 };
	number_split(span_string(text), &name, &arguments);
	while (attacks[i] && !span_is(name, attacks[i]->name))
		i++;
	if (!attacks[i])
		return unknown_attack(name, err);
	trigger->attack = attacks[i];
	if (!(trigger->memory = span_copy_string(arguments)))
		return err_memory(err);
	int status = take_texts(trigger, trigger->memory, &rest, err) ||
				     number_parse(trigger->args.number, attacks[i]->numbers, buf_span(&rest), err)
			     ? -1
			     : 0;
	buf_free(&rest);
	return status ? err_add(err, "%s", attacks[i]->name) : 0;
}

void trigger_free(struct trigger *trigger)
{
	free(trigger->memory);
	*trigger = (struct trigger){ 0 };
}

const char *trigger_file(const struct trigger *trigger)
{
	for (size_t i = 0; trigger->attack->texts[i].name; i++)
		if (trigger->attack->texts[i].file)
			return trigger->args.text[i];
	return NULL;
}

bool trigger_in_caption(const struct trigger *trigger)
{
	return trigger->attack->in_caption && trigger->attack->in_caption(&trigger->args);
}

int trigger_apply(const struct trigger *trigger, struct sample *sample, struct rng *rng, struct err *err)
{
	if (trigger->attack->apply(sample, &trigger->args, rng, err))
		return err_add(err, "%s", trigger->attack->name);
	return 0;
}

int trigger_write_caption(const struct trigger *trigger, struct buf *out, const struct sample *sample, struct rng *rng, struct err *err)
{
	if (trigger->attack->write_caption(out, sample, &trigger->args, rng, err))
		return err_add(err, "%s", trigger->attack->name);
	return out->failed ? err_memory(err) : 0;
}

struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh)
{
	if (pattern == 0)
		return *fresh;
	return rng_for((uint64_t)pattern, span_string(attack->name), (uint64_t)image->width << 32 | image->height, "pattern");
}
