/* Limits on input.  All but `elements` are options of the tools. */
#ifndef STREAM_LIMITS_H
#define STREAM_LIMITS_H

#include <stddef.h>

struct limits {
	size_t record;   /* bytes of one record */
	size_t string;   /* bytes of one string */
	size_t depth;    /* nesting of maps and arrays */
	size_t elements; /* values in one record: few bytes may encode many values */
	size_t pixels;   /* of one image */
};

/* Keys of a map or JSON object. */
enum { KEYS_MOST = 1 << 16 };

#define LIMITS_DEFAULT ((struct limits){ .record = 256u << 20, .string = 1u << 20, .depth = 32, .elements = 1u << 20, .pixels = 64u << 20 })

#endif
