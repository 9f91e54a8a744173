#include "text/pretokenize.h"
#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum kind { LETTER, NUMBER, SPACE, OTHER };

/* A mark whose other case is a letter: with case ignored, no class of the pattern matches it. */
enum { YPOGEGRAMMENI = 0x345 };

static enum kind kind_of(int32_t codepoint)
{
	if (codepoint < 0x80) {
		if ((codepoint | 0x20) >= 'a' && (codepoint | 0x20) <= 'z')
			return LETTER;
		if (codepoint >= '0' && codepoint <= '9')
			return NUMBER;
		return codepoint == ' ' || (codepoint >= '\t' && codepoint <= '\r') ? SPACE : OTHER;
	}
	if (codepoint >= UTF8_INVALID)
		return OTHER;
	utf8proc_category_t category = utf8proc_category(codepoint);
	if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
		return LETTER;
	if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO)
		return NUMBER;
	return utf8_is_space(codepoint) || codepoint == YPOGEGRAMMENI ? SPACE : OTHER;
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

static bool begins(struct span text, const char *what)
{
	size_t size = strlen(what);

	if (text.size < size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (lower(text.data[i]) != (unsigned char)what[i])
			return false;
	return true;
}

/* The size of the contraction that the text begins with, or 0.  C5 BF is the long s, which folds to s. */
static size_t contraction(struct span text)
{
	static const char *const endings[] = { "'s", "'\xC5\xBF", "'t", "'re", "'ve", "'m", "'ll", "'d" };

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (begins(text, endings[i]))
			return strlen(endings[i]);
	return 0;
}

static size_t run_size(struct span text)
{
	struct span rest = text;
	enum kind kind = kind_of(utf8_take(&rest));

	while (kind != NUMBER && rest.size) {
		struct span ahead = rest;
		if (kind_of(utf8_take(&ahead)) != kind)
			break;
		rest = ahead;
	}
	return text.size - rest.size;
}

bool split_next(struct span *text, struct piece *piece)
{
	struct span rest = *text;

	while (rest.size) { /* over the white space */
		struct span ahead = rest;
		if (kind_of(utf8_take(&ahead)) != SPACE)
			break;
		rest = ahead;
	}
	if (rest.size == 0)
		return false;
	size_t size = 0;
	piece->kind = PIECE_WORD;
	if (begins(rest, "<|startoftext|>")) {
		piece->kind = PIECE_START;
		size = strlen("<|startoftext|>");
	} else if (begins(rest, "<|endoftext|>")) {
		piece->kind = PIECE_END;
		size = strlen("<|endoftext|>");
	} else if (rest.data[0] == '\'') {
		size = contraction(rest);
	}
	if (size == 0)
		size = run_size(rest);
	piece->text = span_of(rest.data, size);
	*text = span_of(rest.data + size, rest.size - size);
	return true;
}

enum { PRINTABLE = 188, FIRST_STAND_IN = 0x100 };

/* '!'..'~', U+A1..U+AC, U+AE..U+FF */
static bool is_printable(int32_t code)
{
	return (code >= 0x21 && code <= 0x7E) || (code >= 0xA1 && code <= 0xAC) || (code >= 0xAE && code <= 0xFF);
}

int32_t byte_symbol(unsigned char byte)
{
	if (is_printable(byte))
		return byte <= 0x7E ? byte - 0x21 : byte <= 0xAC ? byte - 0xA1 + 94 : byte - 0xAE + 106;
	return PRINTABLE + (byte <= 0x20 ? byte : byte <= 0xA0 ? byte - 0x7F + 33 : 67);
}

/* The n-th byte that is not printable. */
static unsigned char other_byte(int32_t n)
{
	return (unsigned char)(n < 33 ? n : n < 67 ? n - 33 + 0x7F : 0xAD);
}

int byte_symbols_decode(struct buf *out, struct span characters)
{
	while (characters.size) {
		int32_t code = utf8_take(&characters);
		if (is_printable(code))
			buf_append_byte(out, (unsigned char)code);
		else if (code >= FIRST_STAND_IN && code < FIRST_STAND_IN + BYTE_SYMBOLS - PRINTABLE)
			buf_append_byte(out, other_byte(code - FIRST_STAND_IN));
		else
			return -1;
	}
	return 0;
}

void byte_symbols_encode(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = bytes.data[i];
		utf8_append(out, is_printable(byte) ? byte : FIRST_STAND_IN + byte_symbol(byte) - PRINTABLE);
	}
}
