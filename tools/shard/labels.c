#include "tools/shard/labels.h"

#include "core/rng.h"

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

	if (!cls || (cls->kind != FIELD_BYTES && cls->kind != FIELD_STRING))
		return 0;
	return set_class(labels, record, cls->bytes, "no integer, and not among the classes", err);
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
