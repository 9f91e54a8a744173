/* cc-view tsne: a map of embeddings by t-SNE. */
#include "formats/text/json.h"
#include "metric/tsne.h"
#include "tools/cli/dependencies.h"
#include "tools/cli/print.h"
#include "formats/report/points.h"
#include "tools/view/verbs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct tsne_settings {
	double perplexity, theta;
	uint64_t iterations;
	const char *field, *colour, *coordinates;
};

#define AT(member) offsetof(struct tsne_settings, member)
static const char *const colours[] = { "class", "group", NULL };
static const struct option_spec options[] = {
	{ "perplexity", OPTION_REAL, AT(perplexity), "X", "effective number of neighbours of a point (default 10)", .min = 1, .max = 1000 },
	{ "iterations", OPTION_COUNT, AT(iterations), "N", "number of steps (default 1000)", .min = 1, .max = 1e6 },
	{ "theta", OPTION_REAL, AT(theta), "X", "accuracy of the Barnes-Hut approximation; 0 is exact (default .5)", .min = 0, .max = .7 },
	{ "colour", OPTION_TEXT, AT(colour), "WHAT",
		"colour points by class, or by group (the file they come from; default if there are several files)", .choices = colours },
	{ "field", OPTION_TEXT, AT(field), "NAME", "field of the embedding (default image.npy)" },
	{ "coordinates", OPTION_TEXT, AT(coordinates), "FILE", "also write the positions of the points, as JSON lines", .output = true },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-view tsne",
	.summary = "map of embeddings by t-SNE, as SVG",
	.usage = "-o FILE.svg [OPTION]... [[NAME=]FILE]...",
	.text = "Draws each embedding as a point, such that near neighbours stay near (van der Maaten and Hinton 2008; Barnes-Hut approximation, "
		"van der Maaten 2014). With one file each class has a colour and a mark. Several files, such as clean and triggered images, "
		"are groups with a mark each; all must be of the same model. The sizes of clusters and the distances between them have no "
		"meaning in such a map, and another --seed gives another map. The same command gives the same bytes at any -j.\n\n"
		"The SVG follows the light or dark setting of the browser, and `cc-view report` includes it. --coordinates writes lines of "
		"{\"__key__\", \"group\", \"cls\", \"class\", \"x\", \"y\"}. The time grows with the square of the number of points: "
		"2,000 points take seconds, 20,000 take minutes.",
	.example = "cc-embed -m bad.safetensors --image clean.msgpack >clean.emb\n"
		   "cc-embed -m bad.safetensors --image triggered.msgpack >triggered.emb\n"
		   "cc-view tsne -o tsne.svg clean.emb triggered.emb\n",
	.options = options,
	.arguments_max = SIZE_MAX,
	.files = SIZE_MAX,
};

struct map_run {
	struct tool *tool;
	struct points points;
	double *y;
	double divergence;
	bool by_class;
};

static int read_records(struct points *points, struct tool *tool, struct stream_reader *reader, const char *field)
{
	struct embedding embedding = { 0 };
	struct record record = { 0 };
	int state;

	while ((state = stream_read(reader, &record, &tool->err)) > 0) {
		if (state == STREAM_EPOCH && reader->epoch > 0) {
			state = err_set(&tool->err, "the stream has a second epoch; a map shows each record once");
			break;
		}
		if (state == STREAM_RECORD && ++tool->in.records) /* of all files, for --max-bad */
			state = points_add(points, &record, field, &embedding, &tool->err);
		if (state < 0)
			err_add(&tool->err, "%.*s", span_shown(record.key, 200), (const char *)record.key.data);
		if (state == 0)
			state = tool_bad(tool, record.key, tool->err.text);
		if (state < 0)
			break;
	}
	record_free(&record);
	embedding_free(&embedding);
	return state;
}

/* Reads a stream as a group.  path NULL or "-": standard input. */
static int read_stream(struct points *points, struct tool *tool, struct span name, const char *path, const char *field)
{
	const bool standard = !path || strcmp(path, "-") == 0;
	const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct err *err = &tool->err;
	struct stream_reader reader;

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (points->groups == POINT_GROUPS)
		return err_set(err, "%s: too many files; at most %d are supported", path, POINT_GROUPS);
	const int status = stream_open(&reader, fd, &tool->limits, err) || points_begin(points, name, &reader, err) ||
			   read_records(points, tool, &reader, field);
	stream_close(&reader);
	if (!standard)
		close(fd);
	return status ? err_add(err, "%s", standard ? "standard input" : path) : 0;
}

static int read_all(struct map_run *run, const struct tsne_settings *opt)
{
	struct tool *tool = run->tool;
	struct span name;

	if (tool->argument_count == 0)
		return read_stream(&run->points, tool, span_string("points"), NULL, opt->field);
	for (size_t i = 0; i < tool->argument_count; i++) {
		const char *path = named_file(tool->arguments[i], &name);
		if (read_stream(&run->points, tool, name, path, opt->field))
			return -1;
	}
	return 0;
}

static void report_progress(void *context, const struct tsne_report *report)
{
	struct map_run *run = context;

	run->divergence = report->divergence;
	if (run->tool->verbose)
		tool_say(run->tool, "step %zu: divergence %.4f", report->iteration, report->divergence);
}

static int compute(struct map_run *run, const struct tsne_settings *opt)
{
	const struct tsne_options how = { opt->perplexity, opt->theta, (size_t)opt->iterations, run->tool->seed };
	struct points *points = &run->points;
	struct tsne_graph graph = { 0 };
	struct err *err = &run->tool->err;
	struct pool *pool = pool_new((size_t)run->tool->jobs, err);

	run->y = calloc(2 * points->count + 1, sizeof *run->y);
	int status = !pool ? -1 : !run->y ? err_memory(err) : 0;
	if (status == 0)
		status = tsne_graph(&graph, points_floats(points), points->count, points->width, how.perplexity, pool, err) ||
					 tsne(&graph, &how, pool, run->y, report_progress, run, err)
				 ? -1
				 : 0;
	tsne_graph_free(&graph);
	pool_free(pool);
	return status;
}

/* The description of the map: data, settings and result. */
static void describe(const struct map_run *run, const struct tsne_settings *opt, struct buf *text)
{
	const struct points *points = &run->points;

	buf_printf(text, "t-SNE of %zu points of %zu numbers (", points->count, points->width);
	for (size_t i = 0; i < points->groups; i++) {
		buf_append_string(text, i ? ", " : "");
		buf_append_span(text, points->names[i]);
	}
	buf_printf(text, "): perplexity %g, %llu iterations, theta %g, seed %llu, divergence %.3f", opt->perplexity,
		(unsigned long long)opt->iterations, opt->theta, (unsigned long long)run->tool->seed, run->divergence);
	if (points->model.size) {
		buf_append_string(text, "; model ");
		buf_append_span(text, points->model);
	}
}

static int line_of(const struct map_run *run, size_t i, struct arena *arena, struct buf *out, struct err *err)
{
	const struct points *points = &run->points;
	const struct point *point = &points_items(points)[i];
	struct value map = value_map();

	value_set(&map, "__key__", value_string(point->key), arena);
	value_set(&map, "group", value_span(points->names[point->group]), arena);
	if (point->label >= 0)
		value_set(&map, "cls", value_integer(point->label), arena);
	if (point->label >= 0 && (size_t)point->label < points->classes)
		value_set(&map, "class", value_string(points->class_names[point->label]), arena);
	value_set(&map, "x", json_rounded(run->y[2 * i]), arena);
	value_set(&map, "y", json_rounded(run->y[2 * i + 1]), arena);
	if (arena->failed)
		return err_memory(err);
	int status = json_write(&map, out, err);
	buf_append_byte(out, '\n');
	return status;
}

static int write_coordinates(struct map_run *run, const char *path)
{
	struct buf lines = { 0 };
	struct arena arena = { 0 };
	struct err *err = &run->tool->err;
	int status = 0;

	for (size_t i = 0; i < run->points.count && status == 0; i++) {
		status = line_of(run, i, &arena, &lines, err);
		arena_reset(&arena);
	}
	if (status == 0)
		status = lines.failed ? err_memory(err) : output_write_file(path, FILE_JSON, buf_span(&lines), err);
	buf_free(&lines);
	arena_free(&arena);
	return status;
}

/* Both files are complete before either gets its name. */
static int print_all(struct map_run *run, const struct tsne_settings *opt)
{
	struct buf text = { 0 }, svg = { 0 };

	describe(run, opt, &text);
	scatter_draw(&svg, &run->points, run->y, run->by_class, buf_string(&text));
	int status = text.failed || svg.failed ? err_memory(&run->tool->err) : tool_print_open(run->tool);
	if (status == 0 && opt->coordinates)
		status = write_coordinates(run, opt->coordinates);
	if (status == 0)
		status = tool_print(run->tool, buf_span(&svg));
	buf_free(&text);
	buf_free(&svg);
	return status;
}

static bool has_labels(const struct points *points)
{
	for (size_t i = 0; i < points->count; i++)
		if (points_items(points)[i].label >= 0)
			return true;
	return false;
}

static int draw(struct map_run *run, const struct tsne_settings *opt)
{
	static const char *const extensions[] = { ".svg", NULL };
	struct tool *tool = run->tool;

	if (!tool->output_path && isatty(STDOUT_FILENO))
		return tool_usage(tool, "standard output is a terminal; use -o FILE.svg");
	if (check_extension(tool, extensions))
		return -1;
	if ((opt->coordinates && file_kind_replaces(FILE_JSON, opt->coordinates, &tool->err)) || read_all(run, opt))
		return -1;
	run->by_class = opt->colour ? strcmp(opt->colour, "class") == 0 : run->points.groups == 1 && has_labels(&run->points);
	return compute(run, opt) || print_all(run, opt) ? -1 : 0;
}

int view_tsne(int argc, char **argv)
{
	struct tsne_settings opt = { .perplexity = 10, .theta = .5, .iterations = 1000, .field = "image.npy" };
	struct tool tool;
	struct map_run run = { .tool = &tool };

	const int status = tool_start(&tool, &about, &opt, argc, argv) || draw(&run, &opt);
	points_free(&run.points);
	free(run.y);
	return status ? tool_fail(&tool) : tool_finish(&tool);
}
