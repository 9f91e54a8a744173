#include "formats/report/exhibit.h"

#include "formats/stream/io.h"
#include "formats/text/json.h"
#include "formats/stream/file_kind.h"
#include "formats/report/named_file.h"
#include "formats/report/svg.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_SCORE = 16 << 20, LARGEST_PICTURE = 64 << 20, LARGEST_FIGURE = 16 << 20, LARGEST_TABLE = 4 << 20, FIRST_LINE = 64 << 10 };

/* The run is the folder that the file lies in. */
static void name_it(struct exhibit *exhibit, const char *argument)
{
	exhibit->path = named_file(argument, &exhibit->name);
	const char *slash = strrchr(exhibit->path, '/'), *folder = slash;

	while (folder && folder > exhibit->path && folder[-1] != '/')
		folder--;
	exhibit->run = slash ? span_of(folder, (size_t)(slash - folder)) : span_of(NULL, 0);
}

/* A score with its provenance in one reading: both are the same object. */
static int take_score(struct exhibit *exhibit, const struct value *object, struct err *err)
{
	const struct value *prog = value_get(object, "prog");

	exhibit->kind = EXHIBIT_SCORE;
	exhibit->made = prog && prog->kind == VALUE_ARRAY && prog->list.count;
	exhibit->provenance.kind = "score";
	exhibit->provenance.header = *object;
	return result_read(&exhibit->result, object, &exhibit->provenance.arena, err);
}

static int not_known(struct err *err)
{
	return err_set(err, "it is no score of cc-score, no JSON lines of cc-train, no PNG, SVG or table, and nothing that says how it was made");
}

static int read_score(struct exhibit *exhibit, const struct limits *limits, struct err *err)
{
	struct arena *arena = &exhibit->provenance.arena;
	struct buf text = { 0 };
	struct value *object = arena_zeroed(arena, 1, sizeof *object);
	int status = object ? io_read_file(exhibit->path, LARGEST_SCORE, &text, err) : err_memory(err);

	if (status == 0 && json_read(buf_span(&text), limits, arena, object, err))
		status = err_add(err, "%s", exhibit->path);
	else if (status == 0 && (!result_is_one(object) || take_score(exhibit, object, err)))
		status = result_is_one(object) ? err_add(err, "%s", exhibit->path) : 1;
	buf_free(&text);
	return status;
}

/* Is the first line one of cc-train's? */
static bool begins_as_curve(int fd)
{
	const struct limits limits = LIMITS_DEFAULT;
	struct arena arena = { 0 };
	struct buf text = { 0 };
	struct value line;
	struct err err;
	bool result = false;

	unsigned char *bytes = buf_reserve(&text, FIRST_LINE);
	const ssize_t size = bytes ? io_read_at(fd, bytes, FIRST_LINE, 0, &err) : -1;
	const unsigned char *end = size > 0 ? memchr(bytes, '\n', (size_t)size) : NULL;
	if (size > 0 &&
		json_read(span_of(bytes, end ? (size_t)(end - bytes) : (size_t)size), &limits, &arena, &line, &err) == 0)
		result = curve_is_line(&line);
	buf_free(&text);
	arena_free(&arena);
	return result;
}

static int read_json(struct exhibit *exhibit, int fd, const struct limits *limits, struct err *err)
{
	if (begins_as_curve(fd)) {
		exhibit->kind = EXHIBIT_CURVE;
		return curve_read(&exhibit->curve, fd, err) ? err_add(err, "%s", exhibit->path) : 0;
	}
	const int status = read_score(exhibit, limits, err);
	if (status <= 0)
		return status;
	provenance_free(&exhibit->provenance);
	exhibit->provenance = (struct provenance){ 0 };
	exhibit->kind = EXHIBIT_MADE;
	exhibit->made = true;
	if (provenance_read(&exhibit->provenance, exhibit->path, limits, err) == 0)
		return 0;
	not_known(err);
	return err_add(err, "%s", exhibit->path);
}

static size_t big_endian(const unsigned char *bytes)
{
	return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* Shown by the browser, so that only its size need be known here. */
static int read_picture(struct exhibit *exhibit, struct err *err)
{
	struct buf *picture = &exhibit->picture;

	exhibit->kind = EXHIBIT_PICTURE;
	if (io_read_file(exhibit->path, LARGEST_PICTURE, picture, err))
		return -1;
	if (picture->size < 33 || memcmp(picture->data, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(picture->data + 12, "IHDR", 4) != 0)
		return err_set(err, "%s: a picture has to be a PNG", exhibit->path);
	exhibit->width = big_endian(picture->data + 16);
	exhibit->height = big_endian(picture->data + 20);
	return 0;
}

static int read_figure(struct exhibit *exhibit, struct err *err)
{
	exhibit->kind = EXHIBIT_FIGURE;
	if (io_read_file(exhibit->path, LARGEST_FIGURE, &exhibit->picture, err))
		return -1;
	if (!svg_size(buf_span(&exhibit->picture), &exhibit->width, &exhibit->height))
		return err_set(err, "%s: an SVG has to say how large it is, by viewBox or width and height", exhibit->path);
	return 0;
}

static int read_table(struct exhibit *exhibit, struct err *err)
{
	exhibit->kind = EXHIBIT_TABLE;
	return io_read_file(exhibit->path, LARGEST_TABLE, &exhibit->picture, err);
}

/* Text that is neither: what its first bytes say. */
enum text_kind { TEXT_OTHER, TEXT_SVG, TEXT_TABLE };

static enum text_kind text_kind(int fd)
{
	char start[FIRST_LINE];
	const ssize_t got = pread(fd, start, sizeof start - 1, 0);

	start[got > 0 ? got : 0] = 0;
	const char *mark = strchr(start, '<');
	const size_t line = strcspn(start, "\n");
	if (mark == start || strncmp(start, "\xef\xbb\xbf<", 4) == 0)
		return strstr(start, "<svg") ? TEXT_SVG : TEXT_OTHER;
	return memchr(start, '\t', line) && memchr(start, '\n', (size_t)(got > 0 ? got : 0)) ? TEXT_TABLE : TEXT_OTHER;
}

static int read_file(struct exhibit *exhibit, int fd, const struct limits *limits, struct err *err)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		return err_set(err, "%s: it is no file%s", exhibit->path,
			S_ISDIR(status.st_mode) ? " but a folder: give the files in it" : "");
	if (status.st_size == 0)
		return err_set(err, "%s: it is empty", exhibit->path);
	switch (file_kind(fd)) {
	case FILE_IMAGE:
		return read_picture(exhibit, err);
	case FILE_JSON:
		return read_json(exhibit, fd, limits, err);
	case FILE_OTHER:
		switch (text_kind(fd)) {
		case TEXT_SVG:
			return read_figure(exhibit, err);
		case TEXT_TABLE:
			return read_table(exhibit, err);
		case TEXT_OTHER:
			break;
		}
		/* fall through */
	default:
		exhibit->kind = EXHIBIT_MADE;
		exhibit->made = true;
		return provenance_read(&exhibit->provenance, exhibit->path, limits, err);
	}
}

int exhibit_read(struct exhibit *exhibit, const char *argument, const struct limits *limits, struct err *err)
{
	*exhibit = (struct exhibit){ 0 };
	name_it(exhibit, argument);
	const int fd = open(exhibit->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "%s", exhibit->path);
	const int status = read_file(exhibit, fd, limits, err);
	close(fd);
	return status;
}

void exhibit_free(struct exhibit *exhibit)
{
	curve_free(&exhibit->curve);
	buf_free(&exhibit->picture);
	provenance_free(&exhibit->provenance);
}

struct span exhibit_model(const struct exhibit *exhibit)
{
	if (exhibit->kind == EXHIBIT_SCORE)
		return exhibit->result.model;
	return exhibit->made ? exhibit->provenance.digest : span_of(NULL, 0);
}
