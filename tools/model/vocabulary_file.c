#include "tools/model/vocabulary_file.h"

#include "formats/vocabulary.h"
#include "tools/common/input.h"

#include <string.h>
#include <unistd.h>

const char *path_beside(struct arena *arena, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	const size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
	char *beside = arena_alloc(arena, folder + strlen(name) + 1);

	if (!beside)
		return NULL;
	memcpy(beside, path, folder);
	strcpy(beside + folder, name);
	return beside;
}

static bool is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, name) == 0;
}

/* Merges of one file against the numbers of another. */
static int check(const char *ids_path, struct span merges, struct err *err)
{
	struct buf ids = { 0 };
	int status = input_read_file(ids_path, 64 << 20, &ids, err);

	if (status == 0 && vocabulary_check_ids(buf_span(&ids), merges, err))
		status = err_add(err, "%s", ids_path);
	buf_free(&ids);
	return status;
}

/* path is a vocab.json: the merges are beside it. */
static int read_ids(struct tool *tool, const char *path, struct buf *merges)
{
	const char *beside = path_beside(&tool->arena, path, "merges.txt");

	if (!beside)
		return err_memory(&tool->err);
	if (access(beside, F_OK))
		return err_set(&tool->err, "%s: is a vocab.json, which needs merges.txt beside it; %s does not exist", path, beside);
	return input_read_file(beside, tool->limits.record, merges, &tool->err) || check(path, buf_span(merges), &tool->err) ? -1 : 0;
}

static int read_merges(struct tool *tool, const char *path, struct span file, struct buf *merges)
{
	const char *ids = path_beside(&tool->arena, path, "vocab.json");

	if (!ids)
		return err_memory(&tool->err);
	if (vocabulary_merges(file, merges, &tool->err))
		return err_add(&tool->err, "%s", path);
	return is_named(path, "merges.txt") && access(ids, F_OK) == 0 ? check(ids, buf_span(merges), &tool->err) : 0;
}

int vocabulary_file_read(struct tool *tool, const char *path, struct buf *merges)
{
	struct buf file = { 0 };
	int status = tool_option_file(tool, "vocab", path, &file);

	if (status == 0) {
		status = vocabulary_form(buf_span(&file)) == VOCABULARY_IDS ? read_ids(tool, path, merges)
									     : read_merges(tool, path, buf_span(&file), merges);
		if (status)
			err_add(&tool->err, "--vocab");
	}
	buf_free(&file);
	return status;
}

const char *vocabulary_file_beside(struct tool *tool, const char *path)
{
	static const char *const names[] = { "merges.txt", "tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *beside = path_beside(&tool->arena, path, names[i]);
		if (beside && access(beside, F_OK) == 0)
			return beside;
	}
	return NULL;
}
