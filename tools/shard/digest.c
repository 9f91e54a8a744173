/* cc-shard digest: do two sets hold the same records? */
#include "formats/tar/record_digest.h"
#include "tools/cli/print.h"
#include "tools/shard/verbs.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

struct digest_options {
	const char *digest;
	bool source, allow_pipe, per_image;
};

static const char *const digest_names[] = { "xxh3", "sha256", NULL };

static const struct option_spec digest_options[] = {
	{ "source", OPTION_FLAG, offsetof(struct digest_options, source), NULL,
		"digest of the records from which these shards were made, as recorded in the __end__ of each set by cc-shard write" },
	SOURCES_PER_IMAGE(struct digest_options, per_image),
	{ "digest", OPTION_TEXT, offsetof(struct digest_options, digest), "HASH",
		"xxh3 (default), or sha256, which also detects tampering and takes 32 bytes of memory per record",
		.choices = digest_names },
	SOURCES_ALLOW_PIPE(struct digest_options, allow_pipe),
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-shard digest",
	.summary = "print the digest and the number of records",
	.usage = "[OPTION]... [SOURCE]...",
	.text = "Prints a digest of 128 bits and the number of records. Without a SOURCE (see cc-shard read), reads records from standard input. "
		"The digest does not depend on the order of records and fields, nor on the sharding. The digest of a set is the sum of its parts' "
		"digests modulo 2^128.\n\n"
		"A record's digest is the XXH3-128 of its key and then, sorted by name, of each field's name and its content as stored in a tar; "
		"each of these is preceded by its length in 8 bytes.\n\n"
		"The digest detects accidents: lost, duplicated and damaged records. It does not protect against tampering, because XXH3 is not "
		"cryptographic and anyone who can add records can reach any sum. For that use --digest sha256 and store the result where the data's "
		"authors cannot write. It is the SHA-256 of the records' sorted SHA-256 digests (32 bytes each) over the same bytes; it does not "
		"depend on order or sharding either, but digests of parts cannot be added.\n\n"
		"--source adds up the digests of what cc-shard read sent into the pipes that made these sets, including records that were dropped later. "
		"If the sum over all parts of a split equals the digest of the original data, no record was lost or duplicated. Contents are not "
		"read for it; sets and splits must be complete.",
	.example = "cc-shard digest 'part-{0..3}.tar'\n"
		   "cc-shard read --shuffle 'part-{0..3}.tar' | cc-shard digest\n"
		   "cc-shard digest --source 'part-{0..3}.tar' && cc-shard digest crawl.tar\n",
	.options = digest_options,
	.arguments_max = SIZE_MAX,
};

/* 32 hexadecimal digits, and the number of records unless it is NULL. */
static int print_digest(struct tool *tool, struct digest digest, const uint64_t *records)
{
	struct buf line = { 0 };
	char hex[33];

	digest_hex(digest, hex);
	buf_append_string(&line, hex);
	if (records)
		buf_printf(&line, " %" PRIu64, *records);
	buf_append_byte(&line, '\n');
	int state = line.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&line));
	buf_free(&line);
	return state;
}

static int digest_records(struct tool *tool, struct shard_samples *samples)
{
	struct record record = { 0 };
	struct digest sum = { 0 }, digest;
	uint64_t records = 0;
	int state;

	while ((state = shard_samples_next(samples, &record)) > 0) {
		if (shard_samples_digest(samples, &record, &digest, &tool->err)) {
			state = -1;
			break;
		}
		sum = digest_sum(sum, digest);
		records++;
	}
	record_free(&record);
	return state ? -1 : print_digest(tool, sum, &records);
}

static int print_sha256(struct tool *tool, struct buf *digests, uint64_t records)
{
	unsigned char digest[RECORD_SHA256];
	struct buf line = { 0 };

	records_sha256(digests->data, (size_t)records, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		buf_printf(&line, "%02x", digest[i]);
	buf_printf(&line, " %" PRIu64 "\n", records);
	int state = line.failed ? err_memory(&tool->err) : tool_print(tool, buf_span(&line));
	buf_free(&line);
	return state;
}

static int sha256_records(struct tool *tool, struct shard_samples *samples)
{
	struct record record = { 0 };
	struct buf digests = { 0 };
	unsigned char digest[RECORD_SHA256];
	uint64_t records = 0;
	int state;

	while ((state = shard_samples_next(samples, &record)) > 0) {
		if (record_sha256(&record, digest, &tool->err)) {
			state = -1;
			break;
		}
		buf_append(&digests, digest, sizeof digest);
		if (digests.failed) {
			state = err_memory(&tool->err);
			break;
		}
		records++;
	}
	record_free(&record);
	state = state ? -1 : print_sha256(tool, &digests, records);
	buf_free(&digests);
	return state;
}

struct source_sum {
	struct digest digest;
	uint64_t sets;
};

/* Callback of struct reader. */
static int add_source(void *context, const struct source_reader *source, struct err *err)
{
	struct source_sum *sum = context;
	const struct shard_head *head = source_head(source);
	const struct shard_end *end = source_end(source);

	if (head && !end)
		return 0;
	if (!head || !end->has_source)
		return err_set(
			err, "%s: does not record its source; --source works on shards written by cc-shard write", source->source->path);
	sum->digest = digest_sum(sum->digest, end->source);
	sum->sets++;
	return 0;
}

static int digest_sources(struct tool *tool, struct shard_samples *samples)
{
	struct source_sum sum = { 0 };
	struct record record = { 0 };
	int state;

	if (samples->stream)
		return tool_usage(tool, "--source needs shards as arguments");
	samples->reader.names_only = true;
	samples->reader.finished = add_source;
	samples->reader.context = &sum;
	while ((state = shard_samples_next(samples, &record)) > 0)
		continue;
	record_free(&record);
	if (state == 0 && sum.sets == 0)
		state = err_set(&tool->err, "--source: none of these shards records its source; the last shard of a set does");
	return state ? -1 : print_digest(tool, sum.digest, NULL);
}

int shard_digest(int argc, char **argv)
{
	struct digest_options opt = { 0 };
	struct tool tool;
	struct shard_samples samples = { 0 };

	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	const bool sha256 = opt.digest && strcmp(opt.digest, "sha256") == 0;
	if (sha256 && opt.source) {
		tool_usage(&tool, "--source: sets record the xxh3 digest of their source, not its SHA-256");
		return tool_fail(&tool);
	}
	int failed = shard_samples_open(&samples, &tool, !opt.source) || (opt.source      ? digest_sources
										 : sha256 ? sha256_records
											  : digest_records)(&tool, &samples);
	int code = failed ? tool_fail(&tool) : tool_finish(&tool);
	shard_samples_free(&samples);
	return code;
}
