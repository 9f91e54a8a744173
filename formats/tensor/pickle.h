/* Reads Python pickles as data: containers, numbers, texts, and calls as (function name, arguments).  Nothing is ever called or
 * imported: a class or function is only a name, and the result of a call is a value that holds the name and the arguments.
 * Definition: Python's Lib/pickletools.py.  Supported are the opcodes that PyTorch writes, and those that protocols 2 to 5 have for the
 * same values. */
#ifndef TENSOR_PICKLE_H
#define TENSOR_PICKLE_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

#include <stdbool.h>
#include <stdint.h>

enum pickle_kind {
	PICKLE_NONE,
	PICKLE_BOOL,       /* integer */
	PICKLE_INTEGER,
	PICKLE_REAL,
	PICKLE_STRING,     /* text */
	PICKLE_BYTES,      /* text */
	PICKLE_LIST,       /* items; also a tuple or set */
	PICKLE_DICT,       /* items: key, value, key, value */
	PICKLE_GLOBAL,     /* text: "module.name" */
	PICKLE_OBJECT,     /* result of calling `what` with arguments `with`; `state`: as set by BUILD, or NULL */
	PICKLE_PERSISTENT, /* refers to an object outside the pickle, by the id `with` */
	PICKLE_OTHER,      /* an unsupported value: an integer of more than 64 bits */
};

/* A value may be shared, and may contain itself through lists, dicts and states: callers must limit their walk. */
struct pickle {
	enum pickle_kind kind;
	union {
		int64_t integer;
		double real;
		struct span text;
		struct {
			struct pickle **items;
			size_t count, capacity; /* a dict's key and value count as two */
		} list;
		struct {
			struct pickle *what, *with, *state;
			struct pickle *filled; /* items added to the object afterwards: a list or dict, or NULL */
		} object;
	};
};

/* Reads one pickle.  The value is allocated in the arena; texts are borrowed from `bytes`.  NULL: err names the byte.  Errors: an
 * unknown opcode, a stack underflow, a truncated pickle, too many values. */
struct pickle *pickle_read(struct span bytes, struct arena *arena, struct err *err);

/* Name of the function or class that made an object.  Empty for other values, and if it was not a plain name. */
struct span pickle_maker(const struct pickle *value);

/* Value of a key in a dict.  NULL: not found, or not a dict. */
struct pickle *pickle_get(const struct pickle *dict, const char *key);

#endif
