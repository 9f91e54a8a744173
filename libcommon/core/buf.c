#include "core/buf.h"

#include "core/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}

void buf_clear(struct buf *buf)
{
	buf->size = 0;
	buf->failed = false;
}

unsigned char *buf_reserve(struct buf *buf, size_t more)
{
	if (buf->failed || more > SIZE_MAX / 2 - buf->size) {
		buf->failed = true;
		return NULL;
	}
	size_t wanted = buf->size + more;
	if (wanted > buf->capacity) {
		size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
		while (capacity < wanted)
			capacity += capacity / 2;
		unsigned char *data = realloc(buf->data, capacity);
		if (!data) {
			memory_set_failed();
			buf->failed = true;
			return NULL;
		}
		buf->data = data;
		buf->capacity = capacity;
	}
	return buf->data + buf->size;
}

void buf_append(struct buf *buf, const void *data, size_t size)
{
	unsigned char *end = size ? buf_reserve(buf, size) : NULL;

	if (end) {
		memcpy(end, data, size);
		buf->size += size;
	}
}

void buf_append_span(struct buf *buf, struct span span)
{
	buf_append(buf, span.data, span.size);
}

void buf_append_string(struct buf *buf, const char *string)
{
	buf_append(buf, string, strlen(string));
}

void buf_append_byte(struct buf *buf, unsigned char byte)
{
	buf_append(buf, &byte, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int wanted = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *end = wanted < 0 ? NULL : (char *)buf_reserve(buf, (size_t)wanted + 1);
	if (!end) {
		if (wanted < 0) /* vsnprintf allocates for some numbers */
			memory_set_failed();
		buf->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(end, (size_t)wanted + 1, format, args);
	va_end(args);
	buf->size += (size_t)wanted;
}

const char *buf_string(struct buf *buf)
{
	unsigned char *end = buf_reserve(buf, 1);

	if (!end)
		return "";
	*end = 0;
	return (const char *)buf->data;
}

struct span buf_span(const struct buf *buf)
{
	return (struct span){ buf->data, buf->size };
}

struct span span_of(const void *data, size_t size)
{
	return (struct span){ data, size };
}

int span_shown(struct span span, size_t most)
{
	return (int)(span.size < most ? span.size : most);
}

struct span span_string(const char *string)
{
	return (struct span){ (const unsigned char *)string, string ? strlen(string) : 0 };
}

bool span_equal(struct span a, struct span b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool span_is(struct span span, const char *string)
{
	return span_equal(span, span_string(string));
}

bool span_begins(struct span span, struct span begin)
{
	return span.size >= begin.size && (begin.size == 0 || memcmp(span.data, begin.data, begin.size) == 0);
}

int span_compare(struct span a, struct span b)
{
	size_t shorter = a.size < b.size ? a.size : b.size;
	int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

	return order ? order : (a.size > b.size) - (a.size < b.size);
}

char *span_copy_string(struct span span)
{
	char *copy = span.size < SIZE_MAX ? memory_alloc(span.size + 1) : NULL;

	if (copy) {
		if (span.size)
			memcpy(copy, span.data, span.size);
		copy[span.size] = 0;
	}
	return copy;
}
