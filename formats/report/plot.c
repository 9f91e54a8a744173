#include "formats/report/curve.h"

#include "formats/report/svg.h"
#include "formats/stream/io.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_SUCH_PROGRAM = 127, CHUNK = 64 << 10, MAX_OUTPUT = 64 << 20 };

/* Standard streams of the child.  Files instead of pipes, so that neither process can wait for the other. */
struct child_files {
	FILE *in, *out, *errors;
};

static int open_files(struct child_files *files, struct span input, struct err *err)
{
	files->in = tmpfile();
	files->out = tmpfile();
	files->errors = tmpfile();
	if (!files->in || !files->out || !files->errors)
		return err_errno(err, "a temporary file");
	if (io_write(fileno(files->in), input, span_of(NULL, 0), err))
		return -1;
	return lseek(fileno(files->in), 0, SEEK_SET) < 0 ? err_errno(err, "a temporary file") : 0;
}

static void close_files(struct child_files *files)
{
	FILE *const all[] = { files->in, files->out, files->errors };

	for (size_t i = 0; i < 3; i++)
		if (all[i])
			fclose(all[i]);
}

static int read_back(FILE *file, struct buf *text, struct err *err)
{
	off_t offset = 0;

	for (;;) {
		unsigned char *end = buf_reserve(text, CHUNK);
		ssize_t got = end ? io_read_at(fileno(file), end, CHUNK, offset, err) : err_memory(err);
		if (got <= 0)
			return (int)got;
		text->size += (size_t)got;
		offset += got;
		if (offset > MAX_OUTPUT)
			return err_set(err, "gnuplot wrote more than %d bytes", MAX_OUTPUT);
	}
}

/* In the child. */
static void execute(const char *const *arguments, const struct child_files *files)
{
	if (dup2(fileno(files->in), STDIN_FILENO) >= 0 && dup2(fileno(files->out), STDOUT_FILENO) >= 0 &&
		dup2(fileno(files->errors), STDERR_FILENO) >= 0)
		execvp(arguments[0], (char *const *)(const void *)arguments);
	_exit(NO_SUCH_PROGRAM);
}

/* The error is its last line on standard error. */
static int fail(const char *name, int status, FILE *errors, struct err *err)
{
	struct buf text = { 0 };
	struct err unread;

	if (read_back(errors, &text, &unread))
		buf_clear(&text);
	while (text.size && text.data[text.size - 1] <= ' ')
		text.size--;
	char *last = strrchr(buf_string(&text), '\n');
	err_set(err, "%s: %s %d: %s", name, WIFSIGNALED(status) ? "signal" : "exit status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), last ? last + 1 : buf_string(&text));
	buf_free(&text);
	return -1;
}

static int run(const char *const *arguments, const struct child_files *files, struct buf *output, struct err *err)
{
	int status = 0;
	const pid_t pid = fork();

	if (pid < 0)
		return err_errno(err, "fork");
	if (pid == 0)
		execute(arguments, files);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(err, "%s", arguments[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SUCH_PROGRAM)
		return 0;
	if (status)
		return fail(arguments[0], status, files->errors, err);
	return read_back(files->out, output, err) ? -1 : 1;
}

/* Runs arguments[0], found on $PATH without a shell, with `input` on its standard input, and appends its standard output.
 * 1: it exited with 0; 0: there is no such program; -1: it failed. */
static int child_run(const char *const *arguments, struct span input, struct buf *output, struct err *err)
{
	struct child_files files = { 0 };
	const int result = open_files(&files, input, err) ? -1 : run(arguments, &files, output, err);

	close_files(&files);
	return result;
}

enum { WIDTH = 440, HEIGHT = 300 };

/* style.def turns rgb(1, N, 0) into the colours of the page.  The script contains only numbers, so no text from outside can reach
 * gnuplot or the drawing. */
static const char head[] = "set terminal svg size 440,300 noenhanced font 'sans-serif,11' butt\n"
			   "set encoding utf8\n"
			   "set datafile missing '?'\n"
			   "set multiplot\n"
			   "set border 0\n"
			   "set tics scale 0\n"
			   "unset key\n"
			   "set grid ytics lt 1 lw .6 lc rgb '#010000'\n"
			   "set lmargin at screen .13\n"
			   "set rmargin at screen .985\n";
static const char loss_area[] = "set tmargin at screen .92\n"
				"set bmargin at screen .40\n"
				"set label 1 'loss' at screen .012, screen .965 left\n"
				"unset xtics\n"
				"set ytics autofreq\n"
				"set offsets 0, 0, graph .04, graph .04\n";
static const char rate_area[] = "set tmargin at screen .27\n"
				"set bmargin at screen .09\n"
				"set label 1 'learning rate' at screen .012, screen .315 left\n"
				"set format x '%.0f'\n"
				"set format y '%g'\n"
				"set yrange [0:*]\n"
				"set offsets 0, 0, 0, 0\n";

static void add_number(struct buf *script, const struct curve_bin *bin, double number)
{
	if (bin->count)
		buf_printf(script, " %.9g", number);
	else
		buf_append_string(script, " ?");
}

/* Columns: step, then mean, minimum and maximum of each field. */
static void add_data(struct buf *script, const struct curve *curve, size_t number)
{
	buf_printf(script, "$d%zu << END\n", number);
	for (size_t bin = 0; bin < curve_used(curve); bin++) {
		buf_printf(script, "%.9g", curve_step(curve, bin));
		for (size_t i = 0; i < curve->count; i++) {
			const struct curve_bin *at = &curve->fields[i].bins[bin];
			add_number(script, at, at->sum / (double)at->count);
			add_number(script, at, at->low);
			add_number(script, at, at->high);
		}
		buf_append_byte(script, '\n');
	}
	buf_append_string(script, "END\n");
}

static void add_line(struct buf *script, const char *between, size_t data, size_t field, size_t colour)
{
	buf_printf(script, "%s$d%zu using 1:%zu with lines lw 1.6 lc rgb '#01%02zx00'", between, data, 2 + 3 * field, colour);
}

static void add_loss(struct buf *script, const struct curve *const *curves, size_t count)
{
	buf_append_string(script, loss_area);
	buf_append_string(script, "plot ");
	if (count == 1)
		buf_append_string(script, "$d0 using 1:3:4 with filledcurves fs solid .18 noborder fc rgb '#010900', ");
	for (size_t part = CURVE_PARTS; count == 1 && part < curves[0]->count; part++) {
		add_line(script, "", 0, part, part);
		buf_append_string(script, ", ");
	}
	for (size_t i = 0; i < count; i++)
		add_line(script, i ? ", " : "", i, CURVE_LOSS, 1);
	buf_append_byte(script, '\n');
}

/* 0: the curve has no learning rate. */
static double highest_rate(const struct curve *curve)
{
	double highest = 0;

	for (size_t i = 0; i < CURVE_BINS; i++) {
		const struct curve_bin *bin = &curve->fields[CURVE_LR].bins[i];
		highest = bin->count && bin->high > highest ? bin->high : highest;
	}
	return highest;
}

enum { FEW_STEPS = 6 }; /* gnuplot would mark halves of fewer steps */

static void add_rate(struct buf *script, const struct curve *const *curves, size_t count, uint64_t last)
{
	const char *between = "plot ";
	double highest = 0;

	for (size_t i = 0; i < count; i++)
		highest = highest_rate(curves[i]) > highest ? highest_rate(curves[i]) : highest;
	buf_append_string(script, rate_area);
	buf_printf(script, "set xtics scale 0 nomirror %s offset 0, .3\n", last < FEW_STEPS ? "1" : "autofreq");
	buf_printf(script, "set ytics scale 0 (0, %.9g, %.9g)\n", highest / 2, highest);
	for (size_t i = 0; i < count; i++)
		if (highest_rate(curves[i]) > 0) {
			add_line(script, between, i, CURVE_LR, 1);
			between = ", ";
		}
	buf_append_string(script, "\nunset multiplot\n");
}

int plot_curves(struct buf *out, const struct curve *const *curves, size_t count, struct err *err)
{
	static const char *const gnuplot[] = { "gnuplot", "--default-settings", NULL };
	struct buf script = { 0 }, svg = { 0 };
	uint64_t last = 1;

	buf_append_string(&script, head);
	for (size_t i = 0; i < count; i++) {
		add_data(&script, curves[i], i);
		last = curves[i]->last_step > last ? curves[i]->last_step : last;
	}
	buf_printf(&script, "set xrange [0:%llu]\n", (unsigned long long)last);
	add_loss(&script, curves, count);
	add_rate(&script, curves, count, last);
	int result = script.failed ? err_memory(err) : child_run(gnuplot, buf_span(&script), &svg, err);
	if (result == 1) {
		buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"loss and learning rate over the steps\">", WIDTH,
			HEIGHT);
		buf_append_span(out, svg_inside(buf_span(&svg)));
		buf_append_string(out, "</svg>\n");
	}
	buf_free(&script);
	buf_free(&svg);
	return result == 1 && out->failed ? err_memory(err) : result;
}
