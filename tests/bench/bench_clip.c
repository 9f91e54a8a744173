/* A published model at its real size, run in turns with another program: each line on standard input requests one batch; prints its
 * wall-clock seconds and the CPU seconds of all threads, and at the end memory and FLOPs.
 * usage: bench_clip CONFIG embed|step BATCH THREADS [recompute] <LENGTHS
* The first line is LENGTHS: the text lengths of a batch, repeated. */
#define _POSIX_C_SOURCE 200809L
#include "core/rng.h"
#include "nn/gemm.h"
#include "formats/stream/io.h"
#include "formats/model/checkpoint.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bench {
	struct checkpoint checkpoint;
	struct batch batch;
	struct trainer trainer;
	struct tape tape; /* of an embedding */
	struct arena arena;
	struct pool *pool;
	bool embeds;
	double flops; /* forward */
};

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Random pixels and tokens: their values do not affect the time. */
static void fill_batch(struct bench *b, char *lengths)
{
	struct rng rng = rng_for(1, span_string(""), 0, "bench");
	struct batch *batch = &b->batch;
	size_t rows = batch->shape.views * batch->shape.records, context = batch->shape.context, known = 0, length[1024];
	const size_t pixels = rows * 3 * batch->shape.image_size * batch->shape.image_size;

	for (char *word = strtok(lengths, " \n"); word && known < 1024; word = strtok(NULL, " \n"))
		length[known++] = strtoul(word, NULL, 10);
	for (size_t i = 0; i < pixels; i++)
		batch->pixels[i] = (uint8_t)rng_below(&rng, 256);
	for (size_t i = 0; i < rows * context; i++)
		batch->ids[i] = (int32_t)rng_below(&rng, (uint32_t)b->checkpoint.clip->config.text.vocab_size);
	for (size_t i = 0; i < rows; i++)
		batch->lengths[i] = known ? length[i % known] : context;
	batch->count = batch->shape.records;
}

static int set_up(struct bench *b, char **argv, char *lengths, struct err *err)
{
	static struct train_options options = { .steps = 1 << 20,
		.warmup = 100,
		.lr = 1e-5,
		.weight_decay = .1,
		.beta1 = .9,
		.beta2 = .999,
		.epsilon = 1e-8,
		.numbers = { 1, 1, .5, .5 } };
	struct buf config = { 0 };

	b->embeds = strcmp(argv[2], "embed") == 0;
	options.batch = strtoul(argv[3], NULL, 10);
	options.recompute = argv[5] && strcmp(argv[5], "recompute") == 0;
	b->pool = pool_new(strtoul(argv[4], NULL, 10), err);
	if (!b->pool || io_read_file(argv[1], 1 << 20, &config, err) ||
		checkpoint_new(&b->checkpoint, buf_span(&config), span_of(NULL, 0), err) || clip_allocate(b->checkpoint.clip, err))
		return -1;
	buf_free(&config);
	clip_initialise(b->checkpoint.clip, 1);
	const struct clip_config *c = &b->checkpoint.clip->config;
	const struct batch_shape shape = { options.batch, b->embeds ? 1 : 2, c->vision.image_size, c->text.context_length };
	if (batch_init(&b->batch, &shape, err))
		return -1;
	fill_batch(b, lengths);
	b->tape = (struct tape){ .pool = b->pool, .arena = &b->arena };
	return b->embeds ? 0 : trainer_init(&b->trainer, &recipe_cleanclip, &options, b->checkpoint.clip, NULL, b->pool, err);
}

static int once(struct bench *b, struct err *err)
{
	struct step_report report;

	if (!b->embeds) {
		b->trainer.tape.flops = 0;
		int status = trainer_step(&b->trainer, &b->batch, &report, err);
		b->flops = b->trainer.tape.flops;
		return status;
	}
	b->tape.flops = 0;
	op_l2_normalise(&b->tape, clip_encode_images(&b->tape, b->checkpoint.clip, b->batch.pixels, b->batch.count));
	b->flops = b->tape.flops;
	int status = b->tape.failed ? err_memory(err) : 0;
	tape_reset(&b->tape);
	return status;
}

/* Of one core, in CPU time, as other processes may use the machine. */
static double sgemm_peak(void)
{
	enum { N = 1024 };
	float *a = calloc(3 * N * N, sizeof *a);
	double best = 1e9;

	for (size_t i = 0; a && i < 3 * N * N; i++)
		a[i] = (float)(i % 7);
	for (int i = 0; a && i < 12; i++) {
		double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
		gemm(N, N, N, (struct matrix){ a, N, 1 }, (struct matrix){ a + N * N, N, 1 }, false, a + 2 * N * N, N);
		double time = seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
		best = time < best ? time : best;
	}
	free(a);
	return 2. * N * N * N / best;
}

static long peak_kilobytes(void)
{
	char line[256];
	long most = 0;
	FILE *file = fopen("/proc/self/status", "r");

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmHWM: %ld", &most) == 1)
			break;
	if (file)
		fclose(file);
	return most;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	char line[4096];
	struct err err;

	if (argc < 5 || !fgets(line, sizeof line, stdin)) {
		fprintf(stderr, "usage: bench_clip CONFIG embed|step BATCH THREADS <LENGTHS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	gemm_init();
	double peak = sgemm_peak();
	if (set_up(&bench, argv, line, &err)) {
		fprintf(stderr, "bench_clip: %s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof line, stdin)) {
		double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
		if (once(&bench, &err)) {
			fprintf(stderr, "bench_clip: %s\n", err.text);
			return 1;
		}
		printf("%.6f %.6f\n", seconds_of(CLOCK_MONOTONIC) - wall, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	}
	printf("%ld %.0f %.0f\n", peak_kilobytes(), bench.flops, peak);
	return 0;
}
