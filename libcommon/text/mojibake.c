#include "text/mojibake.h"
#include "text/html.h"
#include "text/mojibake_bytes.h"
#include "text/mojibake_signs.h"
#include "text/utf8.h"

struct step {
	const struct sign *signs;
	size_t count;
	struct span text;
};

static bool is_windows(enum encoding encoding)
{
	return encoding >= WINDOWS_1252 && encoding <= WINDOWS_1257;
}

/* Appends the text as it is when the encoding's bytes are read as UTF-8.  false: they are not UTF-8, and nothing was appended. */
static bool read_again(struct buf *out, const struct step *step, enum encoding encoding)
{
	const size_t before = out->size;
	struct buf bytes = { 0 }, restored = { 0 }, whole = { 0 };

	for (size_t i = 0; i < step->count; i++)
		buf_append_byte(&bytes, sign_byte(&step->signs[i], encoding));
	if (encoding == MACROMAN) /* where a dash and a blank would be taken for a sequence */
		buf_append_span(&restored, buf_span(&bytes));
	else
		restore_blanks(&restored, buf_span(&bytes));
	if (is_windows(encoding))
		replace_lost(&whole, buf_span(&restored));
	out->failed |= bytes.failed || restored.failed || whole.failed;
	const bool meant = decode_utf8_variants(out, buf_span(is_windows(encoding) ? &whole : &restored));
	if (!meant)
		out->size = before;
	buf_free(&bytes);
	buf_free(&restored);
	buf_free(&whole);
	return meant;
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

/* Appends the text with each piece repaired that looks like UTF-8. */
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

/* Appends the text one step better. */
static void repair_step(struct buf *out, const struct step *step, unsigned encodings, struct mojibake_budget *budget)
{
	const size_t before = out->size;

	for (enum encoding encoding = 0; encoding < ENCODINGS; encoding++)
		if (encodings >> encoding & 1 && read_again(out, step, encoding))
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
