#include "formats/source/image_path.h"

#include "core/record.h"
#include "formats/image/image_codec.h"
#include "formats/stream/io.h"
#include "formats/tar/member_name.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

/* Tables mostly hold composed names (NFC), while files that macOS unpacked have decomposed ones (NFD).  A file is found under either. */

enum { PATH_LONGEST = 4096, FIRST_BEYOND_ASCII = 0x80 };

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= FIRST_BEYOND_ASCII)
			return false;
	return true;
}

static bool exists_with(struct buf *path, size_t size, struct span part)
{
	path->size = size;
	buf_append_span(path, part);
	return access(buf_string(path), F_OK) == 0;
}

static bool exists_decomposed(struct buf *path, size_t size, struct span part)
{
	utf8proc_uint8_t *bytes = NULL;
	const utf8proc_ssize_t length = utf8proc_map(part.data, (utf8proc_ssize_t)part.size, &bytes, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
	const bool exists = length > 0 && exists_with(path, size, span_of(bytes, (size_t)length));

	free(bytes);
	return exists;
}

/* Appends the part of the path in the form that exists. */
static bool append_part(struct buf *path, struct span part, struct buf *scratch)
{
	const size_t size = path->size;

	return exists_with(path, size, part) || exists_with(path, size, name_compose(part, scratch)) || exists_decomposed(path, size, part);
}

/* For a path that does not exist: true if the file exists under another form of its name, which becomes *found. */
static bool path_find_form(const char *path, struct buf *found)
{
	struct buf scratch = { 0 };
	bool exists = !is_ascii(path) && strlen(path) <= PATH_LONGEST;

	buf_clear(found);
	while (exists && *path) {
		const size_t slashes = strspn(path, "/"), size = strcspn(path + slashes, "/");
		buf_append(found, path, slashes);
		if (size)
			exists = append_part(found, span_of(path + slashes, size), &scratch);
		path += slashes + size;
	}
	exists = exists && !found->failed && !scratch.failed;
	buf_free(&scratch);
	return exists;
}

enum { EXTENSION_MOST = 5, SNIFFED = 64 };

/* Offset of the dot of the file's extension (a letter, then up to 4 letters and digits), or path.size. */
static size_t extension_offset(struct span path)
{
	size_t at = path.size;

	while (at && isalnum(path.data[at - 1]))
		at--;
	bool has_extension = at > 1 && path.data[at - 1] == '.' && path.data[at - 2] != '/' && path.size - at >= 1 &&
			     path.size - at <= EXTENSION_MOST && isalpha(path.data[at]);
	return has_extension ? at - 1 : path.size;
}

static bool begins(struct span path, const char *beginning)
{
	const size_t size = strlen(beginning);

	return path.size >= size && strncasecmp((const char *)path.data, beginning, size) == 0;
}

static bool has_scheme(struct span path)
{
	size_t letters = 0;

	while (letters < path.size && isalnum(path.data[letters]))
		letters++;
	return letters > 1 && path.size - letters >= 3 && memcmp(path.data + letters, "://", 3) == 0;
}

const char *image_path_problem(struct span path)
{
	if (path.size >= 3 && isalpha(path.data[0]) && path.data[1] == ':' && (path.data[2] == '\\' || path.data[2] == '/'))
		return "an absolute Windows path; make the paths in the table relative and name their folder with --image-root";
	if (begins(path, "\\\\"))
		return "a Windows network path; make the paths in the table relative and name their folder with --image-root";
	return has_scheme(path) ? "a URL; download the images first, for example with img2dataset" : NULL;
}

void image_path_slashes(struct buf *path)
{
	for (size_t i = 0; i < path->size; i++)
		if (path->data[i] == '\\')
			path->data[i] = '/';
}

void image_path_key(struct buf *key, struct span path)
{
	name_of_path(key, path, path.size - extension_offset(path));
}

struct span image_path_field(struct span path)
{
	const size_t dot = extension_offset(path);
	const struct span extension = dot < path.size ? span_of(path.data + dot + 1, path.size - dot - 1) : (struct span){ 0 };

	return name_is_image(extension) ? extension : (struct span){ 0 };
}

/* Like open and stat, but also finds the file under another Unicode form of its name. */
static int open_form(const char *path)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = open(path, flags);
	struct buf found = { 0 };

	if (fd < 0 && errno == ENOENT) {
		fd = path_find_form(path, &found) ? open(buf_string(&found), flags) : -1;
		buf_free(&found);
		errno = fd < 0 ? ENOENT : 0;
	}
	return fd;
}

static int stat_form(const char *path, struct stat *status)
{
	struct buf found = { 0 };
	int state = stat(path, status);

	if (state && errno == ENOENT && path_find_form(path, &found))
		state = stat(buf_string(&found), status);
	buf_free(&found);
	return state;
}

static int open_regular(const char *path, uint64_t *size, struct err *err)
{
	struct stat status;
	int fd = open_form(path);

	if (fd < 0)
		return err_errno(err, "%s", path);
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*size = (uint64_t)status.st_size;
		return fd;
	}
	close(fd);
	return err_set(err, "%s: not a regular file", path);
}

const char *image_file_field(const char *path)
{
	unsigned char start[SNIFFED];
	struct err ignored; /* reading the content reports it */
	uint64_t size;
	int fd = open_regular(path, &size, &ignored);
	ssize_t got = fd < 0 ? 0 : io_read(fd, start, sizeof start, &ignored);

	if (fd >= 0)
		close(fd);
	for (size_t i = 0; got > 0 && image_codecs[i]; i++)
		if (image_codecs[i]->recognises(span_of(start, (size_t)got)))
			return image_codecs[i]->field;
	return "jpg";
}

uint64_t image_file_size(const char *path)
{
	struct stat status;

	return stat_form(path, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

int image_file_read(const char *path, struct buf *content, size_t most, struct err *err)
{
	uint64_t size;
	int fd = open_regular(path, &size, err);

	if (fd < 0)
		return -1;
	int state = size > most ? err_set(err, "%llu bytes, more than a record may have", (unsigned long long)size)
				: io_read_all(fd, (size_t)size, content, most, err);
	close(fd);
	return state ? err_add(err, "%s", path) : 0;
}
