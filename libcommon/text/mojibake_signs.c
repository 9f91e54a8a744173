#include "text/mojibake.h"
#include "text/utf8.h"

#include <string.h>
#include <uchar.h>
#include <utf8proc.h>

enum {
	CLASS_COMMON = 1 << 0,
	CLASS_C1 = 1 << 1,
	CLASS_BAD = 1 << 2, /* rare except in mojibake */
	CLASS_LAW = 1 << 3,
	CLASS_CURRENCY = 1 << 4,
	CLASS_OPENING = 1 << 5, /* punctuation */
	CLASS_CLOSING = 1 << 6,
	CLASS_NUMERIC = 1 << 7,
	CLASS_KAOMOJI = 1 << 8,
	CLASS_UPPER_ACCENTED = 1 << 9,
	CLASS_LOWER_ACCENTED = 1 << 10,
	CLASS_UPPER_COMMON = 1 << 11,
	CLASS_LOWER_COMMON = 1 << 12,
	CLASS_BOX = 1 << 13,
	CLASS_LEADS_2 = 1 << 14, /* as a byte, starts a UTF-8 sequence of two */
	CLASS_LEADS_3 = 1 << 15,
	CLASS_LEADS_4 = 1 << 16,
	CLASS_FOLLOWS = 1 << 17, /* as a byte, continues such a sequence */
	CLASS_FOLLOWS_ONLY = 1 << 18, /* the same, without characters that are common elsewhere */
	/* Not in mojibake.def: */
	ASCII_LOWER = 1 << 19,
	ASCII_UPPER = 1 << 20,
	BLANK = 1 << 21,
	STOP = 1 << 22, /* . , ? ! */
	ANY_SPACE = 1 << 23,
	WORD = 1 << 24,
	NOT_ASCII_LETTER = 1 << 25,
	NOT_NEWLINE = 1 << 26,

	ASCII_LETTER = ASCII_LOWER | ASCII_UPPER,
	ACCENTED = CLASS_LOWER_ACCENTED | CLASS_UPPER_ACCENTED,
	PUNCTUATION = CLASS_OPENING | CLASS_CLOSING,
	NEXT_TO_BAD = ACCENTED | CLASS_BOX | PUNCTUATION | CLASS_CURRENCY | CLASS_NUMERIC | CLASS_LAW,
	ARABIC_SECOND = CLASS_COMMON | CLASS_CURRENCY | CLASS_BAD | CLASS_NUMERIC | PUNCTUATION,
	CYRILLIC_SECOND = CLASS_C1 | CLASS_BAD | PUNCTUATION | CLASS_CURRENCY,
	LONGEST_RULE = 7,
};

struct sign_row {
	uint16_t codepoint;
	uint16_t encodings;
	uint32_t classes;
	unsigned char bytes[ENCODINGS];
};

static const struct sign_row rows[] = {
#define CHARACTER(codepoint, classes, encodings, ...) { codepoint, encodings, classes, { __VA_ARGS__ } },
#include "text/mojibake.def"
#undef CHARACTER
};

/* One position of a rule: a set of classes, or of characters.  A position without either ends the rule. */
struct place {
	uint32_t classes;
	const char32_t *characters;
};

#define OF(classes)                 { (uint32_t)(classes), NULL }
#define ONE(characters)             { 0, U##characters }
#define EITHER(classes, characters) { (uint32_t)(classes), U##characters }

/* Sequences of characters that are unlikely in real text.  The order of the rules does not matter. */
static const struct place rules[][LONGEST_RULE + 1] = {
	{ OF(CLASS_C1) },
	{ OF(NEXT_TO_BAD | CLASS_BAD), OF(CLASS_BAD) },
	{ OF(CLASS_BAD), OF(NEXT_TO_BAD) },
	{ OF(ASCII_LETTER), OF(CLASS_LOWER_COMMON | CLASS_UPPER_COMMON), OF(CLASS_BAD) },
	{ OF(CLASS_LOWER_ACCENTED | CLASS_LOWER_COMMON | CLASS_BOX | CLASS_CLOSING | CLASS_CURRENCY | CLASS_NUMERIC),
		OF(CLASS_UPPER_ACCENTED) },
	{ OF(CLASS_BOX | CLASS_CLOSING | CLASS_CURRENCY | CLASS_NUMERIC), OF(CLASS_LOWER_ACCENTED) },
	{ OF(CLASS_LOWER_ACCENTED | CLASS_BOX | CLASS_CLOSING), OF(CLASS_CURRENCY) },
	{ OF(ANY_SPACE), OF(CLASS_UPPER_ACCENTED), OF(CLASS_CURRENCY) },
	{ OF(ASCII_LOWER), OF(CLASS_UPPER_ACCENTED), OF(CLASS_OPENING | CLASS_CURRENCY) },
	{ OF(CLASS_UPPER_ACCENTED | CLASS_BOX), OF(CLASS_NUMERIC | CLASS_LAW) },
	{ OF(ACCENTED | CLASS_BOX | CLASS_CURRENCY | CLASS_CLOSING), OF(CLASS_OPENING), OF(CLASS_NUMERIC) },
	{ OF(ACCENTED | CLASS_CURRENCY | CLASS_NUMERIC | CLASS_BOX | CLASS_LAW), OF(CLASS_CLOSING), OF(CLASS_OPENING) },
	{ OF(CLASS_CURRENCY | CLASS_NUMERIC | CLASS_BOX), OF(CLASS_OPENING) },
	{ OF(CLASS_BOX), OF(CLASS_KAOMOJI | CLASS_CLOSING) },
	{ OF(ACCENTED | CLASS_CURRENCY | CLASS_NUMERIC | PUNCTUATION | CLASS_LAW), OF(CLASS_BOX) },
	{ OF(ACCENTED), OF(PUNCTUATION), OF(WORD) },
	{ OF(CLASS_UPPER_ACCENTED), ONE("°") },
	{ ONE("Œœ"), OF(NOT_ASCII_LETTER) },
	{ ONE("×"), ONE("²³") },
	/* UTF-8 decoded as windows-1252: Latin, Arabic, South Asian scripts. */
	{ ONE("ÂÃÎÐ"), EITHER(PUNCTUATION, "€œŠš¢£Ÿž\u00A0\u00AD®©°·»–—´") },
	{ ONE("ØÙ"), EITHER(ARABIC_SECOND, "ŸŠ®°µ»"), ONE("ØÙ"), EITHER(ARABIC_SECOND, "ŸŠ®°µ»") },
	{ ONE("à"), ONE("²µ¹¼½¾") },
	{ ONE("Ã"), ONE("\u00A0¡") },
	{ OF(ASCII_LOWER), ONE("ÃÂ"), OF(BLANK) },
	{ OF(ASCII_LOWER), OF(ANY_SPACE), ONE("ÃÂ"), OF(BLANK) },
	{ OF(ASCII_LOWER | STOP | CLASS_CLOSING), ONE("Â"), OF(BLANK | PUNCTUATION) },
	/* As MacRoman. */
	{ ONE("√"), ONE("±∂†≠®™´≤≥¥µø") },
	{ ONE("≈"), ONE("°¢") },
	{ ONE("‚"), ONE("Ä"), ONE("ìîïòôúùû†°¢π") },
	{ ONE("‚"), ONE("âó"), ONE("àä°ê") },
	/* As windows-1251.  The longest rule is windows-1252 mojibake decoded as windows-1251, next to a Latin letter. */
	{ ONE("в"), ONE("Ђ") },
	{ ONE("ВГРС"), EITHER(CYRILLIC_SECOND, "°µ"), ONE("ВГРС") },
	{ ONE("Г"), ONE("ў"), ONE("В"), ONE("Ђ"), ONE("В"), OF(NOT_NEWLINE), OF(ASCII_LETTER | BLANK) },
	/* As windows-1253 and windows-1257. */
	{ ONE("β"), ONE("€"), ONE("™\u00A0Ά\u00AD®°") },
	{ ONE("ΒΓΞΟ"), EITHER(CYRILLIC_SECOND, "°"), ONE("ΒΓΞΟ") },
	{ ONE("ā"), ONE("€") },
};

static uint32_t ascii_classes(int32_t codepoint)
{
	if (codepoint >= 'a' && codepoint <= 'z')
		return ASCII_LOWER;
	if (codepoint >= 'A' && codepoint <= 'Z')
		return ASCII_UPPER;
	if (codepoint == ' ')
		return BLANK | CLASS_FOLLOWS;
	return codepoint == '.' || codepoint == ',' || codepoint == '?' || codepoint == '!' ? STOP : 0;
}

static const struct sign_row *find_row(int32_t codepoint)
{
	size_t first = 0, end = sizeof rows / sizeof *rows;

	while (first < end) {
		const size_t middle = (first + end) / 2;
		if (rows[middle].codepoint < codepoint)
			first = middle + 1;
		else
			end = middle;
	}
	return first < sizeof rows / sizeof *rows && rows[first].codepoint == codepoint ? &rows[first] : NULL;
}

unsigned read_signs(struct buf *signs, struct span text, bool *ascii)
{
	/* These encodings have the byte 1A, which U+FFFD becomes in the windows encodings. */
	const unsigned has_substitute = 1U << LATIN_1 | 1U << ISO_8859_2 | 1U << MACROMAN | 1U << CP437;
	struct sign *sign = (struct sign *)(void *)buf_reserve(signs, text.size * sizeof *sign);
	unsigned encodings = (1U << ENCODINGS) - 1;

	*ascii = true;
	for (; sign && text.size; sign++) {
		const int32_t codepoint = utf8_take(&text);
		*sign = (struct sign){ .codepoint = codepoint };
		if (codepoint < 0x80) {
			sign->classes = ascii_classes(codepoint);
			encodings &= codepoint == 0x1A ? has_substitute : encodings;
		} else {
			sign->row = find_row(codepoint);
			sign->classes = sign->row ? sign->row->classes : 0;
			encodings &= sign->row ? sign->row->encodings : 0;
			*ascii = false;
		}
		signs->size += sizeof *sign;
	}
	return encodings;
}

unsigned char sign_byte(const struct sign *sign, enum encoding encoding)
{
	return sign->row ? sign->row->bytes[encoding] : (unsigned char)sign->codepoint;
}

static bool is_in_word(int32_t codepoint)
{
	const utf8proc_category_t category = utf8proc_category(codepoint);

	return codepoint == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
	       (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static bool fits(const struct place *place, const struct sign *sign)
{
	if (place->classes & sign->classes)
		return true;
	for (const char32_t *character = place->characters; character && *character; character++)
		if (*character == (char32_t)sign->codepoint)
			return true;
	return (place->classes & ANY_SPACE && utf8_is_space(sign->codepoint)) || (place->classes & WORD && is_in_word(sign->codepoint)) ||
	       (place->classes & NOT_ASCII_LETTER && !(sign->classes & ASCII_LETTER)) ||
	       (place->classes & NOT_NEWLINE && sign->codepoint != '\n');
}

static bool rule_fits(const struct place *rule, const struct sign *signs, size_t count)
{
	size_t i = 0;

	for (; rule[i].classes || rule[i].characters; i++)
		if (i == count || !fits(&rule[i], &signs[i]))
			return false;
	return true;
}

/* Whether the character can be at one of the first three positions of a rule, every one of which has such a character there.  They
 * are rare in real text, so most of it is skipped. */
static bool may_start_rule(const struct sign *sign)
{
	const uint32_t classes = CLASS_C1 | NEXT_TO_BAD | CLASS_BAD | CLASS_KAOMOJI;

	return sign->classes & classes || sign->codepoint == U'Ђ' || sign->codepoint == U'ў';
}

bool signs_look_wrong(const struct sign *signs, size_t count)
{
	/* "Ã " and "Â " at the beginning count as after a lower-case letter. */
	if (count >= 2 && (signs[0].codepoint == 0xC2 || signs[0].codepoint == 0xC3) && signs[1].codepoint == ' ')
		return true;
	for (size_t i = 0, hot = 0; i < count; i++) {
		if (hot <= i) /* the next candidate */
			for (hot = i; hot < count && !may_start_rule(&signs[hot]); hot++)
				;
		if (hot == count)
			return false;
		for (size_t rule = 0; hot <= i + 2 && rule < sizeof rules / sizeof *rules; rule++)
			if (rule_fits(rules[rule], signs + i, count - i))
				return true;
		hot += hot == i;
	}
	return false;
}

static bool follow(const struct sign *signs, size_t count, size_t at, size_t wanted)
{
	if (wanted > count - at)
		return false;
	for (size_t i = 0; i < wanted; i++)
		if (!(signs[at + i].classes & CLASS_FOLLOWS))
			return false;
	return true;
}

size_t signs_of_utf8(const struct sign *signs, size_t count, size_t at)
{
	static const uint32_t leads[] = { CLASS_LEADS_2, CLASS_LEADS_3, CLASS_LEADS_4 };
	size_t end = at;

	if (at && signs[at - 1].classes & CLASS_FOLLOWS_ONLY)
		return 0;
	while (end < count) {
		size_t size = 0;
		for (size_t i = 0; i < 3 && size == 0; i++)
			if (signs[end].classes & leads[i] && follow(signs, count, end + 1, i + 1))
				size = i + 2;
		if (size == 0)
			break;
		end += size;
	}
	return end - at;
}
