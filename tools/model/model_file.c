#include "tools/model/model_file.h"

#include "formats/limits.h"
#include "formats/safetensors.h"
#include "tools/common/file_kind.h"
#include "tools/common/input.h"

#include <fcntl.h>
#include <unistd.h>

static int kind_of(const char *path, enum file_kind *kind, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);

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
	return file->config.size ? 0 : err_set(err, "%s: has no configuration in its metadata: it is no model of ours (`cc-model import` makes it one)",
		path);
}

int model_file_read(struct model_file *file, const char *path, struct err *err)
{
	const struct limits limits = LIMITS_DEFAULT;
	enum file_kind kind = FILE_OTHER;

	*file = (struct model_file){ 0 };
	if (kind_of(path, &kind, err))
		return -1;
	file->is_config = kind == FILE_JSON;
	return file->is_config ? input_read_file(path, limits.string, &file->config, err) : read_checkpoint(file, path, err);
}

void model_file_free(struct model_file *file)
{
	buf_free(&file->config);
	buf_free(&file->vocabulary);
}
