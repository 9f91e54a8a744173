/* A JSON-like value: configurations and headers, independent of their format.
 * formats/text/json fills it from text, formats/stream from msgpack.  All memory is in the caller's arena. */
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
			struct value *items; /* of a map: key, value, key, value, ...: 2 * count */
		} list;
	};
};

/* Constructors.  Strings are borrowed. */
struct value value_bool(bool boolean);
struct value value_integer(int64_t integer);
struct value value_real(double real);
struct value value_string(const char *string);
struct value value_span(struct span string);

/* An empty array or map, to be filled by value_push and value_set. */
struct value value_array(void);
struct value value_map(void);
/* Add an item, in memory of the arena.  Only lists from value_array and value_map may be extended.  value_set replaces the value of an
 * existing key; key is borrowed.  -1: out of memory. */
int value_push(struct value *array, struct value item, struct arena *arena);
int value_set(struct value *map, const char *key, struct value item, struct arena *arena);
/* Like value_set for a key that the map does not have, which is not checked, so that filling a map takes linear time. */
int value_add(struct value *map, struct span key, struct value item, struct arena *arena);

/* Removes the key from a map, if it exists. */
void value_remove(struct value *map, const char *key);

/* A deep copy.  -1: out of memory. */
int value_copy(struct value *to, const struct value *from, struct arena *arena);

/* Equal kind and contents; an integer equals a real of the same value; maps must have the same order.  NULL equals only NULL. */
bool value_equal(const struct value *a, const struct value *b);

/* The value of a key; NULL if it is missing, or if `map` is NULL or not a map. */
const struct value *value_get(const struct value *map, const char *key);

/* The value at a path of names and, in arrays, indices, as in "a.b.0"; NULL if missing.  A key that contains dots takes precedence. */
const struct value *value_path(const struct value *value, const char *path);

/* The number, or the fallback if the value is NULL or of another kind (integers count as reals, whole reals as integers). */
double value_real_or(const struct value *value, double fallback);
int64_t value_integer_or(const struct value *value, int64_t fallback);
bool value_bool_or(const struct value *value, bool fallback);
/* The string, or the fallback. */
struct span value_string_or(const struct value *value, const char *fallback);

#endif
