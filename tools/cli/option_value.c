#include "tools/cli/option_value.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "numbers are stored as 64 bits, sizes among them");

static int parse_number(double *number, const char *text, double thousand, struct err *err)
{
	static const char suffixes[] = "kmg";
	char *end;

	errno = 0;
	*number = strtod(text, &end);
	if (end == text || errno || !isfinite(*number))
		return err_set(err, "'%s' is not a number", text);
	const char *suffix = *end && thousand > 0 ? strchr(suffixes, *end | 0x20) : NULL;
	if (suffix) {
		*number *= pow(thousand, (double)(suffix - suffixes + 1));
		end++;
	}
	if (*end)
		return err_set(err, "'%s' is not a number", text);
	return 0;
}

static int check_range(const struct option_spec *spec, double number, struct err *err)
{
	if ((spec->min != 0 || spec->max != 0) && (number < spec->min || number > spec->max))
		return err_set(err, "%.12g is not from %.12g to %.12g", number, spec->min, spec->max);
	return 0;
}

static int set_count(const struct option_spec *spec, uint64_t *variable, const char *text, struct err *err)
{
	double number;

	if (spec->share && *text && text[strlen(text) - 1] == '%')
		return err_set(err, "'%s' is no number; a share is --%s %s", text, spec->share, text);
	if (parse_number(&number, text, spec->kind == OPTION_BYTES ? 1024 : 1000, err) || check_range(spec, number, err))
		return -1;
	if (number < 0 || floor(number) != number)
		return err_set(err, "'%s' is not a whole number from 0 on", text);
	/* A double has 53 bits: seeds have 63.  A zero in front is no octal number. */
	char *end;
	unsigned long long exact = strtoull(text, &end, strpbrk(text, "xX") ? 16 : 10);
	*variable = number > 0x1p63 ? UINT64_MAX : *end ? (uint64_t)number : (uint64_t)exact;
	return *variable > INT64_MAX ? err_set(err, "'%s' is more than %" PRId64, text, INT64_MAX) : 0;
}

static int set_real(const struct option_spec *spec, double *variable, const char *text, struct err *err)
{
	size_t length = strlen(text);
	bool percent = spec->kind == OPTION_SHARE && length > 1 && text[length - 1] == '%';
	char plain[64];

	if (length >= sizeof plain)
		return err_set(err, "'%s' is not a number", text);
	memcpy(plain, text, length + 1);
	if (percent)
		plain[length - 1] = 0;
	if (parse_number(variable, plain, 0, err))
		return -1;
	if (percent)
		*variable /= 100;
	if (spec->kind == OPTION_SHARE && (*variable < 0 || *variable > 1))
		return err_set(err, "'%s' is not a share from 0 to 1, or from 0%% to 100%%", text);
	return check_range(spec, *variable, err);
}

static int set_text(const struct option_spec *spec, const char **variable, const char *text, struct err *err)
{
	struct buf accepted = { 0 };

	*variable = text;
	if (!spec->choices)
		return 0;
	for (const char *const *choice = spec->choices; *choice; choice++) {
		if (strcmp(*choice, text) == 0) {
			buf_free(&accepted);
			return 0;
		}
		buf_printf(&accepted, "%s%s", accepted.size ? ", " : "", *choice);
	}
	err_set(err, "'%s' is not one of: %s", text, buf_string(&accepted));
	buf_free(&accepted);
	return -1;
}

static int add_text(struct text_list *list, const char *text, struct err *err)
{
	const char **items = realloc(list->items, (list->count + 1) * sizeof *items);

	if (!items)
		return err_memory(err);
	list->items = items;
	items[list->count++] = text;
	return 0;
}

int option_set(const struct option_spec *spec, void *variables, const char *text, struct err *err)
{
	void *variable = (char *)variables + spec->offset;

	switch (spec->kind) {
	case OPTION_FLAG:
		*(bool *)variable = true;
		return 0;
	case OPTION_TEXT:
		return set_text(spec, variable, text, err);
	case OPTION_LIST:
		return add_text(variable, text, err);
	case OPTION_COUNT:
	case OPTION_BYTES:
		return set_count(spec, variable, text, err);
	case OPTION_REAL:
	case OPTION_SHARE:
		return set_real(spec, variable, text, err);
	}
	return 0;
}
