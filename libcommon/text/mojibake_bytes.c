#include "text/mojibake_bytes.h"
#include "text/utf8.h"

#include <string.h>

static bool is_between(unsigned char byte, unsigned char first, unsigned char last)
{
	return byte >= first && byte <= last;
}

static bool continues(unsigned char byte)
{
	return is_between(byte, 0x80, 0xBF);
}

/* Continuation bytes of sequences whose characters are likely beside a blank: not 85 and not A0 itself. */
static bool continues_by_blank(unsigned char byte)
{
	return continues(byte) && byte != 0x85 && byte != 0xA0;
}

/* Portuguese words that begin with "à": the blank inside them was A0. */
static bool goes_on_after_a_grave(struct span rest)
{
	static const char *const endings[] = { " ", "quele", "quela", "quilo", "s " };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (rest.size >= strlen(endings[i]) && memcmp(rest.data, endings[i], strlen(endings[i])) == 0)
			return true;
	return false;
}

/* The size of the sequence in which a blank was A0, or 0. */
static size_t altered_size(struct span rest)
{
	const unsigned char *b = rest.data;

	if (rest.size >= 2 && b[1] == ' ' && memchr("\xC2\xC3\xC5\xCE\xD0\xD9", b[0], 6))
		return 2;
	if (rest.size >= 3 && is_between(b[0], 0xE2, 0xE3) && b[1] == ' ' && continues_by_blank(b[2]))
		return 3;
	if (rest.size >= 3 && is_between(b[0], 0xE0, 0xE3) && continues_by_blank(b[1]) && b[2] == ' ')
		return 3;
	if (rest.size < 4 || b[0] != 0xF0)
		return 0;
	const int blanks = (b[1] == ' ') + (b[2] == ' ') + (b[3] == ' ');
	return blanks == 1 && continues(b[1]) + continues(b[2]) + continues(b[3]) == 2 ? 4 : 0;
}

void restore_blanks(struct buf *out, struct span bytes)
{
	while (bytes.size) {
		size_t size = altered_size(bytes);
		const bool a_grave = size == 2 && bytes.data[0] == 0xC3 && !goes_on_after_a_grave(span_of(bytes.data + 2, bytes.size - 2));
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

/* The size of the sequence in which bytes were lost, or 0. */
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

void replace_lost(struct buf *out, struct span bytes)
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

/* ftfy's decoder takes a newline at the end of the text for the last byte of CESU-8 and of Java's U+0000; so do we. */
static bool ends_here(struct span rest, size_t at)
{
	return rest.size == at + 1 && rest.data[at] == '\n';
}

static bool is_surrogate_pair(struct span rest)
{
	const unsigned char *b = rest.data;

	return rest.size >= 6 && b[0] == 0xED && is_between(b[1], 0xA0, 0xAF) && continues(b[2]) && b[3] == 0xED && is_between(b[4], 0xB0, 0xBF) &&
		(continues(b[5]) || ends_here(rest, 5));
}

bool decode_utf8_variants(struct buf *out, struct span bytes)
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
