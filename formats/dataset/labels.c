#include "formats/dataset/labels.h"

#include "core/rng.h"
#include "formats/text/captions.h"
#include "formats/tar/field_file.h"

/* otherwise: what to say of a name that no class has. */
static int set_class(struct labels *labels, struct record *record, struct span name, const char *otherwise, struct err *err)
{
	uint64_t number[2];
	const size_t found = classes_find(&labels->classes, name, number);

	if (found == 0)
		return err_set(err, "cls: '%.*s' is %s", span_shown(name, 256), (const char *)name.data, otherwise);
	if (found > 1)
		return err_set(err, "cls: '%.*s' is the name of class %llu and of class %llu: give the number", span_shown(name, 256),
			(const char *)name.data, (unsigned long long)number[0], (unsigned long long)number[1]);
	return record_set_integer(record, "cls", (int64_t)number[0], err) ? -1 : 1;
}

static int add_class(struct labels *labels, struct record *record, struct err *err)
{
	const struct span name = class_of_key(record->key);

	if (!name.size)
		return err_set(err, "cls: its key names no folder, and --folders takes the class from there");
	return set_class(labels, record, name, "not among the classes", err);
}

static int add_number(struct labels *labels, struct record *record, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	int64_t integer;

	if (!cls || (cls->kind != FIELD_BYTES && cls->kind != FIELD_STRING))
		return 0;
	const int parsed = label_parse(cls->bytes, &integer);
	if (parsed < 0)
		return err_set(err, "cls: '%.*s' is not an integer", span_shown(cls->bytes, 64), (const char *)cls->bytes.data);
	if (parsed > 0)
		return record_set_integer(record, "cls", integer, err) ? -1 : 1;
	return labels->by_name ? set_class(labels, record, cls->bytes, "no integer, and not among the classes", err) : 0;
}

/* The same caption in every epoch: it belongs to the record. */
static int add_caption(struct labels *labels, struct record *record, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	const size_t count = labels->classes.names.count;

	if (!cls || cls->kind != FIELD_INTEGER)
		return err_set(err, "txt: no cls to make a caption of");
	if (cls->integer < 0 || (uint64_t)cls->integer >= count)
		return err_set(err, "txt: cls %lld, and there are names of %zu classes", (long long)cls->integer, count);
	struct rng rng = rng_for(labels->seed, record->key, 0, "caption");
	struct span template = labels->templates.items[rng_below(&rng, (uint32_t)labels->templates.count)];
	buf_clear(&labels->caption);
	template_fill(&labels->caption, template, span_string(classes_shown(&labels->classes, (size_t)cls->integer)));
	if (labels->caption.failed)
		return err_memory(err);
	return record_set_string(record, "txt", buf_span(&labels->caption), err) ? -1 : 1;
}

static bool has_caption(const struct record *record)
{
	const struct field *txt = record_find(record, "txt");

	return txt && !((txt->kind == FIELD_STRING || txt->kind == FIELD_BYTES) && caption_is_blank(txt->bytes));
}

int labels_add(struct labels *labels, struct record *record, struct err *err)
{
	const int numbered = labels->folders ? add_class(labels, record, err) : add_number(labels, record, err);
	if (numbered < 0)
		return -1;
	const int changed = caption_rule_apply(&labels->captions, record, err);
	if (changed < 0)
		return -1;
	const int added = numbered ? numbered : changed;
	if (!labels->templates.count)
		return added;
	if (has_caption(record)) {
		labels->kept++;
		return added;
	}
	return add_caption(labels, record, err);
}

void labels_free(struct labels *labels)
{
	classes_free(&labels->classes);
	templates_free(&labels->templates);
	buf_free(&labels->caption);
	caption_rule_free(&labels->captions);
}
