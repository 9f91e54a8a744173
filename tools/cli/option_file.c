#include "tools/cli/option_file.h"

#include "formats/stream/io.h"

#include <string.h>
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
