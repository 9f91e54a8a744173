/* Plain loops that are compiled for each vector width. */
#ifndef NN_SIMD_H
#define NN_SIMD_H

#include "core/simd.h"

#endif
