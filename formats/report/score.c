#include "formats/report/score.h"

#include "formats/stream/facts.h"
#include "formats/text/json.h"
#include "text/printable.h"

void report_init(struct report *report, const char *metric, struct arena *arena)
{
	*report = (struct report){ .metric = metric,
		.metrics = value_map(),
		.intervals = value_map(),
		.counts = value_map(),
		.settings = value_map(),
		.bad = value_map(),
		.prog = value_array(),
		.arena = arena };
}

static struct value two(struct value first, struct value second, struct arena *arena)
{
	struct value pair = value_array();

	value_push(&pair, first, arena);
	value_push(&pair, second, arena);
	return pair;
}

static struct value interval_value(struct interval interval, struct arena *arena)
{
	return two(value_real(interval.low), value_real(interval.high), arena);
}

static struct value share_counts(struct share share, struct arena *arena)
{
	return two(value_integer((int64_t)share.hits), value_integer((int64_t)share.n), arena);
}

void report_number(struct report *report, const char *name, double number, const struct interval *interval)
{
	if (report->metrics.list.count == 0) {
		report->value = number;
		report->has_interval = interval != NULL;
		report->interval = interval ? *interval : (struct interval){ 0 };
	}
	value_set(&report->metrics, name, value_real(number), report->arena);
	if (interval)
		value_set(&report->intervals, name, interval_value(*interval, report->arena), report->arena);
}

void report_share(struct report *report, const char *name, struct share share)
{
	struct interval interval = share_interval(share);

	if (report->metrics.list.count == 0)
		report->share = share;
	report_number(report, name, share_value(share), &interval);
	value_set(&report->counts, name, share_counts(share, report->arena), report->arena);
}

void report_setting(struct report *report, const char *name, struct value value)
{
	value_set(&report->settings, name, value, report->arena);
}

static const struct value none = { .kind = VALUE_NULL };

static struct value count_or_null(const struct report *report, uint64_t count)
{
	return report->share.n ? value_integer((int64_t)count) : none;
}

int report_json(const struct report *report, struct buf *out, struct err *err)
{
	struct value object = value_map();
	const struct {
		const char *name;
		struct value value;
	} members[] = {
		{ "metric", value_string(report->metric) },
		{ "value", value_real(report->value) },
		{ "interval", report->has_interval ? interval_value(report->interval, report->arena) : none },
		{ "n", value_integer((int64_t)report->n) },
		{ "numerator", count_or_null(report, report->share.hits) },
		{ "denominator", count_or_null(report, report->share.n) },
		{ "metrics", report->metrics },
		{ "intervals", report->intervals },
		{ "counts", report->counts },
		{ "model", report->model },
		{ "dataset", report->dataset },
		{ "settings", report->settings },
		{ "classes", report->classes },
		{ "bad", report->bad },
		{ "prog", report->prog },
	};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		value_set(&object, members[i].name, members[i].value, report->arena);
	if (report->poisoned)
		fact_set_poisoned(&object, report->poisoned, report->arena);
	if (report->arena->failed)
		return err_memory(err);
	if (json_write(&object, out, err))
		return -1;
	buf_append_byte(out, '\n');
	return out->failed ? err_memory(err) : 0;
}

static void tsv_texts(struct buf *out, const struct report *report, bool names)
{
	const char *const texts[] = { "model", "dataset", "target" };
	const struct value *values[] = { &report->model, &report->dataset, value_get(&report->settings, "target") };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct span text = names ? span_string(texts[i]) : value_string_or(values[i], "");
		buf_append_byte(out, '\t');
		append_printable(out, text);
	}
	buf_append_byte(out, '\n');
}

int report_tsv(const struct report *report, struct buf *out, struct err *err)
{
	const struct value *metrics = &report->metrics;

	buf_append_string(out, "metric\tvalue\tlow\thigh\tn\tnumerator\tdenominator");
	for (size_t i = 0; i < metrics->list.count; i++) {
		buf_append_byte(out, '\t');
		buf_append_span(out, metrics->list.items[2 * i].string);
	}
	tsv_texts(out, report, true);
	buf_printf(out, "%s\t%.9g\t", report->metric, report->value);
	if (report->has_interval)
		buf_printf(out, "%.9g\t%.9g", report->interval.low, report->interval.high);
	else
		buf_append_byte(out, '\t');
	buf_printf(out, "\t%llu\t", (unsigned long long)report->n);
	if (report->share.n)
		buf_printf(out, "%llu\t%llu", (unsigned long long)report->share.hits, (unsigned long long)report->share.n);
	else
		buf_append_byte(out, '\t');
	for (size_t i = 0; i < metrics->list.count; i++)
		buf_printf(out, "\t%.9g", metrics->list.items[2 * i + 1].real);
	tsv_texts(out, report, false);
	return out->failed ? err_memory(err) : 0;
}

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
