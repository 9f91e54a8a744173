/* AVX-512: 32 registers; 8 x 3 sums, 3 weights and a pixel fill 28 of them. */
#if defined(__x86_64__)
#include "nn/microkernel.h"

#include <immintrin.h>

#define NAME    "avx512"
#define KERNELS microkernel_avx512
#define TARGET  __attribute__((target("avx512f")))
#define LANES   16
#define PIXELS  8

typedef __m512 vec;

TARGET static inline vec load(const float *from)
{
	return _mm512_loadu_ps(from);
}

TARGET static inline void store(float *to, vec value)
{
	_mm512_storeu_ps(to, value);
}

TARGET static inline vec broadcast(float value)
{
	return _mm512_set1_ps(value);
}

TARGET static inline vec multiply_add(vec a, vec b, vec c)
{
	return _mm512_fmadd_ps(a, b, c);
}

#include "nn/microkernel_body.h"
#else
typedef int no_avx512_here; /* ISO C forbids an empty file */
#endif
