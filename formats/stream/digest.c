#include "formats/stream/digest.h"

#include <stdio.h>
#include <string.h>

void digest_hex(struct digest digest, char hex[33])
{
	snprintf(hex, 33, "%016llx%016llx", (unsigned long long)digest.high, (unsigned long long)digest.low);
}

static int half_parse(uint64_t *half, const unsigned char *digits)
{
	static const char hexadecimal[] = "0123456789abcdef";

	*half = 0;
	for (int i = 0; i < 16; i++) {
		const char *digit = digits[i] ? strchr(hexadecimal, digits[i]) : NULL;
		if (!digit)
			return -1;
		*half = *half << 4 | (uint64_t)(digit - hexadecimal);
	}
	return 0;
}

int digest_parse(struct digest *digest, struct span hex)
{
	return hex.size != 32 || half_parse(&digest->high, hex.data) || half_parse(&digest->low, hex.data + 16) ? -1 : 0;
}

struct digest digest_sum(struct digest a, struct digest b)
{
	struct digest sum = { .high = a.high + b.high, .low = a.low + b.low };

	sum.high += sum.low < a.low;
	return sum;
}

bool digest_equal(struct digest a, struct digest b)
{
	return a.high == b.high && a.low == b.low;
}
