#include "formats/stream.h"

#include <stdio.h>

void digest_hex(struct digest digest, char hex[33])
{
	snprintf(hex, 33, "%016llx%016llx", (unsigned long long)digest.high, (unsigned long long)digest.low);
}

static int half_parse(uint64_t *half, const unsigned char *digits)
{
	*half = 0;
	for (int i = 0; i < 16; i++) {
		unsigned char c = digits[i];
		unsigned digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16u;
		if (digit > 15)
			return -1;
		*half = *half << 4 | digit;
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
