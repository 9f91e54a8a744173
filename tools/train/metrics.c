#include "tools/train/run.h"

#include "formats/stream/io.h"
#include "formats/text/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EARLIER_MAX = 16 << 20 }; /* bytes, about 100,000 lines */

int metrics_resume(struct metrics *metrics, struct err *err)
{
	struct stat about;
	int fd;

	/* Standard output is open for writing only. */
	if (fstat(STDOUT_FILENO, &about) || !S_ISREG(about.st_mode) || about.st_size == 0 ||
		(fd = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	const size_t size = about.st_size < EARLIER_MAX ? (size_t)about.st_size : EARLIER_MAX;
	unsigned char *bytes = buf_reserve(&metrics->earlier, size);
	const ssize_t got = bytes ? io_read_at(fd, bytes, size, about.st_size - (off_t)size, err) : err_memory(err);
	close(fd);
	if (got < 0)
		return err_add(err, "standard output");
	metrics->earlier.size = (size_t)got;
	metrics->unseen = buf_span(&metrics->earlier);
	return 0;
}

/* Skips the earlier lines up to this one.  false: not found; what remains is a truncated line or nothing. */
static bool was_printed(struct metrics *metrics, struct span line)
{
	struct span *unseen = &metrics->unseen;
	const unsigned char *end;

	while (unseen->size && (end = memchr(unseen->data, '\n', unseen->size))) {
		const struct span one = span_of(unseen->data, (size_t)(end - unseen->data) + 1);
		*unseen = span_of(end + 1, unseen->size - one.size);
		if (span_equal(one, line))
			return true;
	}
	return false;
}

/* Completes a truncated earlier line if it is the same line; otherwise ends it first. */
static int write_line(struct metrics *metrics, struct span line, struct err *err)
{
	if (was_printed(metrics, line))
		return 0;
	const struct span truncated = metrics->unseen;
	const bool same = span_begins(line, truncated);
	metrics->unseen = span_of(NULL, 0);
	if (same)
		line = span_of(line.data + truncated.size, line.size - truncated.size);
	if ((!same && putchar('\n') < 0) || fwrite(line.data, 1, line.size, stdout) < line.size || fflush(stdout))
		return err_errno(err, "standard output");
	return 0;
}

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
	return write_line(metrics, buf_span(&metrics->line), err);
}

int metrics_report(struct metrics *metrics, const struct step_report *report, struct err *err)
{
	struct tool *tool = metrics->feed->tool;
	bool due = report->step % metrics->every == 0 || report->step == metrics->steps;
	char more[40];
	int status = 0;

	pthread_mutex_lock(&metrics->feed->lock);
	if (due) {
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
	buf_free(&metrics->earlier);
}
