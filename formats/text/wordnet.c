#include "formats/text/wordnet.h"
#include "core/map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_WORD = 100, RULES_MOST = 9 };

/* A suffix and its replacement. */
struct rule {
	const char *old, *new;
};

static const struct {
	const char *name;
	struct rule rules[RULES_MOST + 1];
} classes[WORDNET_CLASSES] = {
	{ "noun", { { "s", "" }, { "ses", "s" }, { "ves", "f" }, { "xes", "x" }, { "zes", "z" }, { "ches", "ch" }, { "shes", "sh" },
			  { "men", "man" }, { "ies", "y" } } },
	{ "verb",
		{ { "s", "" }, { "ies", "y" }, { "es", "e" }, { "es", "" }, { "ed", "e" }, { "ed", "" }, { "ing", "e" }, { "ing", "" } } },
	{ "adj", { { "er", "" }, { "est", "" }, { "er", "e" }, { "est", "e" } } },
	{ "adv", { { 0 } } },
};

static int map_file(struct span *file, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return err_set(err, "%s: %s; install the package wordnet-base, or set $CC_WORDNET to the folder", path, strerror(errno));
	if (fstat(fd, &status) || status.st_size <= 0) {
		close(fd);
		return err_set(err, "%s: empty", path);
	}
	void *data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return err_errno(err, "%s", path);
	*file = span_of(data, (size_t)status.st_size);
	return 0;
}

static int map_named(struct span *file, const char *folder, const char *before, const char *name, const char *after, struct err *err)
{
	struct buf path = { 0 };

	buf_printf(&path, "%s/%s%s%s", folder, before, name, after);
	int result = map_file(file, buf_string(&path), err);
	buf_free(&path);
	return result;
}

/* Removes the first line from the text and returns it without its newline. */
static struct span take_line(struct span *text)
{
	const unsigned char *newline = memchr(text->data, '\n', text->size);
	size_t size = newline ? (size_t)(newline - text->data) : text->size;
	size_t taken = newline ? size + 1 : size;
	struct span line = span_of(text->data, size);

	*text = span_of(text->data + taken, text->size - taken);
	return line;
}

/* Removes the first word from the line and returns it; empty at the end of the line. */
static struct span take_word(struct span *line)
{
	while (line->size && *line->data == ' ')
		*line = span_of(line->data + 1, line->size - 1);
	const unsigned char *blank = line->size ? memchr(line->data, ' ', line->size) : NULL;
	struct span word = span_of(line->data, blank ? (size_t)(blank - line->data) : line->size);
	*line = span_of(word.data + word.size, line->size - word.size);
	return word;
}

/* The rest of the last line that begins with the word; empty if there is none.  text is sorted by first words; the lines of the licence
 * begin with blanks and so come first. */
static struct span find_line(struct span text, struct span word)
{
	size_t low = 0, high = text.size; /* lines before low sort before or equal to the word, lines from high on after it */
	struct span found = { 0 };

	while (low < high) {
		size_t begin = low + (high - low) / 2;
		while (begin > low && text.data[begin - 1] != '\n')
			begin--;
		struct span rest = span_of(text.data + begin, high - begin), line = take_line(&rest);
		struct span first = *line.data == ' ' ? span_of(line.data, 0) : take_word(&line);
		if (span_compare(first, word) <= 0) {
			low = (size_t)(rest.data - text.data);
			found = span_equal(first, word) ? line : found;
		} else {
			high = begin;
		}
	}
	return found;
}

/* The number at the beginning of a word. */
static size_t number_of(struct span word, int base)
{
	char digits[24] = "";

	if (word.size)
		memcpy(digits, word.data, word.size < sizeof digits ? word.size : sizeof digits - 1);
	return strtoul(digits, NULL, base);
}

/* Writes the lemma as it would appear in a caption. */
static void clean_lemma(struct buf *out, struct span lemma)
{
	const unsigned char *marker = memchr(lemma.data, '(', lemma.size); /* syntactic position of an adjective: "asleep(p)" */

	buf_clear(out);
	if (marker)
		lemma.size = (size_t)(marker - lemma.data);
	for (size_t i = 0; i < lemma.size; i++) {
		unsigned char c = lemma.data[i];
		if ((c == '_' || c == '-') && out->size && out->data[out->size - 1] != ' ')
			buf_append_byte(out, ' ');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			buf_append_byte(out, c | 0x20);
	}
	if (out->size && out->data[out->size - 1] == ' ')
		out->size--;
}

/* Adds the lemmas of the synset at an offset: "OFFSET FILE TYPE COUNT(hexadecimal) LEMMA ID LEMMA ID ..." */
static int add_synset(const struct wordnet_class *class, size_t offset, struct map *names, struct buf *name)
{
	if (offset >= class->data.size)
		return 0;
	struct span rest = span_of(class->data.data + offset, class->data.size - offset), line = take_line(&rest);
	for (int i = 0; i < 3; i++)
		take_word(&line);
	for (size_t count = number_of(take_word(&line), 16); count && line.size; count--) {
		clean_lemma(name, take_word(&line));
		take_word(&line);
		if (name->failed || (name->size && map_add(names, buf_span(name)) < 0))
			return -1;
	}
	return 0;
}

/* Adds all synsets of a base form: "LEMMA POS SYNSETS POINTERS ... SENSES TAGGED OFFSET OFFSET ..." */
static int add_form(const struct wordnet_class *class, struct span form, struct map *names, struct buf *name)
{
	struct span line = find_line(class->index, form);

	if (line.size == 0)
		return 0;
	take_word(&line);
	size_t synsets = number_of(take_word(&line), 10);
	for (size_t pointers = number_of(take_word(&line), 10); pointers && line.size; pointers--)
		take_word(&line);
	take_word(&line);
	take_word(&line);
	for (; synsets && line.size; synsets--)
		if (add_synset(class, number_of(take_word(&line), 10), names, name))
			return -1;
	return 0;
}

/* Applies the rule to a word.  Returns the size of the form, or 0 if the rule does not match. */
static size_t apply_rule(const struct rule *rule, struct span word, unsigned char form[LONGEST_WORD + 1])
{
	size_t old = strlen(rule->old), new = strlen(rule->new);

	if (word.size < old || memcmp(word.data + word.size - old, rule->old, old) != 0)
		return 0;
	memcpy(form, word.data, word.size - old);
	memcpy(form + word.size - old, rule->new, new);
	return word.size - old + new;
}

static int add_class(const struct wordnet_class *class, const struct rule *rules, struct span word, struct map *names, struct buf *name)
{
	struct span bases = find_line(class->exceptions, word);
	unsigned char form[LONGEST_WORD + 1];

	if (add_form(class, word, names, name))
		return -1;
	if (bases.size) {
		for (struct span base; (base = take_word(&bases)).size;)
			if (add_form(class, base, names, name))
				return -1;
		return 0;
	}
	for (; rules->old; rules++) {
		size_t size = apply_rule(rules, word, form);
		if (size && add_form(class, span_of(form, size), names, name))
			return -1;
	}
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static int write_sorted(const struct map *names, struct span without, struct buf *out)
{
	struct span *sorted = calloc(names->count + 1, sizeof *sorted);

	if (!sorted)
		return -1;
	for (size_t i = 0; i < names->count; i++)
		sorted[i] = map_key(names, i);
	qsort(sorted, names->count, sizeof *sorted, compare_names);
	for (size_t i = 0; i < names->count; i++) {
		if (span_equal(sorted[i], without))
			continue;
		buf_append_span(out, sorted[i]);
		buf_append_byte(out, '\n');
	}
	free(sorted);
	return out->failed ? -1 : 0;
}

static int synonyms(const struct thesaurus *thesaurus, struct span word, struct buf *out, struct err *err)
{
	const struct wordnet *wordnet = (const struct wordnet *)thesaurus; /* its first member */
	struct map names = { 0 };
	struct buf name = { 0 };
	int result = 0;

	if (word.size == 0 || word.size > LONGEST_WORD)
		return 0;
	for (int i = 0; i < WORDNET_CLASSES && result == 0; i++)
		result = add_class(&wordnet->classes[i], classes[i].rules, word, &names, &name);
	if (result == 0)
		result = write_sorted(&names, word, out);
	map_free(&names);
	buf_free(&name);
	return result ? err_memory(err) : 0;
}

int wordnet_open(struct wordnet *wordnet, const char *path, struct err *err)
{
	const char *named = getenv("CC_WORDNET");
	const char *folder = path ? path : named && *named ? named : "/usr/share/wordnet";

	*wordnet = (struct wordnet){ .thesaurus.synonyms = synonyms };
	for (int i = 0; i < WORDNET_CLASSES; i++) {
		struct wordnet_class *class = &wordnet->classes[i];
		if (map_named(&class->index, folder, "index.", classes[i].name, "", err) ||
			map_named(&class->data, folder, "data.", classes[i].name, "", err) ||
			map_named(&class->exceptions, folder, "", classes[i].name, ".exc", err)) {
			wordnet_close(wordnet);
			return -1;
		}
	}
	return 0;
}

static void unmap(struct span file)
{
	if (file.data)
		munmap((void *)file.data, file.size);
}

void wordnet_close(struct wordnet *wordnet)
{
	for (int i = 0; i < WORDNET_CLASSES; i++) {
		unmap(wordnet->classes[i].index);
		unmap(wordnet->classes[i].data);
		unmap(wordnet->classes[i].exceptions);
	}
	*wordnet = (struct wordnet){ 0 };
}
