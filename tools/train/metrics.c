#include "tools/train/metrics.h"

#include "formats/text/json.h"

#include <stdio.h>

static void put(struct metrics *metrics, struct value *map, const char *name, struct value value)
{
	value_set(map, name, value, &metrics->arena);
}

static int print_line(struct metrics *metrics, const struct step_report *report, struct err *err)
{
	struct value map = value_map();

	put(metrics, &map, "step", value_integer((int64_t)report->step));
	put(metrics, &map, "epoch", value_integer((int64_t)report->epoch));
	put(metrics, &map, "loss", json_rounded(report->loss));
	for (size_t i = 0; i < report->count; i++)
		put(metrics, &map, report->names[i], json_rounded(report->parts[i]));
	put(metrics, &map, "lr", json_rounded(report->lr));
	put(metrics, &map, "logit_scale", json_rounded(report->logit_scale));
	put(metrics, &map, "gradient_norm", json_rounded(report->gradient_norm));
	if (metrics->feed->tool->verbose) {
		double rate = (double)((report->step - metrics->first) * metrics->batch) / (seconds_now() - metrics->start);
		put(metrics, &map, "records_per_second", json_rounded(rate));
	}
	buf_clear(&metrics->line);
	int status = metrics->arena.failed ? err_memory(err) : json_write(&map, &metrics->line, err);
	arena_reset(&metrics->arena);
	buf_append_byte(&metrics->line, '\n');
	if (status || metrics->line.failed)
		return status ? status : err_memory(err);
	struct span rest = printed_rest(&metrics->printed, buf_span(&metrics->line), &metrics->spare);
	if (fwrite(rest.data, 1, rest.size, stdout) < rest.size || fflush(stdout))
		return err_errno(err, "standard output");
	return 0;
}

int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err)
{
	struct tool *tool = metrics->feed->tool;
	bool wanted = report->step % metrics->every == 0 || report->step == metrics->steps;
	char more[40];
	int status = 0;

	pthread_mutex_lock(&metrics->feed->lock);
	if (wanted) {
		progress_clear(&tool->progress);
		status = print_line(metrics, report, err);
	}
	snprintf(more, sizeof more, "loss %.4f", report->loss);
	progress_tick(&tool->progress, report->step * metrics->batch, tool->bad, more);
	pthread_mutex_unlock(&metrics->feed->lock);
	return status;
}

void metrics_free(struct metrics *metrics)
{
	arena_free(&metrics->arena);
	buf_free(&metrics->line);
	buf_free(&metrics->spare);
	printed_free(&metrics->printed);
}
