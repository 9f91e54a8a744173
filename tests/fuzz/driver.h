/* A main for targets in libFuzzer's form: `fuzz_x FILE...` runs the files (what a fuzzer found), `fuzz_x` alone damages the seeds at
 * random for a second or two.  Not compiled for libFuzzer (-DLIBFUZZER -fsanitize=fuzzer). */
#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H

#include "core/rng.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How often each of a target's parsers accepted its input, counted by the target.  The undamaged seeds must reach all of them. */
enum { PARSERS_MOST = 4 };
static unsigned long reached[PARSERS_MOST];

/* In memory of its own, so that the sanitizer detects reads past its end. */
static void run_copy(const unsigned char *data, size_t size)
{
	unsigned char *copy = malloc(size ? size : 1);

	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_file(const char *path)
{
	struct buf content = { 0 };
	FILE *file = fopen(path, "rb");

	if (!file)
		return -1;
	for (size_t got = 1; got && buf_reserve(&content, 1 << 16); content.size += got)
		got = fread(content.data + content.size, 1, 1 << 16, file);
	fclose(file);
	run_copy(content.data, content.size);
	buf_free(&content);
	return 0;
}

/* Replaces bytes, flips bits, enlarges lengths, repeats and removes pieces, truncates. */
static void damage(struct buf *bytes, struct rng *rng)
{
	static const unsigned char edges[] = { 0, 1, 0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xc0, 0xc1, 0xc4, 0xc6, 0xd9, 0xdb, 0xdd, 0xdf, 0xff,
		'0', '7', '/' };

	for (uint32_t hits = 1 + rng_below(rng, 6); hits && bytes->size; hits--) {
		const size_t at = rng_below(rng, (uint32_t)bytes->size), left = bytes->size - at;
		const size_t piece = 1 + rng_below(rng, (uint32_t)(left < 600 ? left : 600));
		switch (rng_below(rng, 8)) {
		case 0: bytes->data[at] = (unsigned char)rng_u32(rng); break;
		case 1: bytes->data[at] ^= (unsigned char)(1u << rng_below(rng, 8)); break;
		case 2: memset(bytes->data + at, 0xff, left < 4 ? left : 4); break;
		case 3:
			memmove(bytes->data + at, bytes->data + at + piece, left - piece);
			bytes->size -= piece;
			break;
		case 4:
			if (buf_reserve(bytes, piece)) {
				memmove(bytes->data + at + piece, bytes->data + at, left);
				bytes->size += piece;
			}
			break;
		case 5:
			if (rng_below(rng, 4) == 0)
				bytes->size = at;
			break;
		default: bytes->data[at] = edges[rng_below(rng, sizeof edges)];
		}
	}
}

#ifndef LIBFUZZER
static bool reaches(const char *what, size_t parsers)
{
	for (size_t i = 0; i < parsers; i++)
		if (!reached[i]) {
			printf("not ok 1 - %s: the seeds do not reach parser %zu of %zu\n1..1\n", what, i + 1, parsers);
			return false;
		}
	return true;
}

/* seed: appends the seed of that number; false: there are no more.  parsers: how many of `reached` the target counts. */
static int drive(int argc, char **argv, const char *what, int rounds, bool (*seed)(unsigned number, struct buf *bytes), size_t parsers)
{
	struct rng rng = rng_for(1, span_string(what), 0, "fuzz");
	struct buf bytes = { 0 };

	for (int i = 1; i < argc; i++)
		if (run_file(argv[i]))
			return 1;
	for (int i = 0; argc == 1 && i < rounds; i++) {
		if (i == 1 && !reaches(what, parsers))
			return 1;
		for (unsigned number = 0; buf_clear(&bytes), seed(number, &bytes); number++) {
			if (i)
				damage(&bytes, &rng);
			run_copy(bytes.data, bytes.size);
		}
	}
	buf_free(&bytes);
	printf("ok 1 - damaged %s\n1..1\n", what);
	return 0;
}
#endif

#endif
