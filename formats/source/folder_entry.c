#include "formats/source/folder.h"

#include "formats/tar/member_name.h"
#include "formats/tar/sample_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct folder_entry *first = a, *second = b;

	if (first->is_folder != second->is_folder)
		return first->is_folder - second->is_folder;
	return strcmp(first->composed, second->composed);
}

static size_t extension_size_of(const char *name, bool *image)
{
	size_t extension_size;

	*image = name_ends_as_image(span_string(name), &extension_size);
	return extension_size;
}

/* Sorts an image before the files whose names continue its name. */
static int compare_stems(const void *a, const void *b)
{
	const struct folder_entry *first = a, *second = b;
	bool first_image, second_image;
	const struct span one = span_of(first->composed, strlen(first->composed) - extension_size_of(first->composed, &first_image));
	const struct span other = span_of(second->composed, strlen(second->composed) - extension_size_of(second->composed, &second_image));
	const int order = span_compare(one, other);

	if (order == 0 && first_image != second_image)
		return second_image - first_image;
	return order ? order : strcmp(first->composed, second->composed);
}

/* Does every part between dots begin with a letter, as the parts of a field name do? */
static bool are_words(struct span parts)
{
	bool first = true;

	for (size_t i = 0; i < parts.size; i++) {
		const unsigned char byte = parts.data[i];
		if (first ? !isalpha(byte) : byte != '.' && byte != '_' && byte != '-' && !isalnum(byte))
			return false;
		first = byte == '.';
	}
	return !first;
}

/* Files whose names are equal up to the first dot. */
struct group {
	struct folder_entry *entries;
	size_t count;
	size_t key_size;
	bool dotted, dotted_image, odd_image, plain;
};

static void look_at(struct group *group, const char *name)
{
	const char *field = name + group->key_size + 1;
	bool image;
	const size_t size = strlen(name), extension_size = extension_size_of(name, &image);
	const bool dotted = extension_size && size - extension_size > group->key_size;

	group->dotted = group->dotted || dotted;
	group->plain = group->plain || !dotted;
	if (!dotted || !image)
		return;
	group->dotted_image = true;
	group->odd_image = group->odd_image || !are_words(span_of(field, size - extension_size - group->key_size - 1));
}

static struct group group_at(struct folder_entry *entries, size_t count)
{
	struct group group = { .entries = entries, .count = 0, .key_size = strcspn(entries->composed, ".") };

	while (group.count < count && !entries[group.count].is_folder &&
		strncmp(entries[group.count].composed, entries->composed, group.key_size) == 0 &&
		(entries[group.count].composed[group.key_size] == '.' || group.count == 0)) {
		if (entries[group.count].composed[group.key_size])
			look_at(&group, entries[group.count].composed);
		group.count++;
	}
	return group;
}

static int name_by_image(struct group *group, struct arena *arena, struct buf *stem, struct buf *name)
{
	qsort(group->entries, group->count, sizeof *group->entries, compare_stems);
	buf_clear(stem);
	for (size_t i = 0; i < group->count; i++) {
		buf_clear(name);
		sample_name_by_image(span_string(group->entries[i].composed), stem, name);
		group->entries[i].member = name->failed || stem->failed ? NULL : arena_string(arena, name->data, name->size);
		if (!group->entries[i].member)
			return -1;
	}
	return 0;
}

static int name_groups(struct folder_entry *entries, size_t count, bool by_image, struct arena *arena)
{
	struct buf stem = { 0 }, name = { 0 };
	int state = 0;

	for (size_t i = 0; i < count && !entries[i].is_folder && state == 0;) {
		struct group group = group_at(&entries[i], count - i);
		if (by_image ? group.dotted : group.dotted_image && (group.odd_image || !group.plain))
			state = name_by_image(&group, arena, &stem, &name);
		i += group.count;
	}
	buf_free(&stem);
	buf_free(&name);
	return state;
}

static int compose(struct folder_entry *entry, struct buf *scratch, struct arena *arena)
{
	const struct span name = name_compose(span_string(entry->name), scratch);

	entry->composed = entry->name;
	if (name.data != (const unsigned char *)entry->name)
		entry->composed = scratch->failed ? NULL : arena_string(arena, name.data, name.size);
	entry->member = entry->composed;
	return entry->composed ? 0 : -1;
}

/* A broken link must be reported even if its name has no extension: its member name gets one. */
static int name_broken(struct folder_entry *entry, struct arena *arena)
{
	struct buf name = { 0 };
	struct span key, field;

	if (!entry->unreadable || sample_name_split(span_string(entry->member), &key, &field))
		return 0;
	buf_append_string(&name, entry->member);
	buf_append_string(&name, ".link");
	entry->member = name.failed ? NULL : arena_string(arena, name.data, name.size);
	buf_free(&name);
	return entry->member ? 0 : -1;
}

int folder_entries_arrange(struct folder_entry *entries, size_t count, bool by_image, struct arena *arena, struct err *err)
{
	struct buf scratch = { 0 };
	int state = 0;

	for (size_t i = 0; i < count && state == 0; i++)
		state = compose(&entries[i], &scratch, arena);
	buf_free(&scratch);
	if (state)
		return err_memory(err);
	if (count)
		qsort(entries, count, sizeof *entries, compare);
	for (size_t i = 1; i < count; i++)
		if (strcmp(entries[i].composed, entries[i - 1].composed) == 0)
			return err_set(err, "%s: two files have this name in different Unicode normal forms (NFC, NFD); rename one of them",
				entries[i].name);
	if (name_groups(entries, count, by_image, arena))
		return err_memory(err);
	for (size_t i = 0; i < count; i++)
		if (name_broken(&entries[i], arena))
			return err_memory(err);
	return 0;
}
