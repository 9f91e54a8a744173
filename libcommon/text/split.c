#include "text/split.h"
#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum kind { LETTER, NUMBER, SPACE, OTHER };

/* A mark whose other case is a letter: where case is ignored no class of the pattern takes it. */
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
