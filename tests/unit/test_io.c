/* Descriptors that another process made non-blocking, as ssh does: reads and writes wait for them. */
#include "formats/tensor/safetensors.h"
#include "formats/stream/io.h"
#include "formats/stream/output.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { MUCH = 1 << 20 }; /* bytes: more than a pipe holds */

/* A pipe between the test and a thread that starts late. */
struct slow_pipe {
	int ours, theirs;
	pthread_t thread;
	size_t bytes; /* received */
};

static void come_late(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}

static void *drain(void *context)
{
	struct slow_pipe *slow = context;
	static char bytes[4096];
	ssize_t got;

	come_late();
	while ((got = read(slow->theirs, bytes, sizeof bytes)) > 0)
		slow->bytes += (size_t)got;
	return NULL;
}

static void *fill(void *context)
{
	struct slow_pipe *slow = context;

	come_late();
	slow->bytes = (size_t)write(slow->theirs, "one\n", 4);
	come_late();
	slow->bytes += (size_t)write(slow->theirs, "two\n", 4);
	close(slow->theirs);
	return NULL;
}

static void begin(struct slow_pipe *slow, bool we_write)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*slow = (struct slow_pipe){ .ours = ends[we_write], .theirs = ends[!we_write] };
	assert_int_equal(fcntl(slow->ours, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(pthread_create(&slow->thread, NULL, we_write ? drain : fill, slow), 0);
}

static void end(struct slow_pipe *slow)
{
	close(slow->ours);
	pthread_join(slow->thread, NULL);
}

static void output_waits(void **state)
{
	unsigned char *bytes = calloc(1, MUCH);
	struct slow_pipe slow;
	struct err err;

	(void)state;
	begin(&slow, true);
	const int status = output_write(&(struct output){ .fd = slow.ours }, span_of(bytes, MUCH), &err);
	end(&slow);
	close(slow.theirs);
	free(bytes);
	assert_int_equal(status, 0);
	assert_int_equal(slow.bytes, MUCH);
}

static void safetensors_wait(void **state)
{
	const struct value metadata = value_map();
	float *floats = calloc(1, MUCH);
	struct safetensors_item item = { .name = "x", .dtype = "F32", .rank = 1, .shape = { MUCH / sizeof *floats }, .data = floats };
	struct slow_pipe slow;
	struct err err;

	(void)state;
	begin(&slow, true);
	const int status = safetensors_write(slow.ours, &metadata, &item, 1, &err);
	end(&slow);
	close(slow.theirs);
	free(floats);
	assert_int_equal(status, 0);
	assert_true(slow.bytes > MUCH);
}

static void lines_wait(void **state)
{
	struct line_reader reader;
	struct slow_pipe slow;
	struct span line;
	struct err err;
	int status, lines = 0;

	(void)state;
	begin(&slow, false);
	line_reader_init(&reader, slow.ours, 100);
	while ((status = line_read(&reader, &line, &err)) > 0)
		lines++;
	line_reader_free(&reader);
	end(&slow);
	assert_int_equal(status, 0);
	assert_int_equal(lines, 2);
	assert_int_equal(slow.bytes, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_waits),
		cmocka_unit_test(safetensors_wait),
		cmocka_unit_test(lines_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
