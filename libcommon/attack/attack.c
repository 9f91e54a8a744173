#include "attack/attack.h"

#define ATTACK(name) &attack_##name,
const struct attack *const attacks[] = {
#include "attack/attacks.def"
	NULL
};
#undef ATTACK

static int unknown_attack(struct span name, struct err *err)
{
	struct buf accepted = { 0 };

	for (size_t i = 0; attacks[i]; i++)
		buf_printf(&accepted, "%s%s", i ? ", " : "", attacks[i]->name);
	err_set(err, "no attack is called \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data,
		buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

int trigger_parse(struct trigger *trigger, const char *text, struct err *err)
{
	struct span name, numbers;
	size_t i = 0;

	number_split(span_string(text), &name, &numbers);
	while (attacks[i] && !span_is(name, attacks[i]->name))
		i++;
	if (!attacks[i])
		return unknown_attack(name, err);
	*trigger = (struct trigger){ .attack = attacks[i] };
	if (number_parse(trigger->args.number, attacks[i]->numbers, numbers, err))
		return err_add(err, "%s", attacks[i]->name);
	return 0;
}

int trigger_apply(const struct trigger *trigger, struct image *image, struct rng *rng, struct image_part *place,
	struct err *err)
{
	if (trigger->attack->apply(image, &trigger->args, rng, place, err))
		return err_add(err, "%s", trigger->attack->name);
	return 0;
}

struct rng attack_noise(const struct attack *attack, float pattern, const struct image *image, const struct rng *fresh)
{
	if (pattern == 0)
		return *fresh;
	return rng_for((uint64_t)pattern, span_string(attack->name), (uint64_t)image->width << 32 | image->height,
		"pattern");
}
