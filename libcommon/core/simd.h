/* SIMD before a function of plain loops compiles it once for each vector width; the loader selects the widest that the CPU supports.
 * All give the same bits: nothing is fused or re-associated.  Functions that it calls must be INLINE. */
#ifndef CORE_SIMD_H
#define CORE_SIMD_H

#include <stdint.h> /* __GLIBC__ */

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define SIMD __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SIMD
#endif
#define INLINE static inline __attribute__((always_inline))

#endif
