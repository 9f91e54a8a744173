#include "formats/stream/side_stream.h"

#include <fcntl.h>
#include <unistd.h>

int beside_open(struct beside *beside, const char *path, const struct limits *limits, struct err *err)
{
	*beside = (struct beside){ .path = path, .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (beside->fd < 0)
		return err_errno(err, "%s", path);
	return stream_open(&beside->reader, beside->fd, limits, err) ? err_add(err, "%s", path) : 0;
}

int beside_find(struct beside *beside, struct span key, struct err *err)
{
	int state;

	while ((state = stream_read(&beside->reader, &beside->record, err)) > 0)
		if (state == STREAM_RECORD && span_equal(beside->record.key, key))
			return 0;
	if (state < 0)
		return err_add(err, "%s", beside->path);
	return err_set(err, "%s does not have it, or not in the same order", beside->path);
}

void beside_close(struct beside *beside)
{
	if (beside->fd < 0)
		return;
	stream_close(&beside->reader);
	record_free(&beside->record);
	close(beside->fd);
	beside->fd = -1;
}
