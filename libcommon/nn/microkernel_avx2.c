/* AVX2 with FMA: 4 x 3 sums, 3 weights and a pixel fill all 16 registers. */
#if defined(__x86_64__)
#include "nn/microkernel.h"

#include <immintrin.h>

#define NAME    "avx2"
#define KERNELS microkernel_avx2
#define TARGET  __attribute__((target("avx2,fma")))
#define LANES   8
#define PIXELS  4

typedef __m256 vec;

TARGET static inline vec load(const float *from)
{
	return _mm256_loadu_ps(from);
}

TARGET static inline void store(float *to, vec value)
{
	_mm256_storeu_ps(to, value);
}

TARGET static inline vec broadcast(float value)
{
	return _mm256_set1_ps(value);
}

TARGET static inline vec multiply_add(vec a, vec b, vec c)
{
	return _mm256_fmadd_ps(a, b, c);
}

#include "nn/microkernel_body.h"
#else
typedef int no_avx2_here; /* ISO C forbids an empty file */
#endif
