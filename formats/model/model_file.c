#include "formats/model/model_file.h"

#include "clip/published.h"
#include "formats/stream/file_magic.h"
#include "formats/tensor/safetensors.h"
#include "formats/tensor/weight_index.h"
#include "formats/stream/file_kind.h"
#include "formats/stream/io.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST_JSON = 64 << 20 };

static int kind_of(const char *path, enum file_kind *kind, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_errno(err, "%s", path);
	*kind = file_kind(fd);
	close(fd);
	return 0;
}

static int read_checkpoint(struct model_file *file, const char *path, struct err *err)
{
	struct safetensors tensors;

	if (safetensors_open(&tensors, path, err))
		return -1;
	buf_append_span(&file->config, safetensors_metadata(&tensors, "config"));
	buf_append_span(&file->vocabulary, safetensors_metadata(&tensors, "vocabulary"));
	safetensors_close(&tensors);
	if (file->config.failed || file->vocabulary.failed)
		return err_memory(err);
	return file->config.size
		       ? 0
		       : err_set(err,
				 "%s: no configuration in its metadata, so it is not a CleanCLIP model; convert it with `cc-model import`",
				 path);
}

/* If path does not exist but is the name of a published architecture: appends its configuration. */
static bool is_published(const char *path, struct buf *config)
{
	bool quick_gelu = false;
	const struct published *model = access(path, F_OK) ? published_find(path, &quick_gelu) : NULL;

	if (model)
		published_config(model, quick_gelu, config);
	return model;
}

int model_config_read(const char *path, size_t most, struct buf *config, bool *is_file, struct err *err)
{
	struct buf names = { 0 };

	*is_file = !is_published(path, config);
	if (!*is_file)
		return config->failed ? err_memory(err) : 0;
	if (access(path, F_OK) == 0 || strpbrk(path, "/.")) {
		if (io_read_file(path, most, config, err))
			return -1;
		const struct file_magic *magic = file_magic(buf_span(config));
		return magic && magic->magic == MAGIC_JSON                                        ? 0
		       : file_magic_refuse_model(buf_span(config), "a configuration (JSON)", err) ? err_add(err, "%s", path)
												  : 0;
	}
	published_names(&names);
	err_set(err, "%s: no such file or published architecture (architectures, each also with -quickgelu: %s)", path, buf_string(&names));
	buf_free(&names);
	return -1;
}

/* Reads JSON that may be the index of sharded weights instead of a configuration. */
static int read_json(const char *path, struct buf *json, bool *is_index, struct err *err)
{
	if (io_read_file(path, LARGEST_JSON, json, err))
		return -1;
	*is_index = weight_index_is(buf_span(json));
	return 0;
}

int model_file_is_config(const char *path, bool *is_config, struct err *err)
{
	enum file_kind kind = FILE_OTHER;
	struct buf json = { 0 };
	bool is_index = false;

	*is_config = is_published(path, &json);
	buf_free(&json);
	if (*is_config)
		return 0;
	if (kind_of(path, &kind, err))
		return -1;
	if (kind == FILE_JSON && read_json(path, &json, &is_index, err))
		return -1;
	buf_free(&json);
	*is_config = kind == FILE_JSON && !is_index;
	return 0;
}

int model_file_read(struct model_file *file, const char *path, struct err *err)
{
	enum file_kind kind = FILE_OTHER;
	bool is_index = false;

	*file = (struct model_file){ 0 };
	file->is_config = is_published(path, &file->config);
	if (file->is_config)
		return file->config.failed ? err_memory(err) : 0;
	if (kind_of(path, &kind, err))
		return -1;
	file->is_config = kind == FILE_JSON;
	if (!file->is_config)
		return read_checkpoint(file, path, err);
	if (read_json(path, &file->config, &is_index, err))
		return -1;
	return is_index ? err_set(err, "%s: this is the index of sharded weights; convert them with `cc-model import`", path) : 0;
}

void model_file_free(struct model_file *file)
{
	buf_free(&file->config);
	buf_free(&file->vocabulary);
}
