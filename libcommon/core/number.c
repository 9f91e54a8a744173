#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 32 };

/* Removes and returns the part of *rest before the separator. */
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

void number_range(struct buf *out, const struct number *number)
{
	if (!number->choices)
		buf_printf(out, "%g..%g", (double)number->least, (double)number->most);
	for (size_t i = 0; number->choices && number->choices[i]; i++)
		buf_printf(out, "%s%s", i ? "|" : "", number->choices[i]);
}

void number_describe(struct buf *out, const struct number *list)
{
	for (const struct number *number = list; number->name; number++) {
		buf_printf(out, "%s%s=", number == list ? "" : ", ", number->name);
		if (number->choices)
			buf_append_string(out, number->choices[(size_t)number->fallback]);
		else
			buf_printf(out, "%g", (double)number->fallback);
		buf_append_string(out, " (");
		number_range(out, number);
		buf_printf(out, ": %s)", number->about);
	}
}

struct value number_value(const struct number *number, float value)
{
	char text[LONGEST_NUMBER];

	if (number->choices)
		return value_string(number->choices[(size_t)value]);
	if (number->whole)
		return value_integer((int64_t)value);
	for (int digits = 1; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)value);
		if (strtof(text, NULL) == value)
			break;
	}
	return value_real(strtod(text, NULL));
}

static int unknown_name(struct span name, const struct number *list, struct err *err)
{
	struct buf accepted = { 0 };

	number_describe(&accepted, list);
	err_set(err, "unknown parameter \"%.*s\"; accepted: %s", (int)name.size, (const char *)name.data,
		accepted.size ? buf_string(&accepted) : "none");
	buf_free(&accepted);
	return -1;
}

static int parse_choice(float *value, const struct number *number, struct span text, struct err *err)
{
	struct buf accepted = { 0 };

	for (size_t i = 0; number->choices[i]; i++)
		if (span_is(text, number->choices[i])) {
			*value = (float)i;
			return 0;
		}
	number_range(&accepted, number);
	err_set(err, "%s=%.*s: must be one of %s (%s)", number->name, (int)text.size, (const char *)text.data, buf_string(&accepted),
		number->about);
	buf_free(&accepted);
	return -1;
}

static int parse_value(float *value, const struct number *number, struct span text, struct err *err)
{
	char copy[LONGEST_NUMBER + 1] = "";
	char *end = copy;

	if (number->choices)
		return parse_choice(value, number, text, err);
	if (text.size && text.size <= LONGEST_NUMBER) {
		memcpy(copy, text.data, text.size);
		*value = strtof(copy, &end);
	}
	if (text.size == 0 || end != copy + text.size || !(*value >= number->least && *value <= number->most) ||
		(number->whole && *value != floorf(*value)))
		return err_set(err, "%s=%.*s: must be a%s number from %g to %g (%s)", number->name, (int)text.size, (const char *)text.data,
			number->whole ? " whole" : "", (double)number->least, (double)number->most, number->about);
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
