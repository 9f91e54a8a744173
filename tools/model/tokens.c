/* cc-model tokens: prints text as the text tower receives it. */
#include "text/printable.h"
#include "text/utf8.h"
#include "tools/cli/option_file.h"
#include "formats/stream/io.h"
#include "tools/cli/print.h"
#include "formats/model/checkpoint.h"
#include "tools/model/verbs.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 64 << 10, CONTEXT = 77, LONGEST_CONTEXT = 65536 };

struct tokens_options {
	const char *model, *vocab;
	uint64_t merges, context;
	bool text;
};

#define AT(member) offsetof(struct tokens_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "FILE", "model whose vocabulary and context length are used", 'm', .input = true },
	{ "vocab", OPTION_TEXT, AT(vocab), "FILE", "vocabulary of `cc-model vocab`, or CLIP's: " VOCABULARY_FORMS, .input = true },
	{ "merges", OPTION_COUNT, AT(merges), "N", "use only the first N merges of --vocab (default: all; CLIP uses 48894)" },
	{ "context", OPTION_COUNT, AT(context), "N",
		"maximum number of tokens, 2 to 65536, including start and end (default: the model's, or 77)", .min = 2,
		.max = LONGEST_CONTEXT },
	{ "text", OPTION_FLAG, AT(text), NULL, "print tokens as text, with _ at the end of a word", 't' },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-model tokens",
	.summary = "print the tokens of each line of text",
	.usage = "(-m MODEL | --vocab FILE) [FILE]",
	.text = "Reads lines from FILE or standard input and prints the token ids of each on one line: start, text, end.",
	.example = "echo 'a photo of a banana' | cc-model tokens -m good.safetensors\n",
	.options = options,
	.arguments_max = 1,
	.files = 1,
};

struct tokens {
	struct tool tool;
	struct tokens_options options;
	struct checkpoint checkpoint; /* of -m */
	struct bpe merges;            /* of --vocab */
	const struct bpe *bpe;        /* one of the two */
	int32_t *ids;                 /* [context] */
	size_t context;
	struct buf out;               /* lines not yet written */
};

static int read_vocabulary(struct tokens *tokens, const char *path)
{
	struct buf text = { 0 };
	struct err *err = &tokens->tool.err;
	int result = vocabulary_file_read(&tokens->tool, path, &text);
	struct span merges = buf_span(&text);

	if (result == 0 && tokens->options.merges)
		merges = bpe_first_merges(merges, (size_t)tokens->options.merges);
	if (result == 0 && bpe_load(&tokens->merges, merges, err))
		result = err_add(err, "%s", path);
	buf_free(&text);
	tokens->bpe = &tokens->merges;
	tokens->context = CONTEXT;
	return result;
}

static int read_model(struct tokens *tokens, const char *path)
{
	struct checkpoint *checkpoint = &tokens->checkpoint;

	if (checkpoint_read(checkpoint, path, &tokens->tool.err))
		return -1;
	if (checkpoint->vocabulary.size == 0)
		return err_set(&tokens->tool.err, "%s: has no vocabulary; `cc-model import --vocab FILE` adds one", path);
	tokens->bpe = &checkpoint->bpe;
	tokens->context = checkpoint->clip->config.text.context_length;
	return 0;
}

static int setup(struct tokens *tokens)
{
	const struct tokens_options *opt = &tokens->options;
	struct tool *tool = &tokens->tool;

	if (!opt->model == !opt->vocab)
		return tool_usage(tool, "use either -m MODEL or --vocab FILE");
	if (opt->model ? read_model(tokens, opt->model) : read_vocabulary(tokens, opt->vocab))
		return -1;
	if (opt->context)
		tokens->context = (size_t)opt->context;
	tokens->ids = arena_zeroed(&tool->arena, tokens->context, sizeof *tokens->ids);
	return tokens->ids ? 0 : err_memory(&tool->err);
}

/* Incomplete UTF-8 sequences are printed as \xNN. */
static void show_token(struct buf *out, const struct bpe *bpe, int32_t id)
{
	bool ends_word;
	struct span token = bpe_token(bpe, id, &ends_word);
	const bool whole = utf8_first_error(token) == token.size;

	for (size_t i = 0; !whole && i < token.size; i++) {
		if (token.data[i] < 0x20 || token.data[i] >= 0x7f)
			buf_printf(out, "\\x%02x", token.data[i]);
		else
			buf_append_byte(out, token.data[i]);
	}
	if (whole)
		append_printable(out, token);
	if (ends_word)
		buf_append_byte(out, '_');
}

static int encode_line(struct tokens *tokens, struct span line)
{
	size_t length;

	if (bpe_encode(tokens->bpe, line, tokens->ids, tokens->context, &length, &tokens->tool.err))
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (i)
			buf_append_byte(&tokens->out, ' ');
		if (tokens->options.text)
			show_token(&tokens->out, tokens->bpe, tokens->ids[i]);
		else
			buf_printf(&tokens->out, "%d", tokens->ids[i]);
	}
	buf_append_byte(&tokens->out, '\n');
	return 0;
}

static int flush(struct tokens *tokens)
{
	if (tokens->out.failed)
		return err_memory(&tokens->tool.err);
	if (tool_print(&tokens->tool, buf_span(&tokens->out)))
		return -1;
	buf_clear(&tokens->out);
	return 0;
}

static int encode_lines(struct tokens *tokens, int fd)
{
	struct err *err = &tokens->tool.err;
	struct line_reader reader;
	struct span line;
	int state;

	line_reader_init(&reader, fd, tokens->tool.limits.string);
	while ((state = line_read(&reader, &line, err)) > 0) {
		if (encode_line(tokens, line)) {
			state = err_add(err, "line %zu", reader.number);
			break;
		}
		if ((line_needs_input(&reader) || tokens->out.size > FLUSH_AT) && flush(tokens)) { /* interactive use */
			state = -1;
			break;
		}
	}
	line_reader_free(&reader);
	return state ? state : flush(tokens);
}

static int encode_file(struct tokens *tokens)
{
	const char *path = tokens->tool.argument_count ? tokens->tool.arguments[0] : "-";
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(&tokens->tool.err, "%s", path);
	int result = encode_lines(tokens, fd);
	if (!standard)
		close(fd);
	return result && !standard ? err_add(&tokens->tool.err, "%s", path) : result;
}

int model_tokens(int argc, char **argv)
{
	struct tokens tokens = { 0 };
	int result = tool_start(&tokens.tool, &about, &tokens.options, argc, argv) || setup(&tokens) || encode_file(&tokens);

	checkpoint_free(&tokens.checkpoint);
	bpe_free(&tokens.merges);
	buf_free(&tokens.out);
	return result ? tool_fail(&tokens.tool) : tool_finish(&tokens.tool);
}
