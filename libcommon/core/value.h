/* A JSON-like value, so that configurations and headers can be read without knowing a format.
 * formats/text/json fills it from text, formats/stream from msgpack.  Everything lives in the caller's arena. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H

#include "core/arena.h"
#include "core/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_INTEGER, VALUE_REAL, VALUE_STRING, VALUE_BYTES, VALUE_ARRAY, VALUE_MAP };

struct value {
	enum value_kind kind;
	union {
		bool boolean;
		int64_t integer;
		double real;
		struct span string; /* VALUE_STRING (UTF-8) and VALUE_BYTES */
		struct {
			size_t count;
			struct value *items; /* of a map: key, value, key, value: 2 * count of them */
		} list;
	};
};

/* Constructors.  Strings are borrowed. */
struct value value_bool(bool boolean);
struct value value_integer(int64_t integer);
struct value value_real(double real);
struct value value_string(const char *string);
struct value value_span(struct span string);

/* An array or map to be filled by value_push and value_set; zero items. */
struct value value_array(void);
struct value value_map(void);
/* They grow in the arena, and only lists made by them may be grown.  -1: no memory.  value_set replaces what has the key; key is borrowed. */
int value_push(struct value *array, struct value item, struct arena *arena);
int value_set(struct value *map, const char *key, struct value item, struct arena *arena);
/* As value_set, for a key that the map does not have yet (it is not looked for, so that filling a map is linear). */
int value_add(struct value *map, struct span key, struct value item, struct arena *arena);

/* Takes the key off a map, where it is there. */
void value_remove(struct value *map, const char *key);

/* A copy that shares nothing.  -1: no memory. */
int value_copy(struct value *to, const struct value *from, struct arena *arena);

/* The same kind and content; numbers by their value, whatever their kind; maps in the same order.  NULL equals NULL alone. */
bool value_equal(const struct value *a, const struct value *b);

/* What a map holds under a key, or NULL; NULL also for a value that is NULL or no map. */
const struct value *value_get(const struct value *map, const char *key);

/* What is at a path of names and, in arrays, numbers, as in "a.b.0"; or NULL.  A name with dots comes before a path. */
const struct value *value_path(const struct value *value, const char *path);

/* The number where it is one (integers count as reals; a whole real counts as an integer), or the fallback. */
double value_real_or(const struct value *value, double fallback);
int64_t value_integer_or(const struct value *value, int64_t fallback);
bool value_bool_or(const struct value *value, bool fallback);
/* The string, or the fallback's. */
struct span value_string_or(const struct value *value, const char *fallback);

#endif
