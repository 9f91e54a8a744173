/* A temporary file with given bytes, for the tests of streams. */
#include "core/buf.h"
#include "core/err.h"

#include <stdlib.h>
#include <unistd.h>

#define BYTES(text) span_of(text, sizeof text - 1)

static struct err err;

static int file_of(struct span bytes)
{
	char name[] = "/tmp/test_stream.XXXXXX";
	int fd = mkstemp(name);

	unlink(name);
	assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
	lseek(fd, 0, SEEK_SET);
	return fd;
}
