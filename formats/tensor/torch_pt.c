#include "formats/tensor/torch_pt.h"

#include "formats/stream/io.h"
#include "formats/tensor/safetensors.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PICKLE_MAX = 64 << 20, BLOCK = 1 << 16, CHUNK = 1 << 20 };

bool torch_pt_is(const unsigned char *begin, size_t size)
{
	return size >= 4 && memcmp(begin, "PK\3\4", 4) == 0;
}

static int zip_failed(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);

	if (archive_errno(archive) == ENOMEM || errno == ENOMEM)
		return err_memory(err);
	return err_set(err, "%s", why && *why ? why : "libarchive reported an error without a message");
}

static struct archive *zip_open(const char *path, struct err *err)
{
	struct archive *archive = (errno = 0, archive_read_new());

	if (!archive || errno == ENOMEM || archive_read_support_format_zip_seekable(archive) < ARCHIVE_WARN) {
		err_memory(err); /* archive_read_new may return a partly initialised reader */
		archive_read_free(archive);
		return NULL;
	}
	if (archive_read_open_filename(archive, path, BLOCK) == ARCHIVE_OK)
		return archive;
	zip_failed(archive, err);
	if (archive_errno(archive) != ENOMEM)
		err_add(err, "truncated or damaged: the directory at the end of the ZIP archive cannot be read");
	archive_read_free(archive);
	return NULL;
}

/* 1: an entry; 0: the end; -1 */
static int zip_next(struct archive *archive, struct span *name, struct err *err)
{
	struct archive_entry *entry;
	int state = archive_read_next_header(archive, &entry);

	if (state == ARCHIVE_EOF)
		return 0;
	if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
		return zip_failed(archive, err);
	const char *path = archive_entry_pathname(entry);
	if (!path)
		return err_set(err, "a file name in the ZIP archive is not UTF-8");
	*name = span_string(path);
	return 1;
}

/* Reads an entry of at most `most` bytes.  The size claimed by the archive is not trusted: the buffer grows with the data. */
static int zip_read(struct archive *archive, struct buf *content, uint64_t most, struct err *err)
{
	buf_clear(content);
	for (;;) {
		unsigned char *end = buf_reserve(content, CHUNK);
		if (!end)
			return err_memory(err);
		la_ssize_t got = archive_read_data(archive, end, CHUNK);
		if (got < 0)
			return zip_failed(archive, err);
		if (got == 0)
			return 0;
		content->size += (size_t)got;
		if (content->size > most)
			return err_set(err, "more than the expected %llu bytes", (unsigned long long)most);
	}
}

static bool ends_with(struct span name, const char *end)
{
	const size_t size = strlen(end);

	return name.size >= size && memcmp(name.data + name.size - size, end, size) == 0;
}

static int check_byte_order(struct archive *archive, struct err *err)
{
	struct buf text = { 0 };
	int status = zip_read(archive, &text, 64, err);

	if (status == 0 && !span_is(buf_span(&text), "little"))
		status = err_set(err, "byteorder: only little endian is supported");
	buf_free(&text);
	return status;
}

/* Finds FOLDER/data.pkl, which must exist. */
static int find_pickle(struct torch_pt *file, struct archive *archive, struct err *err)
{
	struct span name = { 0 };
	int state;

	while ((state = zip_next(archive, &name, err)) > 0) {
		if (ends_with(name, "/data.pkl") && !memchr(name.data, '/', name.size - 9)) {
			if (file->folder.size)
				return err_set(err, "the ZIP archive contains two files named data.pkl");
			buf_append(&file->folder, name.data, name.size - 8);
			if (zip_read(archive, &file->pickle, PICKLE_MAX, err))
				return err_add(err, "data.pkl");
		} else if (ends_with(name, "/byteorder") && check_byte_order(archive, err))
			return -1;
		file->scripted |= ends_with(name, "/constants.pkl");
	}
	if (state == 0 && file->folder.size == 0)
		return err_set(err, "a ZIP archive without data.pkl, not a PyTorch checkpoint; `unzip FILE`, then give the file inside");
	return state;
}

static int check_kind(const char *path, struct err *err)
{
	static const unsigned char before_1_6[] = { 0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46 };
	unsigned char begin[sizeof before_1_6];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "open");
	ssize_t got = io_read(fd, begin, sizeof begin, err);
	close(fd);
	if (got < 0)
		return -1;
	if ((size_t)got == sizeof begin && memcmp(begin, before_1_6, sizeof begin) == 0)
		return err_set(err, "written by PyTorch before 1.6; load it in Python with torch.load and save it again with torch.save");
	return torch_pt_is(begin, (size_t)got) ? 0 : err_set(err, "not a PyTorch checkpoint: not a ZIP archive");
}

static int find_tensors(struct torch_pt *file, struct err *err)
{
	struct arena arena = { 0 };
	struct pickle *root = pickle_read(buf_span(&file->pickle), &arena, err);
	int status = root ? torch_find_tensors(file, root, err) : -1;

	arena_free(&arena);
	return status ? err_add(err, "data.pkl") : 0;
}

int torch_pt_open(struct torch_pt *file, const char *path, struct err *err)
{
	*file = (struct torch_pt){ .path = strdup(path) };
	if (!file->path)
		return err_memory(err);
	struct archive *archive = check_kind(path, err) ? NULL : zip_open(path, err);
	int status = archive ? find_pickle(file, archive, err) : -1;
	archive_read_free(archive);
	if (status == 0 && (file->folder.failed || file->pickle.failed))
		status = err_memory(err);
	return status || find_tensors(file, err) ? err_add(err, "%s", path) : 0;
}

/* Copies a strided tensor to contiguous memory. */
static void torch_copy_strided(const struct torch_tensor *tensor, const unsigned char *storage, size_t width, unsigned char *out)
{
	size_t index[TORCH_PT_RANK] = { 0 };
	const size_t rank = tensor->rank, inner = rank ? tensor->shape[rank - 1] : 1;
	const size_t step = rank ? tensor->stride[rank - 1] * width : 0;

	for (size_t left = tensor->bytes / width; left; left -= inner) {
		const unsigned char *row = storage + tensor->offset * width;
		for (size_t i = 0; i + 1 < rank; i++)
			row += index[i] * tensor->stride[i] * width;
		if (step == width)
			memcpy(out, row, inner * width);
		else
			for (size_t i = 0; i < inner; i++)
				memcpy(out + i * width, row + i * step, width);
		out += inner * width;
		for (size_t i = rank < 2 ? 0 : rank - 1; i-- > 0;) {
			if (++index[i] < tensor->shape[i])
				break;
			index[i] = 0;
		}
	}
}

struct reading {
	const struct torch_pt *file;
	const struct torch_sink *sink;
	const struct torch_tensor **wanted; /* sorted by storage */
	size_t count, taken;
	struct buf storage, numbers;
	uint64_t file_size; /* limits a storage, because entries are not compressed */
	struct err *err;
};

static int by_storage(const void *a, const void *b)
{
	const struct torch_tensor *const *left = a, *const *right = b;

	return span_compare((*left)->storage, (*right)->storage);
}

static int take_tensor(struct reading *reading, const struct torch_tensor *tensor)
{
	const size_t width = safetensors_dtype_size(tensor->dtype);

	if (reading->storage.size / width < tensor->numbers)
		return err_set(reading->err, "its storage should have %llu numbers, but has %zu bytes", (unsigned long long)tensor->numbers,
			reading->storage.size);
	buf_clear(&reading->numbers);
	unsigned char *out = buf_reserve(&reading->numbers, tensor->bytes + 1);
	if (!out)
		return err_memory(reading->err);
	if (tensor->bytes)
		torch_copy_strided(tensor, reading->storage.data, width, out);
	reading->taken++;
	return reading->sink->take(reading->sink->context, tensor, out, reading->err);
}

static int first_of_storage(const void *key, const void *tensor)
{
	return span_compare(*(const struct span *)key, (*(const struct torch_tensor *const *)tensor)->storage);
}

/* Reads an entry of data/ if a wanted tensor uses this storage. */
static int take_storage(struct reading *reading, struct archive *archive, struct span key)
{
	const struct torch_tensor **end = reading->wanted + reading->count;
	const struct torch_tensor **first = bsearch(&key, reading->wanted, reading->count, sizeof *first, first_of_storage);

	if (!first)
		return 0;
	while (first > reading->wanted && span_equal(first[-1]->storage, key))
		first--;
	if (zip_read(archive, &reading->storage, reading->file_size, reading->err))
		return err_add(reading->err, "data/%.*s", (int)key.size, key.data);
	for (; first < end && span_equal((*first)->storage, key); first++)
		if (take_tensor(reading, *first))
			return err_add(reading->err, "%.*s", (int)(*first)->name.size, (*first)->name.data);
	return 0;
}

static int read_storages(struct reading *reading, struct archive *archive)
{
	const struct span folder = buf_span(&reading->file->folder);
	struct span name = { 0 };
	int state;

	while ((state = zip_next(archive, &name, reading->err)) > 0) {
		const size_t prefix = folder.size + 5;
		if (name.size <= prefix || memcmp(name.data, folder.data, folder.size) != 0 ||
			memcmp(name.data + folder.size, "data/", 5) != 0)
			continue;
		if (take_storage(reading, archive, span_of(name.data + prefix, name.size - prefix)))
			return -1;
	}
	if (state == 0 && reading->taken != reading->count)
		return err_set(reading->err, "%zu of %zu tensors: their storages are missing or duplicate",
			reading->count > reading->taken ? reading->count - reading->taken : reading->taken - reading->count,
			reading->count);
	return state;
}

/* Limits how much larger than the file its tensors may be: they may share storages, as tied weights do. */
enum { SHARED_MAX = 16 };

static int check_size(const struct reading *reading)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < reading->count && bytes <= SHARED_MAX * reading->file_size; i++)
		bytes += reading->wanted[i]->bytes;
	return bytes <= SHARED_MAX * reading->file_size
		       ? 0
		       : err_set(reading->err, "its tensors would take more than %d times the bytes of the file", SHARED_MAX);
}

static int start_reading(struct reading *reading)
{
	const struct torch_pt *file = reading->file;
	struct stat about;

	if (stat(file->path, &about))
		return err_errno(reading->err, "stat");
	reading->file_size = (uint64_t)about.st_size;
	reading->wanted = calloc(file->count + 1, sizeof *reading->wanted);
	if (!reading->wanted)
		return err_memory(reading->err);
	for (size_t i = 0; i < file->count; i++)
		if (!reading->sink->wanted || reading->sink->wanted(reading->sink->context, &file->tensors[i]))
			reading->wanted[reading->count++] = &file->tensors[i];
	qsort(reading->wanted, reading->count, sizeof *reading->wanted, by_storage);
	return check_size(reading);
}

int torch_pt_read(const struct torch_pt *file, const struct torch_sink *sink, struct err *err)
{
	struct reading reading = { .file = file, .sink = sink, .err = err };
	struct archive *archive = zip_open(file->path, err);
	int status = !archive || start_reading(&reading) || read_storages(&reading, archive);

	archive_read_free(archive);
	free(reading.wanted);
	buf_free(&reading.storage);
	buf_free(&reading.numbers);
	return status ? err_add(err, "%s", file->path) : 0;
}

void torch_pt_close(struct torch_pt *file)
{
	free(file->path);
	buf_free(&file->folder);
	buf_free(&file->pickle);
	arena_free(&file->arena);
	*file = (struct torch_pt){ 0 };
}
