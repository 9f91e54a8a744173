/* Any CPU: vectors of four floats, which are SSE or NEON registers where there are any. */
#include "nn/microkernel.h"

#include <string.h>

#define NAME    "plain"
#define KERNELS microkernel_plain
#define TARGET
#define LANES  4
#define PIXELS 4

typedef float vec __attribute__((vector_size(16)));

static inline vec load(const float *from)
{
	vec value;

	memcpy(&value, from, sizeof value);
	return value;
}

static inline void store(float *to, vec value)
{
	memcpy(to, &value, sizeof value);
}

static inline vec broadcast(float value)
{
	return (vec){ value, value, value, value };
}

static inline vec multiply_add(vec a, vec b, vec c)
{
	return a * b + c;
}

#include "nn/microkernel_body.h"
