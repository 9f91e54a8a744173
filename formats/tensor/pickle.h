/* Python's pickles as data: containers, numbers, texts, and which function was to be called with which arguments.  Nothing is ever
 * called or imported: a class or function is a name, and the result of a call is a value that holds that name and the arguments.
 * Definition: Lib/pickletools.py of Python; the opcodes that PyTorch writes, and those which protocols 2 to 5 add for the same values. */
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
	PICKLE_LIST,       /* items; a tuple or set too */
	PICKLE_DICT,       /* items: key, value, key, value */
	PICKLE_GLOBAL,     /* text: "module.name" */
	PICKLE_OBJECT,     /* made by calling `what` with `with`; `state` was set, or NULL */
	PICKLE_PERSISTENT, /* something outside of the pickle, which `with` names */
	PICKLE_OTHER,      /* a value that has no use here: an integer of more than 64 bits */
};

/* May be shared, and through lists, dicts and states be part of itself: who walks it counts. */
struct pickle {
	enum pickle_kind kind;
	union {
		int64_t integer;
		double real;
		struct span text;
		struct {
			struct pickle **items;
			size_t count, capacity; /* of a dict: key and value are two */
		} list;
		struct {
			struct pickle *what, *with, *state;
			struct pickle *filled; /* a list or dict that was put into the object item by item, or NULL */
		} object;
	};
};

/* The value of one pickle; it lives in the arena, texts are borrowed from `bytes`.  NULL: err names the byte and what is wrong with it:
 * an unknown opcode, a stack that is too short, a truncated pickle, too many values. */
struct pickle *pickle_read(struct span bytes, struct arena *arena, struct err *err);

/* The name of the function or class that made an object; empty for any other value, and where it was not a plain name. */
struct span pickle_maker(const struct pickle *value);

/* What a dict holds under a text, or NULL; NULL also for what is no dict. */
struct pickle *pickle_get(const struct pickle *dict, const char *key);

#endif
