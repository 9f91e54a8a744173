#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool an_allocation_failed;

static void shorten(struct err *err, int wanted)
{
	if (wanted >= ERR_TEXT)
		memcpy(err->text + ERR_TEXT - 4, "...", 4);
}

int err_set(struct err *err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	shorten(err, vsnprintf(err->text, ERR_TEXT, format, args));
	va_end(args);
	return -1;
}

int err_add(struct err *err, const char *format, ...)
{
	char why[ERR_TEXT];
	char where[ERR_TEXT];
	va_list args;

	memcpy(why, err->text, ERR_TEXT);
	va_start(args, format);
	vsnprintf(where, sizeof where, format, args);
	va_end(args);
	return err_set(err, "%s: %s", where, why);
}

int err_errno(struct err *err, const char *format, ...)
{
	const char *why = strerror(errno);
	const bool memory = errno == ENOMEM;
	char what[ERR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (memory)
		memory_set_failed();
	return err_set(err, "%s: %s", what, why);
}

void memory_set_failed(void)
{
	atomic_store(&an_allocation_failed, true);
}

bool memory_failed(void)
{
	return atomic_load(&an_allocation_failed);
}

void memory_forget(bool before)
{
	atomic_store(&an_allocation_failed, before);
}

void *memory_alloc(size_t size)
{
	void *memory = malloc(size);

	if (!memory && size)
		memory_set_failed();
	return memory;
}

int err_memory(struct err *err)
{
	memory_set_failed();
	return err_set(err, "out of memory");
}
