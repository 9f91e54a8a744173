#include "tools/model/weights.h"

#include "formats/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_torch(const char *path, bool *torch, struct err *err)
{
	static const unsigned char old_torch[] = { 0x80, 2, 0x8a };
	unsigned char begin[4];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, "%s", path);
	ssize_t got = io_read(fd, begin, sizeof begin, err);
	close(fd);
	if (got < 0)
		return err_add(err, "%s", path);
	*torch = torch_pt_is(begin, (size_t)got) || (got >= 3 && memcmp(begin, old_torch, 3) == 0);
	return 0;
}

static void list_torch(struct weights *weights)
{
	for (size_t i = 0; i < weights->count; i++) {
		const struct torch_tensor *tensor = &weights->pt.tensors[i];
		weights->items[i] = (struct weight){ tensor->name, tensor->dtype, tensor->rank, tensor->shape, tensor };
	}
}

static void list_safetensors(struct weights *weights)
{
	for (size_t i = 0; i < weights->count; i++) {
		const struct safetensor *tensor = &weights->file.tensors[i];
		weights->items[i] = (struct weight){ tensor->name, tensor->dtype, tensor->rank, tensor->shape, tensor };
	}
}

int weights_open(struct weights *weights, const char *path, struct err *err)
{
	*weights = (struct weights){ .file.fd = -1 };
	if (is_torch(path, &weights->torch, err))
		return -1;
	if (weights->torch ? torch_pt_open(&weights->pt, path, err) : safetensors_open(&weights->file, path, err))
		return -1;
	weights->count = weights->torch ? weights->pt.count : weights->file.count;
	weights->items = calloc(weights->count + 1, sizeof *weights->items);
	if (!weights->items)
		return err_memory(err);
	if (weights->torch)
		list_torch(weights);
	else
		list_safetensors(weights);
	return 0;
}

/* A sink for torch_pt, which knows its own tensors only. */
struct relay {
	const struct weights *weights;
	const struct weights_sink *sink;
};

static const struct weight *weight_of(const struct relay *relay, const struct torch_tensor *tensor)
{
	return &relay->weights->items[tensor - relay->weights->pt.tensors];
}

static bool relay_wanted(void *context, const struct torch_tensor *tensor)
{
	const struct relay *relay = context;

	return relay->sink->wanted(relay->sink->context, weight_of(relay, tensor));
}

static int relay_take(void *context, const struct torch_tensor *tensor, const void *data, struct err *err)
{
	const struct relay *relay = context;

	return relay->sink->take(relay->sink->context, weight_of(relay, tensor), data, err);
}

static int read_safetensors(const struct weights *weights, const struct weights_sink *sink, struct err *err)
{
	struct buf data = { 0 };
	int status = 0;

	for (size_t i = 0; status == 0 && i < weights->count; i++) {
		const struct safetensor *tensor = weights->items[i].source;
		if (!sink->wanted(sink->context, &weights->items[i]))
			continue;
		buf_clear(&data);
		unsigned char *room = buf_reserve(&data, (size_t)(tensor->end - tensor->begin) + 1);
		status = !room ? err_memory(err)
			: safetensors_read(&weights->file, tensor, room, err) ? -1
			: sink->take(sink->context, &weights->items[i], room, err);
	}
	buf_free(&data);
	return status;
}

int weights_read(const struct weights *weights, const struct weights_sink *sink, struct err *err)
{
	struct relay relay = { weights, sink };
	struct torch_sink torch_sink = { .context = &relay, .wanted = relay_wanted, .take = relay_take };

	return weights->torch ? torch_pt_read(&weights->pt, &torch_sink, err) : read_safetensors(weights, sink, err);
}

void weights_close(struct weights *weights)
{
	torch_pt_close(&weights->pt);
	safetensors_close(&weights->file);
	free(weights->items);
	weights->items = NULL;
}
