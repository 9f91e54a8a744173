#include "train/group.h"

struct rows group_gather(const struct group *group, struct tape *tape, struct tensor *own)
{
	(void)group;
	(void)tape;
	return (struct rows){ .own = own, .all = own, .first = 0 };
}

int group_reduce(const struct group *group, float *gradients, size_t count, struct err *err)
{
	(void)group;
	(void)gradients;
	(void)count;
	(void)err;
	return 0;
}

int group_agree(const struct group *group, bool *more, struct err *err)
{
	(void)group;
	(void)more;
	(void)err;
	return 0;
}
