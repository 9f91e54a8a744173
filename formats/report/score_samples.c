#include "formats/report/score_samples.h"

#include "formats/text/json.h"

int score_samples_open(struct score_samples *samples, const char *path, const struct value *header, struct err *err)
{
	*samples = (struct score_samples){ .wanted = path != NULL, .output = OUTPUT_CLOSED };
	if (!path)
		return 0;
	if (output_open(&samples->output, path, FILE_STREAM, err))
		return -1;
	stream_writer_init(&samples->writer, samples->output.fd);
	samples->writer.path = samples->output.name;
	return stream_write_header(&samples->writer, header, err);
}

struct arena *score_samples_begin(struct score_samples *samples)
{
	if (!samples->wanted)
		return NULL;
	arena_reset(&samples->arena);
	return &samples->arena;
}

int score_samples_write(struct score_samples *samples, const struct record *record, const struct value *result, struct err *err)
{
	const struct field *label = record_find(record, "cls");

	record_reset(&samples->record);
	samples->record.key = record->key;
	buf_clear(&samples->json);
	if (samples->arena.failed)
		return err_memory(err);
	if (label && label->kind == FIELD_INTEGER && record_set_integer(&samples->record, "cls", label->integer, err))
		return -1;
	if (json_write(result, &samples->json, err) ||
		record_set_bytes(&samples->record, "score.json", samples->json.data, samples->json.size, err))
		return -1;
	return stream_write(&samples->writer, &samples->record, err);
}

int score_samples_close(struct score_samples *samples, const struct stream_tail *tail, struct err *err)
{
	if (!samples->wanted)
		return 0;
	if (stream_write_tail(&samples->writer, tail, err))
		return -1;
	return output_commit(&samples->output, err);
}

void score_samples_free(struct score_samples *samples)
{
	if (!samples->wanted)
		return;
	output_discard(&samples->output);
	stream_writer_free(&samples->writer);
	record_free(&samples->record);
	arena_free(&samples->arena);
	buf_free(&samples->json);
	*samples = (struct score_samples){ .output = OUTPUT_CLOSED };
}
