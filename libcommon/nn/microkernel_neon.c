/* arm64: 32 registers of four floats; 8 x 3 sums, 3 weights and a pixel fill 28 of them. */
#if defined(__aarch64__)
#include "nn/microkernel.h"

#include <arm_neon.h>

#define NAME    "neon"
#define KERNELS microkernel_neon
#define TARGET
#define LANES  4
#define PIXELS 8

typedef float32x4_t vec;

static inline vec load(const float *from)
{
	return vld1q_f32(from);
}

static inline void store(float *to, vec value)
{
	vst1q_f32(to, value);
}

static inline vec broadcast(float value)
{
	return vdupq_n_f32(value);
}

static inline vec multiply_add(vec a, vec b, vec c)
{
	return vfmaq_f32(c, a, b);
}

#include "nn/microkernel_body.h"
#else
typedef int no_neon_here; /* ISO C forbids an empty file */
#endif
