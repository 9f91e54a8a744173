#include "formats/training/place.h"

#include "formats/text/json.h"

int place_meter_init(struct place_meter *meter, struct err *err)
{
	meter->hash = XXH3_createState();
	if (!meter->hash)
		return err_memory(err);
	XXH3_128bits_reset(meter->hash);
	return 0;
}

void place_meter_free(struct place_meter *meter)
{
	XXH3_freeState(meter->hash);
	meter->hash = NULL;
}

void place_meter_record(struct place_meter *meter, const struct record *record)
{
	XXH3_128bits_update(meter->hash, record->raw.data, record->raw.size);
}

void place_meter_epoch(struct place_meter *meter, uint64_t epoch)
{
	XXH3_128bits_update(meter->hash, &epoch, sizeof epoch);
}

static struct digest digest_now(const struct place_meter *meter)
{
	XXH128_hash_t hash = XXH3_128bits_digest(meter->hash);

	return (struct digest){ hash.high64, hash.low64 };
}

int place_set(struct place *place, const struct place_meter *meter, const struct stream_reader *stream, uint64_t bad,
	const struct value *reasons, struct err *err)
{
	bool unchanged = place->reasons.size && place->bad == bad;

	place->records = stream->records;
	place->epoch = stream->epoch;
	place->digest = digest_now(meter);
	place->bad = bad;
	if (unchanged)
		return 0;
	buf_clear(&place->reasons);
	return json_write(reasons, &place->reasons, err);
}

int place_copy(struct place *to, const struct place *from, struct err *err)
{
	struct buf reasons = to->reasons;

	*to = *from;
	buf_clear(&reasons);
	buf_append_span(&reasons, buf_span(&from->reasons));
	to->reasons = reasons;
	return reasons.failed ? err_memory(err) : 0;
}

void place_free(struct place *place)
{
	buf_free(&place->reasons);
}

int place_check(const struct place *place, const struct place_meter *meter, struct err *err)
{
	if (digest_equal(place->digest, digest_now(meter)))
		return 0;
	return err_set(err,
		"the first %llu records of the stream differ from those of the earlier run; resume with the same stream, or remove the "
		"state to start over",
		(unsigned long long)place->records);
}

int place_reasons(const struct place *place, const struct limits *limits, struct value *reasons, struct arena *arena, struct err *err)
{
	return json_read(buf_span(&place->reasons), limits, arena, reasons, err) ? err_add(err, "reasons") : 0;
}
