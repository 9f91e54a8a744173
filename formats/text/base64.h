/* Bytes as text (RFC 4648, section 4: with padding, no line breaks).
 * libb64, GLib and OpenSSL have it too; none is otherwise needed here. */
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H

#include "core/buf.h"
#include "core/err.h"

void base64_encode(struct buf *out, struct span bytes);

/* Appends the bytes.  Anything but canonical base64 is an error: foreign characters, missing padding, stray bits. */
int base64_decode(struct buf *out, struct span text, struct err *err);

#endif
