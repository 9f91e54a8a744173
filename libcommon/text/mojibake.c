#include "text/mojibake.h"
#include "text/html.h"
#include "text/utf8.h"

/* The byte of windows-1252 that a character is, or -1.  Bytes without a meaning there stand for themselves. */
static int byte_of(int32_t codepoint)
{
	if (codepoint < 0x100)
		return codepoint;
	for (int32_t control = 0x80; control < 0xA0; control++)
		if (html_windows_1252(control) == codepoint)
			return control;
	return -1;
}

static bool to_bytes(struct buf *bytes, struct span text)
{
	while (text.size) {
		int byte = byte_of(utf8_take(&text));
		if (byte < 0)
			return false;
		buf_append_byte(bytes, (unsigned char)byte);
	}
	return !bytes->failed;
}

static bool is_beyond_doubt(struct span bytes)
{
	size_t sequences = 0;

	while (bytes.size) {
		const unsigned char *first = bytes.data;
		utf8_take(&bytes);
		size_t size = (size_t)(bytes.data - first);
		if (*first == 0xC2 || *first == 0xC3 || *first == 0xE2 || *first == 0xF0)
			return true;
		sequences += size > 1;
	}
	return sequences >= 2;
}

static bool read_again(struct buf *out, struct span text)
{
	struct buf bytes = { 0 };
	bool meant = to_bytes(&bytes, text) && utf8_first_error(buf_span(&bytes)) == bytes.size && is_beyond_doubt(buf_span(&bytes));

	buf_append_span(out, meant ? buf_span(&bytes) : text);
	buf_free(&bytes);
	return meant;
}

/* How many bytes from here on are ASCII, or are not. */
static size_t run_size(struct span text)
{
	size_t i = 1;

	while (i < text.size && (text.data[i] < 0x80) == (text.data[0] < 0x80))
		i++;
	return i;
}

bool mojibake_repair(struct buf *out, struct span text)
{
	const size_t before = out->size;
	bool repaired = read_again(out, text);

	if (repaired || out->failed)
		return repaired;
	out->size = before;
	while (text.size) {
		struct span run = span_of(text.data, run_size(text));
		if (run.data[0] < 0x80)
			buf_append_span(out, run);
		else
			repaired |= read_again(out, run);
		text = span_of(text.data + run.size, text.size - run.size);
	}
	return repaired;
}
