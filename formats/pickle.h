/* Python's pickles as data: containers, numbers, texts, and who was to be called with what.  Nothing is ever called: a class or
 * function is a name, and the reader is told which names may stand there at all.
 * Definition: Lib/pickletools.py of Python; the opcodes that PyTorch writes, and those which protocols 2 to 5 add for the same values. */
#ifndef FORMATS_PICKLE_H
#define FORMATS_PICKLE_H

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

/* The names that may stand in the pickle. */
typedef bool pickle_knows(struct span name);

/* The value of one pickle; it lives in the arena, texts are borrowed from `bytes`.  NULL: err names the byte, and what stands there:
 * a name that is not known, an opcode that is none of ours, a stack that is too short, an end too early. */
struct pickle *pickle_read(struct span bytes, pickle_knows *knows, struct arena *arena, struct err *err);

/* What a dict holds under a text, or NULL; NULL also for what is no dict. */
struct pickle *pickle_get(const struct pickle *dict, const char *key);

#endif
