#include "train/schedule.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

double schedule_rate(enum schedule schedule, double lr, uint64_t warmup, uint64_t steps, uint64_t step)
{
	if (step < warmup)
		return lr * (double)(step + 1) / (double)warmup;
	if (step >= steps)
		return 0;
	const double done = (double)(step - warmup), all = (double)(steps - warmup);
	if (schedule == SCHEDULE_COSINE)
		return lr * .5 * (1 + cos(pi * done / all));
	return lr * (2 * done < all ? 1 - 1.8 * done / all : .05 * (1 + cos(pi * (2 * done / all - 1))));
}

int schedule_steps(uint64_t records, uint64_t epochs, uint64_t batch, uint64_t *steps, struct err *err)
{
	uint64_t each = records / batch;

	if (each == 0)
		return records > 1 ? err_set(err, "%llu records cannot fill one batch of %llu; use --batch %llu or less",
					     (unsigned long long)records, (unsigned long long)batch, (unsigned long long)records)
				   : err_set(err, "%llu record%s cannot fill one batch of %llu", (unsigned long long)records,
					     records ? "" : "s", (unsigned long long)batch);
	if (epochs > INT64_MAX / each)
		return err_set(err, "%llu epochs of %llu records: too many", (unsigned long long)epochs, (unsigned long long)records);
	*steps = epochs * each;
	return 0;
}

int schedule_warmup(const char *text, uint64_t steps, uint64_t *warmup, struct err *err)
{
	char *end;
	double number = strtod(text, &end);
	bool share = strcmp(end, "%") == 0;

	if (end == text || (*end && !share) || !(number >= 0) || (share ? number > 100 : floor(number) != number || number > 1e15))
		return err_set(err, "'%s' is neither a number of steps nor a share like 10%%", text);
	*warmup = share ? (uint64_t)llround(number / 100 * (double)steps) : (uint64_t)number;
	return 0;
}
