/* SIMD: put before a function of plain loops, it is compiled once for each vector width and the loader takes the widest
 * this CPU has.  The bits are the same in all of them: nothing is fused or re-associated.
 * Functions it calls must be inlined into it, hence INLINE. */
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
