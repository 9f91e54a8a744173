/* What is accepted from outside.  Each is an option of the tools. */
#ifndef STREAM_LIMITS_H
#define STREAM_LIMITS_H

#include <stddef.h>

struct limits {
	size_t record;   /* bytes of one record */
	size_t string;   /* bytes of one string */
	size_t depth;    /* maps and arrays within one another */
	size_t elements; /* values within one record, so that small bytes do not become large structures */
	size_t pixels;   /* of one image */
};

/* Names of one map or object. */
enum { KEYS_MOST = 1 << 16 };

#define LIMITS_DEFAULT ((struct limits){ .record = 256u << 20, .string = 1u << 20, .depth = 32, .elements = 1u << 20, .pixels = 64u << 20 })

#endif
