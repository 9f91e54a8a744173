#include "tools/shard/labels.h"

#include "core/rng.h"

static int add_class(struct labels *labels, struct record *record, struct err *err)
{
	struct span name = class_of_key(record->key);
	uint64_t number;

	if (!name.size)
		return err_set(err, "cls: its key names no folder, and --folders takes the class from there");
	if (!classes_find(&labels->classes, name, &number))
		return err_set(err, "cls: '%.*s' is not among the classes", span_shown(name, 256),
			(const char *)name.data);
	return record_set_integer(record, "cls", (int64_t)number, err) ? -1 : 1;
}

static int add_number(struct labels *labels, struct record *record, struct err *err)
{
	const struct field *cls = record_find(record, "cls");
	uint64_t number;

	if (!cls || (cls->kind != FIELD_BYTES && cls->kind != FIELD_STRING))
		return 0;
	if (!classes_find(&labels->classes, cls->bytes, &number))
		return err_set(err, "cls: '%.*s' is no integer, and not among the classes", span_shown(cls->bytes, 256),
			(const char *)cls->bytes.data);
	return record_set_integer(record, "cls", (int64_t)number, err) ? -1 : 1;
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
	template_fill(&labels->caption, template, span_string(labels->classes.names.items[cls->integer]));
	if (labels->caption.failed)
		return err_memory(err);
	return record_set_string(record, "txt", buf_span(&labels->caption), err) ? -1 : 1;
}

int labels_add(struct labels *labels, struct record *record, struct err *err)
{
	int added = labels->folders ? add_class(labels, record, err) : labels->by_name ? add_number(labels, record, err) : 0;

	if (added < 0 || !labels->templates.count)
		return added;
	if (record_find(record, "txt")) {
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
}
