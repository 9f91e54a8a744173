#include "formats/dataset/where.h"

#include "formats/text/captions.h"
#include "text/words.h"

#include <string.h>

int where_parse(struct where *where, const char *text, struct err *err)
{
	*where = (struct where){ 0 };
	if (!text)
		return 0;
	const size_t length = strcspn(text, "~");
	const char *word = text + length + (text[length] == '~');
	if (length == 0 || length >= sizeof where->field || strspn(word, " \t\n") == strlen(word))
		return err_set(err, "'%s': FIELD~WORD is expected, as in 'txt~banana'", text);
	if (strlen(word) > WORD_LONGEST)
		return err_set(err, "a word of %zu bytes; at most %d are searched for", strlen(word), WORD_LONGEST);
	memcpy(where->field, text, length);
	where->word = span_string(word);
	return 0;
}

/* Several captions. */
static bool list_has_word(struct span list, struct span word)
{
	struct buf lines = { 0 };
	const bool found = captions_to_lines(list, &lines) && text_has_word(buf_span(&lines), word);

	buf_free(&lines);
	return found;
}

bool where_matches(const struct where *where, const struct record *record)
{
	if (!where->field[0])
		return true;
	if (strcmp(where->field, "key") == 0 && !record_find(record, "key"))
		return text_has_word(record->key, where->word);
	const struct field *field = record_find(record, where->field);
	if (field && field->kind == FIELD_OTHER)
		return list_has_word(field->raw, where->word);
	return field && (field->kind == FIELD_STRING || field->kind == FIELD_BYTES) &&
		text_has_word(field->bytes, where->word);
}
