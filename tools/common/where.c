#include "tools/common/where.h"

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
	memcpy(where->field, text, length);
	where->word = span_string(word);
	return 0;
}

bool where_matches(const struct where *where, const struct record *record)
{
	if (!where->field[0])
		return true;
	if (strcmp(where->field, "key") == 0 && !record_find(record, "key"))
		return text_has_word(record->key, where->word);
	const struct field *field = record_find(record, where->field);
	return field && (field->kind == FIELD_STRING || field->kind == FIELD_BYTES) &&
		text_has_word(field->bytes, where->word);
}
