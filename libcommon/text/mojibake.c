#include "text/mojibake.h"

#include "text/html.h"
#include "text/utf8.h"

#include <stdbool.h>
#include <string.h>

/* U+FFFD as a byte in the windows encodings: a byte that was lost. */
enum { LOST_BYTE = 0x1A };

static bool is_between(unsigned char byte, unsigned char first, unsigned char last)
{
	return byte >= first && byte <= last;
}

static bool continues(unsigned char byte)
{
	return is_between(byte, 0x80, 0xBF);
}

/* Continuation bytes of sequences whose characters are likely next to a space: neither 85 nor A0 itself. */
static bool continues_next_to_space(unsigned char byte)
{
	return continues(byte) && byte != 0x85 && byte != 0xA0;
}

/* Whether the text continues a Portuguese word that begins with "à": then the space inside it was A0. */
static bool is_word_with_a_grave(struct span rest)
{
	static const char *const endings[] = { " ", "quele", "quela", "quilo", "s " };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (rest.size >= strlen(endings[i]) && memcmp(rest.data, endings[i], strlen(endings[i])) == 0)
			return true;
	return false;
}

/* The size of the sequence in which a space replaces A0; 0: none. */
static size_t altered_size(struct span rest)
{
	const unsigned char *b = rest.data;

	if (rest.size >= 2 && b[1] == ' ' && memchr("\xC2\xC3\xC5\xCE\xD0\xD9", b[0], 6))
		return 2;
	if (rest.size >= 3 && is_between(b[0], 0xE2, 0xE3) && b[1] == ' ' && continues_next_to_space(b[2]))
		return 3;
	if (rest.size >= 3 && is_between(b[0], 0xE0, 0xE3) && continues_next_to_space(b[1]) && b[2] == ' ')
		return 3;
	if (rest.size < 4 || b[0] != 0xF0)
		return 0;
	const int blanks = (b[1] == ' ') + (b[2] == ' ') + (b[3] == ' ');
	return blanks == 1 && continues(b[1]) + continues(b[2]) + continues(b[3]) == 2 ? 4 : 0;
}

/* Appends the bytes with A0 restored where a space replaces it inside a sequence; after the word "à" the space is kept as well. */
static void restore_blanks(struct buf *out, struct span bytes)
{
	while (bytes.size) {
		size_t size = altered_size(bytes);
		const bool a_grave = size == 2 && bytes.data[0] == 0xC3 && !is_word_with_a_grave(span_of(bytes.data + 2, bytes.size - 2));
		for (size_t i = 0; i < size; i++)
			buf_append_byte(out, bytes.data[i] == ' ' ? 0xA0 : bytes.data[i]);
		if (a_grave)
			buf_append_byte(out, ' ');
		if (size == 0)
			buf_append(out, bytes.data, size = 1);
		bytes = span_of(bytes.data + size, bytes.size - size);
	}
}

static bool is_lost(unsigned char byte)
{
	return byte == LOST_BYTE || byte == '?';
}

/* CESU-8 with at least one lost byte. */
static bool is_lossy_pair(struct span rest)
{
	const unsigned char *b = rest.data;

	return rest.size >= 6 && b[0] == 0xED && is_between(b[1], 0xA0, 0xAF) && (is_lost(b[2]) || continues(b[2])) && b[3] == 0xED &&
	       is_between(b[4], 0xB0, 0xBF) && (is_lost(b[5]) || continues(b[5])) && (is_lost(b[2]) || is_lost(b[5]));
}

/* A sequence of three or four bytes with at least one lost, of which one at most is a question mark. */
static bool is_lossy_sequence(struct span rest, size_t size)
{
	size_t lost = 0, questions = 0;

	if (rest.size < size)
		return false;
	for (size_t i = 1; i < size; i++) {
		if (!is_lost(rest.data[i]) && !continues(rest.data[i]))
			return false;
		lost += is_lost(rest.data[i]);
		questions += rest.data[i] == '?';
	}
	return lost && questions <= 1;
}

/* The size of the sequence in which bytes were lost; 0: none. */
static size_t lossy_size(struct span rest)
{
	const unsigned char *b = rest.data;

	if (b[0] == LOST_BYTE)
		return 1;
	if (rest.size >= 2 && ((is_between(b[0], 0xC2, 0xDF) && b[1] == LOST_BYTE) || (is_between(b[0], 0xC2, 0xC3) && b[1] == '?')))
		return 2;
	if (is_lossy_pair(rest))
		return 6;
	if (is_between(b[0], 0xE0, 0xEF) && is_lossy_sequence(rest, 3))
		return 3;
	return is_between(b[0], 0xF0, 0xF4) && is_lossy_sequence(rest, 4) ? 4 : 0;
}

/* Appends the bytes, with U+FFFD for each sequence that has lost bytes.  A question mark may replace one lost byte. */
static void replace_lost(struct buf *out, struct span bytes)
{
	while (bytes.size) {
		size_t size = lossy_size(bytes);
		if (size)
			buf_append_string(out, "\xEF\xBF\xBD");
		else
			buf_append(out, bytes.data, size = 1);
		bytes = span_of(bytes.data + size, bytes.size - size);
	}
}

/* Like ftfy's decoder, accepts a newline at the end of the text as the last byte of CESU-8 and of Java's U+0000. */
static bool ends_here(struct span rest, size_t at)
{
	return rest.size == at + 1 && rest.data[at] == '\n';
}

static bool is_surrogate_pair(struct span rest)
{
	const unsigned char *b = rest.data;

	return rest.size >= 6 && b[0] == 0xED && is_between(b[1], 0xA0, 0xAF) && continues(b[2]) && b[3] == 0xED &&
	       is_between(b[4], 0xB0, 0xBF) && (continues(b[5]) || ends_here(rest, 5));
}

/* Appends the bytes as UTF-8.  Accepts UTF-8, CESU-8 (each half of a surrogate pair encoded separately) and Java's C0 80 for U+0000.
 * false: the bytes are none of these. */
static bool decode_utf8_variants(struct buf *out, struct span bytes)
{
	while (bytes.size) {
		const unsigned char *b = bytes.data;
		size_t size = 0;
		if (b[0] == 0xC0 && bytes.size >= 2 && (b[1] == 0x80 || ends_here(bytes, 1))) {
			buf_append_byte(out, 0);
			size = 2;
		} else if (is_surrogate_pair(bytes)) {
			utf8_append(out, 0x10000 + ((b[1] & 0x0F) << 16) + ((b[2] & 0x3F) << 10) + ((b[4] & 0x0F) << 6) + (b[5] & 0x3F));
			size = 6;
		} else {
			struct span rest = bytes;
			const int32_t codepoint = utf8_take(&rest);
			if (codepoint >= UTF8_INVALID)
				return false;
			size = bytes.size - rest.size;
			buf_append(out, b, size);
		}
		bytes = span_of(b + size, bytes.size - size);
	}
	return !out->failed;
}

struct step {
	const struct sign *signs;
	size_t count;
	struct span text;
};

static bool is_windows(enum encoding encoding)
{
	return encoding >= WINDOWS_1252 && encoding <= WINDOWS_1257;
}

/* Encodes the text in the encoding and appends the bytes decoded as UTF-8.  false: they are not UTF-8; nothing was appended. */
static bool decode_again(struct buf *out, const struct step *step, enum encoding encoding)
{
	const size_t before = out->size;
	struct buf bytes = { 0 }, restored = { 0 }, whole = { 0 };

	for (size_t i = 0; i < step->count; i++)
		buf_append_byte(&bytes, sign_byte(&step->signs[i], encoding));
	if (encoding == MACROMAN) /* in which a dash and a space would look like a sequence */
		buf_append_span(&restored, buf_span(&bytes));
	else
		restore_blanks(&restored, buf_span(&bytes));
	if (is_windows(encoding))
		replace_lost(&whole, buf_span(&restored));
	out->failed |= bytes.failed || restored.failed || whole.failed;
	const bool decoded = decode_utf8_variants(out, buf_span(is_windows(encoding) ? &whole : &restored));
	if (!decoded)
		out->size = before;
	buf_free(&bytes);
	buf_free(&restored);
	buf_free(&whole);
	return decoded;
}

static struct span take_characters(struct span *text, size_t count)
{
	struct span rest = *text;

	while (count--)
		utf8_take(&rest);
	struct span taken = span_of(text->data, text->size - rest.size);
	*text = rest;
	return taken;
}

/* Appends the text, repairing each piece that looks like UTF-8. */
static void repair_pieces(struct buf *out, const struct step *step, struct mojibake_budget *budget)
{
	struct span rest = step->text;

	budget->depth--;
	for (size_t i = 0; i < step->count;) {
		const size_t size = budget->depth < 0 ? 0 : signs_of_utf8(step->signs, step->count, i);
		const struct span piece = take_characters(&rest, size ? size : 1);
		if (size && size < step->count && signs_look_wrong(step->signs + i, size))
			mojibake_repair(out, piece, budget);
		else
			buf_append_span(out, piece);
		i += size ? size : 1;
	}
	budget->depth++;
}

static void read_controls(struct buf *out, struct span text)
{
	while (text.size) {
		const int32_t codepoint = utf8_take(&text);
		utf8_append(out, codepoint >= 0x80 && codepoint < 0xA0 ? html_windows_1252(codepoint) : codepoint);
	}
}

/* Appends the text after one repair step. */
static void repair_step(struct buf *out, const struct step *step, unsigned encodings, struct mojibake_budget *budget)
{
	const size_t before = out->size;

	for (enum encoding encoding = 0; encoding < ENCODINGS; encoding++)
		if (encodings >> encoding & 1 && decode_again(out, step, encoding))
			return;
	repair_pieces(out, step, budget);
	if (out->failed || !span_equal(span_of(out->data + before, out->size - before), step->text))
		return;
	out->size = before;
	read_controls(out, step->text);
}

void mojibake_repair(struct buf *out, struct span text, struct mojibake_budget *budget)
{
	struct buf signs = { 0 }, current = { 0 }, better = { 0 };
	bool ascii;

	for (;;) {
		buf_clear(&signs);
		const unsigned encodings = text.size <= budget->work ? read_signs(&signs, text, &ascii) : 0;
		const struct step step = { (const struct sign *)(const void *)signs.data, signs.size / sizeof *step.signs, text };
		budget->work -= text.size <= budget->work ? text.size : 0;
		if (signs.failed || step.count == 0 || ascii || !signs_look_wrong(step.signs, step.count))
			break;
		buf_clear(&better);
		repair_step(&better, &step, encodings, budget);
		if (better.failed || span_equal(buf_span(&better), text))
			break;
		const struct buf swap = current;
		current = better;
		better = swap;
		text = buf_span(&current);
	}
	buf_append_span(out, text);
	out->failed |= signs.failed || better.failed;
	buf_free(&signs);
	buf_free(&current);
	buf_free(&better);
}
