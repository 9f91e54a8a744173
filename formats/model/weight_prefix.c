#include "formats/model/weight_prefix.h"

#include "formats/model/weight_names.h"

#include <string.h>

static const char anchor[] = "logit_scale";

/* Is it PREFIXlogit_scale? */
static bool is_anchor(struct span name, struct span *prefix)
{
	const size_t size = sizeof anchor - 1;

	*prefix = span_of(name.data, name.size < size ? 0 : name.size - size);
	return name.size >= size && memcmp(name.data + prefix->size, anchor, size) == 0 &&
		(prefix->size == 0 || name.data[prefix->size - 1] == '.');
}

/* "state_dict" for "state_dict." */
static bool is_asked(struct span prefix, const char *asked)
{
	const size_t size = strlen(asked);

	return span_is(prefix, asked) || (size && prefix.size == size + 1 && memcmp(prefix.data, asked, size) == 0);
}

static int no_model(const struct weights *weights, struct err *err)
{
	for (size_t i = 0; i < weights->count; i++) {
		const struct span name = weights->items[i].name;
		const char *stranger = weight_stranger(name);
		if (stranger)
			return err_set(err, "%.*s: a tensor of %s, which is not supported here", span_shown(name, 200), (const char *)name.data,
				stranger);
	}
	return err_set(err, "no tensor is called logit_scale, which every CLIP model has: it is not a whole CLIP model");
}

static void list(const struct prefixes *prefixes, struct buf *text)
{
	for (size_t i = 0; i < prefixes->count; i++)
		buf_printf(text, "%s'%.*s'", i ? ", " : "", span_shown(prefixes->items[i], 100), (const char *)prefixes->items[i].data);
}

static int collect(struct prefixes *prefixes, const struct weights *weights, struct err *err)
{
	struct span prefix;

	for (size_t i = 0; i < weights->count; i++) {
		if (!is_anchor(weights->items[i].name, &prefix))
			continue;
		if (prefixes->count == MOST_PREFIXES)
			return err_set(err, "more than %d models in one file", MOST_PREFIXES);
		prefixes->items[prefixes->count++] = prefix;
	}
	return prefixes->count ? 0 : no_model(weights, err);
}

int prefixes_find(struct prefixes *prefixes, const struct weights *weights, const char *asked, struct err *err)
{
	struct buf text = { 0 };
	size_t matching = 0;

	*prefixes = (struct prefixes){ 0 };
	if (collect(prefixes, weights, err))
		return -1;
	for (size_t i = 0; i < prefixes->count; i++)
		if (!asked || is_asked(prefixes->items[i], asked)) {
			prefixes->chosen = prefixes->items[i];
			matching++;
		}
	list(prefixes, &text);
	if (matching == 0)
		err_set(err, "--prefix: no model has the prefix '%s'; there are: %s", asked, buf_string(&text));
	else if (matching > 1)
		err_set(err, "%zu models in one file, with the prefixes %s; choose one with --prefix PREFIX", prefixes->count, buf_string(&text));
	buf_free(&text);
	return matching == 1 ? 0 : -1;
}

bool prefixes_own(const struct prefixes *prefixes, struct span name)
{
	if (!span_begins(name, prefixes->chosen))
		return false;
	for (size_t i = 0; i < prefixes->count; i++)
		if (prefixes->items[i].size > prefixes->chosen.size && span_begins(prefixes->items[i], prefixes->chosen) &&
			span_begins(name, prefixes->items[i]))
			return false;
	return true;
}
