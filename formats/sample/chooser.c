#include "formats/sample/chooser.h"

#include "core/rng.h"
#include "formats/dataset/record_filter.h"

/* In [0, 1) with 53 bits; the same for a key in every epoch, so that a record is poisoned in all epochs or in none. */
static double draw(const struct chooser *chooser, const struct record *record)
{
	struct rng rng = rng_for(chooser->seed, record->key, chooser->round, "choose");

	return (double)(rng_u64(&rng) >> 11) * 0x1p-53;
}

/* Selection sampling (Knuth, The Art of Computer Programming, vol. 2, 3.4.2, algorithm S): each record is chosen with probability
 * (still wanted) / (still to come), which yields exactly the wanted number. */
static int choose_exactly(const struct chooser *chooser, const struct record *record, struct err *err)
{
	if (chooser->seen == chooser->of)
		return err_set(err, "the stream has more than the announced %llu %s; give their number with --of N",
			(unsigned long long)chooser->of, chooser->where.field[0] ? "matching records" : "records");
	double to_come = (double)(chooser->of - chooser->seen);
	return draw(chooser, record) * to_come < (double)(chooser->wanted - chooser->chosen);
}

int chooser_choose(struct chooser *chooser, const struct record *record, struct err *err)
{
	int chosen = 1;

	if (!where_matches(&chooser->where, record))
		return 0;
	switch (chooser->rule) {
	case CHOOSE_EXACTLY: chosen = choose_exactly(chooser, record, err); break;
	case CHOOSE_RATE: chosen = draw(chooser, record) < chooser->rate; break;
	case CHOOSE_KEYS: chosen = key_list_has(&chooser->keys, record->key); break;
	case CHOOSE_ALL: break;
	}
	chooser->seen++;
	chooser->chosen += chosen == 1;
	return chosen;
}

int chooser_finish(const struct chooser *chooser, struct err *err)
{
	if (chooser->rule == CHOOSE_EXACTLY && chooser->seen != chooser->of)
		return err_set(err,
			"the stream has %llu %s, but %llu were announced, so %llu instead of %llu are poisoned; "
			"give the right number with --of N",
			(unsigned long long)chooser->seen, chooser->where.field[0] ? "matching records" : "records",
			(unsigned long long)chooser->of, (unsigned long long)chooser->chosen, (unsigned long long)chooser->wanted);
	return 0;
}

void chooser_free(struct chooser *chooser)
{
	map_free(&chooser->keys);
}
