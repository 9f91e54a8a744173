/* Base64 with padding and without line breaks (RFC 4648, section 4). */
#ifndef TEXT_BASE64_H
#define TEXT_BASE64_H

#include "core/buf.h"
#include "core/err.h"

void base64_encode(struct buf *out, struct span bytes);

/* Appends the decoded bytes.  Only canonical base64 is accepted: other characters, missing padding and unused bits are errors. */
int base64_decode(struct buf *out, struct span text, struct err *err);

#endif
