#include "formats/dataset/set_writer.h"

#include "formats/tar/field_file.h"
#include "formats/tar/member_name.h"
#include "formats/tar/record_digest.h"
#include "formats/tar/sample_name.h"
#include "core/value.h"
#include "formats/text/json.h"
#include "formats/tar/shard.h"
#include "formats/stream/file_kind.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A shard may overwrite an earlier shard by cc-shard write.  It never overwrites a file that is not a tar, a tar that another program
 * wrote, or a shard that the stream was made from, which may still be being read. */

static int json_of_prog(const struct value *header, struct buf *text, struct err *err)
{
	const struct value *prog = value_get(header, "prog");

	return prog && json_write(prog, text, err) ? -1 : text->failed ? err_memory(err) : 0;
}

/* Does the list of programs continue a shorter one?  "[a, b, c]" continues "[a, b]". */
static bool begins_with(struct span longer, struct span shorter)
{
	return shorter.size > 2 && longer.size > shorter.size && longer.data[shorter.size - 1] == ',' &&
	       memcmp(longer.data, shorter.data, shorter.size - 1) == 0;
}

static int is_source(const struct value *shard, const struct value *header, struct err *err)
{
	struct buf was = { 0 }, is = { 0 };
	int state = json_of_prog(shard, &was, err) || json_of_prog(header, &is, err) ? -1 : begins_with(buf_span(&is), buf_span(&was));

	buf_free(&was);
	buf_free(&is);
	return state;
}

static bool is_shard(int fd)
{
	char name[sizeof SHARD_HEAD_NAME];

	return pread(fd, name, sizeof name, 0) == sizeof name && memcmp(name, SHARD_HEAD_NAME, sizeof name) == 0;
}

/* A shard by cc-shard write whose head is damaged may be overwritten. */
static int check_shard(const char *path, int fd, const struct value *header, struct err *err)
{
	struct shard shard;
	struct err damage;
	int source;

	if (!is_shard(fd))
		return err_set(err,
			"%s: exists and was not written by `cc-shard write`; refusing to overwrite (remove it, or choose another name)",
			path);
	source = shard_open(&shard, fd, &LIMITS_DEFAULT, &damage) == 0 && shard.head.present ? is_source(&shard.head.header, header, err)
											     : 0;
	shard_close(&shard);
	if (source > 0)
		return err_set(err,
			"%s: exists and may be a source of this stream; refusing to overwrite (choose another name, and rename it when "
			"it is complete)",
			path);
	return source ? -1 : 1;
}

/* header: of the stream, with this program's entry.  0: the name is free, or the file is empty or not a regular file; 1: a shard that may
 * be overwritten; -1: a file that may not. */
static int replace_check(const char *path, const struct value *header, struct err *err)
{
	struct stat status;

	if (stat(path, &status) || !S_ISREG(status.st_mode) || status.st_size == 0)
		return 0;
	if (file_kind_replaces(FILE_TAR, path, err))
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", path);
	int state = check_shard(path, fd, header, err);
	close(fd);
	return state;
}

enum { WIDTH_MOST = 18 };

/* Parses "d" or "04d" after a '%' and returns its end.  NULL: something else. */
static const char *take_number(const char *at, int *width)
{
	bool zeros = *at == '0';

	for (*width = 0; *at >= '0' && *at <= '9' && *width <= WIDTH_MOST; at++)
		*width = *width * 10 + (*at - '0');
	return *at == 'd' && *width <= WIDTH_MOST && (zeros || *width == 0) ? at + 1 : NULL;
}

int pattern_parse(struct pattern *pattern, const char *text, struct err *err)
{
	*pattern = (struct pattern){ .before = span_string(text) };
	for (const char *at = text; (at = strchr(at, '%'));) {
		if (at[1] == '%') {
			at += 2;
			continue;
		}
		const char *end = pattern->numbered ? NULL : take_number(at + 1, &pattern->width);
		if (!end)
			return err_set(err, "'%s': expected one number, as in part-%%04d.tar (use %%%% for a percent sign)", text);
		pattern->numbered = true;
		pattern->before = span_of(text, (size_t)(at - text));
		pattern->after = span_string(end);
		at = end;
	}
	return 0;
}

static void append_single(struct buf *name, struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		buf_append_byte(name, text.data[i]);
		i += text.data[i] == '%';
	}
}

void pattern_name(const struct pattern *pattern, uint64_t number, struct buf *name)
{
	append_single(name, pattern->before);
	if (pattern->numbered)
		buf_printf(name, "%0*" PRIu64, pattern->width, number);
	append_single(name, pattern->after);
	buf_string(name);
}

enum { TAR_BLOCK = 512 };

static const char *path_of(struct set_writer *writer)
{
	buf_clear(&writer->name);
	pattern_name(&writer->pattern, writer->head.shard, &writer->name);
	return buf_string(&writer->name);
}

static int open_output(struct set_writer *writer, struct err *err)
{
	const char *path = path_of(writer);

	if (writer->name.failed)
		return err_memory(err);
	if (span_is(buf_span(&writer->name), "-")) {
		writer->output = OUTPUT_CLOSED;
		writer->output.fd = dup(STDOUT_FILENO);
		return writer->output.fd < 0 ? err_errno(err, "standard output") : 0;
	}
	const int state = replace_check(path, &writer->header, err);
	if (state < 0)
		return -1;
	writer->replaces = state > 0;
	return output_open(&writer->output, writer->dry ? "/dev/null" : path, FILE_TAR, err);
}

/* Can the head be rewritten at the end? */
static bool is_rewritable(int fd)
{
	return lseek(fd, 0, SEEK_CUR) == 0 && !(fcntl(fd, F_GETFL) & O_APPEND);
}

/* Reserves the size that the head will have once the counts are known. */
static int write_head(struct set_writer *writer, struct err *err)
{
	struct shard_head longest = writer->head;

	longest.counted = writer->seekable;
	longest.records = INT64_MAX;
	buf_clear(&writer->scratch);
	if (shard_head_write(&writer->scratch, &longest, 0, err))
		return -1;
	writer->head_size = writer->scratch.size;
	return tar_write(&writer->tar, span_string(SHARD_HEAD_NAME), buf_span(&writer->scratch), (struct span){ 0 }, err);
}

static int open_shard(struct set_writer *writer, struct err *err)
{
	if (open_output(writer, err))
		return -1;
	writer->open = true;
	writer->seekable = is_rewritable(writer->output.fd);
	writer->head = (struct shard_head){ .shard = writer->head.shard, .header = writer->header };
	key_set_clear(&writer->seen);
	return tar_writer_open(&writer->tar, writer->output.fd, err) || write_head(writer, err) ? -1 : 0;
}

/* Rewrites the head with the counts. */
static int rewrite_head(struct set_writer *writer, struct err *err)
{
	if (!writer->seekable)
		return 0;
	writer->head.counted = true;
	buf_clear(&writer->scratch);
	if (shard_head_write(&writer->scratch, &writer->head, writer->head_size, err))
		return -1;
	return tar_writer_replace(&writer->tar, TAR_BLOCK, buf_span(&writer->scratch), err);
}

static int plan_shard(struct set_writer *writer, struct err *err)
{
	buf_printf(&writer->plan, "%12" PRIu64 " %15" PRIu64 "  %s%s\n", writer->head.records, writer->tar.size, path_of(writer),
		writer->replaces ? "  (overwrites an existing shard)" : "");
	return writer->plan.failed ? err_memory(err) : 0;
}

static int close_shard(struct set_writer *writer, struct err *err)
{
	if (tar_writer_finish(&writer->tar, err) || rewrite_head(writer, err) || (writer->dry && plan_shard(writer, err)))
		return -1;
	tar_writer_free(&writer->tar);
	writer->open = false;
	if (output_commit(&writer->output, err))
		return -1;
	writer->head.shard++;
	return 0;
}

static const char *problem_of(const struct record *record)
{
	const char *problem = record->count ? NULL : "the record has no fields";

	for (size_t i = 0; i < record->count && !problem; i++) {
		problem = sample_name_problem(record->key, record->fields[i].name);
		for (size_t j = 0; j < i && !problem; j++)
			if (name_equal(record->fields[i].name, record->fields[j].name))
				problem = "two fields differ only in upper and lower case";
	}
	return problem;
}

static uint64_t bytes_of(const struct record *record)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < record->count; i++)
		bytes += TAR_BLOCK + (record->fields[i].bytes.size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	return bytes;
}

static bool is_full(const struct set_writer *writer, const struct record *record)
{
	const struct shard_head *head = &writer->head;

	if (!writer->pattern.numbered || !head->records)
		return false;
	return (writer->max_count && head->records >= writer->max_count) ||
	       (writer->max_bytes && writer->tar.size + bytes_of(record) > writer->max_bytes);
}

static int check_key(struct set_writer *writer, struct span key, struct err *err)
{
	uint64_t where = writer->head.records;
	int state = key_set_add(&writer->seen, key, &where);

	if (state > 0)
		return err_set(err,
			"duplicate key %.*s: records %" PRIu64 " and %" PRIu64 " of shard %" PRIu64
			" (cc-shard read --key-prefix '{}/' makes keys of different sources distinct)",
			span_shown(key, 512), (const char *)key.data, where, writer->head.records, writer->head.shard);
	return state ? err_memory(err) : 0;
}

static int write_field(struct set_writer *writer, struct span key, const struct field *field, struct err *err)
{
	struct span head, body;
	struct buf *name = &writer->name;

	buf_clear(name);
	buf_append_span(name, key);
	buf_append_byte(name, '.');
	buf_append_span(name, field->name);
	if (name->failed)
		return err_memory(err);
	return field_to_file(field, &writer->scratch, &head, &body, err) || tar_write(&writer->tar, buf_span(name), head, body, err) ? -1
																     : 0;
}

/* Records of other programs may have keys that are not in normal form. */
static int make_normal(struct record *record, struct buf *scratch, struct err *err)
{
	struct span key;

	if (member_name(record->key, &key, scratch) != MEMBER_FILE || key.data == record->key.data)
		return 0;
	char *copy = scratch->failed ? NULL : arena_string(&record->arena, key.data, key.size);
	if (!copy)
		return err_memory(err);
	record->key = span_of(copy, key.size);
	record->raw = (struct span){ 0 };
	return 0;
}

int set_write(struct set_writer *writer, struct record *record, struct err *err)
{
	if (make_normal(record, &writer->scratch, err))
		return -1;
	const char *problem = problem_of(record);
	struct digest digest;

	if (problem) {
		err_set(err, "%s", problem);
		return SET_REFUSED;
	}
	const struct field *caption = record_find(record, "txt");
	if (caption && field_check_caption(caption, err))
		return SET_REFUSED;
	if (record_digest(record, &digest, err))
		return SET_REFUSED;
	if (writer->open && is_full(writer, record) && close_shard(writer, err))
		return -1;
	if ((!writer->open && open_shard(writer, err)) || check_key(writer, record->key, err))
		return -1;
	for (size_t i = 0; i < record->count; i++)
		if (write_field(writer, record->key, &record->fields[i], err))
			return err_add(err, "%s", path_of(writer));
	writer->head.records++;
	writer->head.digest = digest_sum(writer->head.digest, digest);
	writer->end.records++;
	writer->end.written = digest_sum(writer->end.written, digest);
	return SET_WRITTEN;
}

int set_finish(struct set_writer *writer, struct err *err)
{
	if (!writer->open && open_shard(writer, err))
		return -1;
	writer->end.shards = writer->head.shard + 1;
	pattern_name(&writer->pattern, writer->end.shards, &writer->after);
	buf_append_byte(&writer->after, 0);
	buf_clear(&writer->scratch);
	if (shard_end_write(&writer->scratch, &writer->end, err) ||
		tar_write(&writer->tar, span_string(SHARD_END_NAME), buf_span(&writer->scratch), (struct span){ 0 }, err) ||
		close_shard(writer, err))
		return err_add(err, "%s", path_of(writer));
	return 0;
}

void set_writer_free(struct set_writer *writer)
{
	if (writer->open) {
		tar_writer_free(&writer->tar);
		output_discard(&writer->output);
	}
	key_set_free(&writer->seen);
	buf_free(&writer->plan);
	buf_free(&writer->name);
	buf_free(&writer->scratch);
	buf_free(&writer->after);
}
