#include "core/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 32 };

/* Takes what stands before the separator off the front of *rest. */
static struct span cut(struct span *rest, unsigned char separator)
{
	const unsigned char *at = rest->size ? memchr(rest->data, separator, rest->size) : NULL;
	struct span front = { rest->data, at ? (size_t)(at - rest->data) : rest->size };
	size_t used = front.size + (at != NULL);

	*rest = span_of(rest->size ? rest->data + used : rest->data, rest->size - used);
	return front;
}

void number_split(struct span text, struct span *name, struct span *numbers)
{
	*numbers = text;
	*name = cut(numbers, ':');
}

void number_describe(struct buf *out, const struct number *list)
{
	for (const struct number *number = list; number->name; number++)
		buf_printf(out, "%s%s=%g (%g..%g: %s)", number == list ? "" : ", ", number->name, (double)number->fallback,
			(double)number->least, (double)number->most, number->about);
}

static int unknown_name(struct span name, const struct number *list, struct err *err)
{
	struct buf accepted = { 0 };

	number_describe(&accepted, list);
	err_set(err, "no number is called \"%.*s\" here; accepted: %s", (int)name.size, (const char *)name.data,
		accepted.size ? buf_string(&accepted) : "none");
	buf_free(&accepted);
	return -1;
}

static int parse_value(float *value, const struct number *number, struct span text, struct err *err)
{
	char copy[LONGEST_NUMBER + 1] = "";
	char *end = copy;

	if (text.size && text.size <= LONGEST_NUMBER) {
		memcpy(copy, text.data, text.size);
		*value = strtof(copy, &end);
	}
	if (text.size == 0 || end != copy + text.size || !(*value >= number->least && *value <= number->most) ||
		(number->whole && *value != floorf(*value)))
		return err_set(err, "%s=%.*s: a%s number from %g to %g is accepted (%s)", number->name, (int)text.size,
			(const char *)text.data, number->whole ? " whole" : "", (double)number->least, (double)number->most,
			number->about);
	return 0;
}

int number_parse(float *values, const struct number *list, struct span text, struct err *err)
{
	unsigned long long seen = 0;

	for (size_t i = 0; list[i].name; i++)
		values[i] = list[i].fallback;
	while (text.size) {
		struct span value = cut(&text, ',');
		struct span name = cut(&value, '=');
		size_t i = 0;

		while (list[i].name && !span_is(name, list[i].name))
			i++;
		if (!list[i].name)
			return unknown_name(name, list, err);
		if (seen >> i & 1)
			return err_set(err, "%s is given twice", list[i].name);
		seen |= 1ull << i;
		if (parse_value(&values[i], &list[i], value, err))
			return -1;
	}
	return 0;
}
