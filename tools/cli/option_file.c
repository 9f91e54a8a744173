#include "tools/cli/option_file.h"

#include "formats/stream/io.h"
#include "formats/model/model_file.h"
#include "formats/stream/file_magic.h"
#include "formats/stream/gzip.h"
#include "formats/text/json.h"
#include "text/bpe.h"

#include <string.h>
#include <unistd.h>
#include <xxhash.h>

void input_digest_text(struct span content, char text[INPUT_DIGEST_TEXT])
{
	const XXH128_hash_t hash = XXH3_128bits(content.size ? content.data : (const unsigned char *)"", content.size);

	memcpy(text, "xxh3:", 5);
	digest_hex((struct digest){ hash.high64, hash.low64 }, text + 5);
}

int tool_option_file(struct tool *tool, const char *option, const char *path, struct buf *content)
{
	if (io_read_file(path, tool->limits.record, content, &tool->err))
		return err_add(&tool->err, "--%s", option);
	return option_file_show(tool, option, buf_span(content));
}

int option_file_show(struct tool *tool, const char *option, struct span content)
{
	char text[INPUT_DIGEST_TEXT];

	input_digest_text(content, text);
	char *shown = arena_string(&tool->arena, text, strlen(text));
	if (!shown)
		return err_memory(&tool->err);
	options_show(&tool->options, option, shown);
	return 0;
}

/* A JSON array has lines, too.  A name or template may begin with a bracket, so only a text that parses is JSON. */
static int refuse_json(struct tool *tool, const char *expected, struct span content)
{
	const struct file_magic *magic = file_magic(content);
	struct arena arena = { 0 };
	struct value value;
	struct err why = { 0 };

	if (!magic || magic->magic != MAGIC_JSON)
		return 0;
	const bool json = json_read(content, &tool->limits, &arena, &value, &why) == 0;
	const bool several = json && (value.kind == VALUE_ARRAY || value.kind == VALUE_MAP) && value.list.count > 0; /* {} is a template */
	arena_free(&arena);
	return several ? err_set(&tool->err, "JSON text, not %s, one item per line: `jq -r '.[]' FILE` prints the items of an array",
				 expected)
		       : 0;
}

int tool_option_list(struct tool *tool, const char *option, const char *path, const char *expected, struct buf *content)
{
	if (tool_option_file(tool, option, path, content))
		return -1;
	if (file_magic_expect_list(buf_span(content), expected, &tool->err) == 0 && refuse_json(tool, expected, buf_span(content)) == 0)
		return 0;
	err_add(&tool->err, "%s", path);
	return err_add(&tool->err, "--%s", option);
}

int tool_option_templates(struct tool *tool, const char *value, struct buf *text, struct templates *templates)
{
	if (strcmp(value, "default") == 0) {
		templates_default(templates);
		return 0;
	}
	if (tool_option_list(tool, "templates", value, "a list of templates", text))
		return -1;
	return templates_parse(templates, buf_span(text), &tool->err) ? err_add(&tool->err, "%s", value) : 0;
}

void tool_compare_templates(struct tool *tool, const char *what, const struct templates *ours, const char *other,
	const struct templates *theirs, const char *hint)
{
	struct buf first = { 0 }, second = { 0 };

	if (!ours->count || !theirs->count || templates_equal(ours, theirs))
		return;
	templates_describe(&first, ours, theirs);
	templates_describe(&second, theirs, ours);
	tool_warn(tool, "warning: %s %s, %s %s: %s", what, buf_string(&first), other, buf_string(&second), hint);
	buf_free(&first);
	buf_free(&second);
}

const char *sibling_path(struct arena *arena, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	const size_t folder = slash ? (size_t)(slash + 1 - path) : 0;
	char *sibling = arena_alloc(arena, folder + strlen(name) + 1);

	if (!sibling)
		return NULL;
	memcpy(sibling, path, folder);
	strcpy(sibling + folder, name);
	return sibling;
}

static bool is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, name) == 0;
}

enum { LARGEST = 64 << 20 };

static int read_json(struct tool *tool, struct span text, struct value *json)
{
	const struct limits limits = { .record = LARGEST, .depth = 16, .elements = 1u << 22 };

	return json_read(text, &limits, &tool->arena, json, &tool->err);
}

/* Checks merges.txt against the token numbers of vocab.json. */
static int check_ids(struct tool *tool, const char *ids_path, struct span merges)
{
	struct buf text = { 0 };
	struct value ids;
	int status = io_read_file(ids_path, LARGEST, &text, &tool->err);

	if (status == 0 && (read_json(tool, buf_span(&text), &ids) || vocabulary_check_ids(&ids, merges, &tool->err)))
		status = err_add(&tool->err, "%s", ids_path);
	buf_free(&text);
	return status;
}

/* vocab.json holds the token numbers; the merges are in merges.txt. */
static int read_ids(struct tool *tool, const char *path, const struct value *ids, struct buf *merges)
{
	const char *sibling = sibling_path(&tool->arena, path, "merges.txt");

	if (!sibling)
		return err_memory(&tool->err);
	if (access(sibling, F_OK))
		return err_set(&tool->err, "%s: a vocab.json needs merges.txt in the same folder; %s does not exist", path, sibling);
	if (io_read_file(sibling, tool->limits.record, merges, &tool->err))
		return -1;
	return vocabulary_check_ids(ids, buf_span(merges), &tool->err) ? err_add(&tool->err, "%s", path) : 0;
}

static int read_merges(struct tool *tool, const char *path, struct span file, struct buf *merges)
{
	const char *ids = sibling_path(&tool->arena, path, "vocab.json");

	if (!ids)
		return err_memory(&tool->err);
	if (gzip_begins(file) && gzip_unpack(file, LARGEST, merges, &tool->err))
		return err_add(&tool->err, "%s", path);
	const struct file_magic *magic = file_magic(file);
	if (!gzip_begins(file) && magic && magic->magic != MAGIC_TEXT)
		return file_magic_refuse_model(file, "a vocabulary", &tool->err) ? err_add(&tool->err, "%s", path) : -1;
	if (!gzip_begins(file))
		buf_append_span(merges, file);
	if (merges->failed)
		return err_memory(&tool->err);
	return is_named(path, "merges.txt") && access(ids, F_OK) == 0 ? check_ids(tool, ids, buf_span(merges)) : 0;
}

/* tokenizer.json has a map under "model"; vocab.json maps tokens to numbers. */
static int read_hugging_face(struct tool *tool, const char *path, struct span file, struct buf *merges)
{
	struct value json;

	if (read_json(tool, file, &json))
		return err_add(&tool->err, "%s", path);
	const struct value *model = value_get(&json, "model");
	if (!model || model->kind != VALUE_MAP)
		return read_ids(tool, path, &json, merges);
	return vocabulary_of_tokenizer(&json, merges, &tool->err) ? err_add(&tool->err, "%s", path) : 0;
}

static bool is_json(struct span file)
{
	size_t i = span_begins(file, span_string("\xef\xbb\xbf")) ? 3 : 0;

	while (i < file.size && strchr(" \t\r\n", file.data[i]) && file.data[i])
		i++;
	return i < file.size && file.data[i] == '{';
}

int vocabulary_file_read(struct tool *tool, const char *path, struct buf *merges)
{
	struct buf file = { 0 };
	int status = tool_option_file(tool, "vocab", path, &file);

	if (status == 0) {
		status = is_json(buf_span(&file)) ? read_hugging_face(tool, path, buf_span(&file), merges)
						  : read_merges(tool, path, buf_span(&file), merges);
		if (status)
			err_add(&tool->err, "--vocab");
	}
	buf_free(&file);
	return status;
}

const char *vocabulary_file_find(struct tool *tool, const char *path)
{
	static const char *const names[] = { "merges.txt", "tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *sibling = sibling_path(&tool->arena, path, names[i]);
		if (sibling && access(sibling, F_OK) == 0)
			return sibling;
	}
	return NULL;
}

int model_config_option(struct tool *tool, const char *option, const char *path, struct buf *config)
{
	bool is_file;

	if (model_config_read(path, tool->limits.record, config, &is_file, &tool->err))
		return err_add(&tool->err, "--%s", option);
	return is_file ? option_file_show(tool, option, buf_span(config)) : 0;
}
