#include "text/normalise.h"
#include "text/html.h"
#include "text/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum { SIGMA = 0x3A3, SMALL_SIGMA = 0x3C3, FINAL_SIGMA = 0x3C2, I_WITH_DOT = 0x130, DOT_ABOVE = 0x307, NONE = -1 };

struct range {
	int32_t first, last;
};

static bool is_in(int32_t codepoint, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (codepoint >= ranges[i].first && codepoint <= ranges[i].last)
			return true;
	return false;
}

/* Includes Unicode's Other_Lowercase and Other_Uppercase, which are cased but not Lu, Ll or Lt. */
static bool is_cased(int32_t codepoint)
{
	static const struct range others[] = { { 0xAA, 0xAA }, { 0xBA, 0xBA }, { 0x2B0, 0x2B8 }, { 0x2C0, 0x2C1 }, { 0x2E0, 0x2E4 },
		{ 0x345, 0x345 }, { 0x37A, 0x37A }, { 0x1D2C, 0x1D6A }, { 0x1D78, 0x1D78 }, { 0x1D9B, 0x1DBF }, { 0x2071, 0x2071 },
		{ 0x207F, 0x207F }, { 0x2090, 0x209C }, { 0x2160, 0x217F }, { 0x24B6, 0x24E9 }, { 0x2C7C, 0x2C7D }, { 0xA69C, 0xA69D },
		{ 0xA770, 0xA770 }, { 0xA7F8, 0xA7F9 }, { 0xAB5C, 0xAB5F }, { 0x10780, 0x10780 }, { 0x10783, 0x10785 },
		{ 0x10787, 0x107B0 }, { 0x107B2, 0x107BA }, { 0x1F130, 0x1F149 }, { 0x1F150, 0x1F169 }, { 0x1F170, 0x1F189 } };
	utf8proc_category_t category = utf8proc_category(codepoint);

	return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
	       is_in(codepoint, others, sizeof others / sizeof *others);
}

/* Marks, modifiers and punctuation inside words, which are skipped in the search for the next letter. */
static bool is_case_ignorable(int32_t codepoint)
{
	static const struct range inside_words[] = { { '\'', '\'' }, { '.', '.' }, { ':', ':' }, { 0xB7, 0xB7 }, { 0x387, 0x387 },
		{ 0x55F, 0x55F }, { 0x5F4, 0x5F4 }, { 0x2018, 0x2019 }, { 0x2024, 0x2024 }, { 0x2027, 0x2027 }, { 0xFE13, 0xFE13 },
		{ 0xFE52, 0xFE52 }, { 0xFE55, 0xFE55 }, { 0xFF07, 0xFF07 }, { 0xFF0E, 0xFF0E }, { 0xFF1A, 0xFF1A } };

	switch (utf8proc_category(codepoint)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_SK: return true;
	default: return is_in(codepoint, inside_words, sizeof inside_words / sizeof *inside_words);
	}
}

/* Whether a cased letter follows.  The search ends at the next sigma at the latest, so all calls together take linear time. */
static bool letter_follows(struct span rest)
{
	while (rest.size) {
		int32_t codepoint = utf8_take(&rest);
		if (!is_case_ignorable(codepoint))
			return is_cased(codepoint);
	}
	return false;
}

void text_lower(struct buf *out, struct span text)
{
	int32_t before = NONE; /* the last code point that is not case-ignorable */

	while (text.size) {
		int32_t codepoint = utf8_take(&text);
		int32_t lower = codepoint;
		if (codepoint < 0x80)
			lower = codepoint >= 'A' && codepoint <= 'Z' ? codepoint + ('a' - 'A') : codepoint;
		else if (codepoint == SIGMA)
			lower = before != NONE && is_cased(before) && !letter_follows(text) ? FINAL_SIGMA : SMALL_SIGMA;
		else if (codepoint == I_WITH_DOT)
			lower = 'i';
		else
			lower = utf8proc_tolower(codepoint);
		utf8_append(out, lower);
		if (codepoint == I_WITH_DOT)
			utf8_append(out, DOT_ABOVE);
		if (!is_case_ignorable(codepoint))
			before = codepoint;
	}
}

static void collapse_space(struct buf *out, struct span text)
{
	bool wanted = false;

	while (text.size) {
		struct span here = text;
		if (utf8_is_space(utf8_take(&text))) {
			wanted = out->size > 0;
			continue;
		}
		if (wanted)
			buf_append_byte(out, ' ');
		buf_append(out, here.data, here.size - text.size);
		wanted = false;
	}
}

int text_normalise(struct buf *out, struct span text, struct err *err)
{
	struct buf first = { 0 }, second = { 0 }, repaired = { 0 };

	if (utf8_check(text, err))
		return err_add(err, "text");
	if (text_repair(&repaired, text, err)) {
		buf_free(&repaired);
		return -1;
	}
	text = buf_span(&repaired);
	if (text.size && memchr(text.data, '&', text.size)) {
		html_unescape(&first, text);
		html_unescape(&second, buf_span(&first));
		text = buf_span(&second);
		first.size = 0;
	}
	collapse_space(&first, text);
	text_lower(out, buf_span(&first));
	bool failed = first.failed || second.failed || out->failed;
	buf_free(&repaired);
	buf_free(&first);
	buf_free(&second);
	return failed ? err_memory(err) : 0;
}
