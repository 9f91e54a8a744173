#include "formats/stream/msgpack_scan.h"

enum content { NOTHING, STRING, BINARY, ARRAY, MAP };

/* What a first byte says: how many bytes hold the length, what the length counts, and what else belongs to it. */
struct shape {
	size_t length_bytes;
	enum content content;
	uint64_t fixed; /* the length where the first byte has it; for NOTHING, payload bytes behind the first */
};

static struct shape shape_of(unsigned char first)
{
	static const struct shape long_forms[32] = {
		[0xc4 - 0xc0] = { 1, BINARY, 0 },
		[0xc5 - 0xc0] = { 2, BINARY, 0 },
		[0xc6 - 0xc0] = { 4, BINARY, 0 },
		/* ext: a type byte and the data */
		[0xc7 - 0xc0] = { 1, BINARY, 1 },
		[0xc8 - 0xc0] = { 2, BINARY, 1 },
		[0xc9 - 0xc0] = { 4, BINARY, 1 },
		[0xca - 0xc0] = { 0, NOTHING, 4 },
		[0xcb - 0xc0] = { 0, NOTHING, 8 },
		[0xcc - 0xc0] = { 0, NOTHING, 1 },
		[0xcd - 0xc0] = { 0, NOTHING, 2 },
		[0xce - 0xc0] = { 0, NOTHING, 4 },
		[0xcf - 0xc0] = { 0, NOTHING, 8 },
		[0xd0 - 0xc0] = { 0, NOTHING, 1 },
		[0xd1 - 0xc0] = { 0, NOTHING, 2 },
		[0xd2 - 0xc0] = { 0, NOTHING, 4 },
		[0xd3 - 0xc0] = { 0, NOTHING, 8 },
		[0xd4 - 0xc0] = { 0, NOTHING, 2 },
		[0xd5 - 0xc0] = { 0, NOTHING, 3 },
		[0xd6 - 0xc0] = { 0, NOTHING, 5 },
		[0xd7 - 0xc0] = { 0, NOTHING, 9 },
		[0xd8 - 0xc0] = { 0, NOTHING, 17 },
		[0xd9 - 0xc0] = { 1, STRING, 0 },
		[0xda - 0xc0] = { 2, STRING, 0 },
		[0xdb - 0xc0] = { 4, STRING, 0 },
		[0xdc - 0xc0] = { 2, ARRAY, 0 },
		[0xdd - 0xc0] = { 4, ARRAY, 0 },
		[0xde - 0xc0] = { 2, MAP, 0 },
		[0xdf - 0xc0] = { 4, MAP, 0 },
	};

	if (first <= 0x7f || first >= 0xe0)
		return (struct shape){ 0, NOTHING, 0 };
	if (first <= 0x8f)
		return (struct shape){ 0, MAP, first & 0x0f };
	if (first <= 0x9f)
		return (struct shape){ 0, ARRAY, first & 0x0f };
	if (first <= 0xbf)
		return (struct shape){ 0, STRING, first & 0x1f };
	return long_forms[first - 0xc0];
}

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
	uint64_t number = 0;

	for (size_t i = 0; i < count; i++)
		number = number << 8 | bytes[i];
	return number;
}

static int open_container(struct msgpack_scan *scan, uint64_t values, const struct limits *limits, struct err *err)
{
	if (values > limits->elements)
		return err_set(
			err, "msgpack: a container of %llu values; at most %zu are accepted", (unsigned long long)values, limits->elements);
	if (scan->depth >= limits->depth || scan->depth >= SCAN_DEPTH)
		return err_set(err, "msgpack: nested deeper than %zu", limits->depth);
	scan->missing[scan->depth++] = values;
	return 0;
}

/* One more value is whole: closes every container that it was the last of. */
static void close_containers(struct msgpack_scan *scan)
{
	while (scan->depth && scan->missing[scan->depth - 1] == 0)
		scan->depth--;
}

/* Goes past one value, or past the head of a container. */
static int scan_value(struct msgpack_scan *scan, struct span rest, const struct limits *limits, struct err *err)
{
	struct shape shape = shape_of(rest.data[0]);
	size_t head = 1 + shape.length_bytes;

	if (rest.data[0] == 0xc1)
		return err_set(err, "msgpack: byte 0xc1 is never used");
	if (rest.size < head)
		return 0;
	uint64_t length = shape.length_bytes ? big_endian(rest.data + 1, shape.length_bytes) : shape.fixed;
	bool container = shape.content == ARRAY || shape.content == MAP;
	uint64_t payload = container ? 0 : length + (shape.length_bytes ? shape.fixed : 0);
	if (shape.content == STRING && length > limits->string)
		return err_set(
			err, "msgpack: a string of %llu bytes; at most %zu are accepted", (unsigned long long)length, limits->string);
	if (payload > limits->record - scan->position || head > limits->record - scan->position - payload)
		return err_set(err, "msgpack: a record of more than %zu bytes", limits->record);
	if (rest.size - head < payload)
		return 0;
	if (++scan->elements > limits->elements)
		return err_set(err, "msgpack: more than %zu values in one record", limits->elements);
	scan->position += head + (size_t)payload;
	if (scan->depth)
		scan->missing[scan->depth - 1]--;
	if (container && open_container(scan, shape.content == MAP ? 2 * length : length, limits, err))
		return -1;
	close_containers(scan);
	return 1;
}

/* A signed number of so many bytes, at the lower end of 64 bits. */
static uint64_t widened(uint64_t number, size_t bytes)
{
	const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);

	return (number ^ sign) - sign;
}

static void take_number(struct msgpack_piece *piece, unsigned char first, const unsigned char *behind)
{
	const size_t bytes = (size_t)1 << (first & 3);

	if (first <= 0x7f || first >= 0xe0) {
		piece->kind = first <= 0x7f ? MSGPACK_UNSIGNED : MSGPACK_SIGNED;
		piece->number = widened(first, 1);
	} else if (first >= 0xcc && first <= 0xcf) {
		piece->kind = MSGPACK_UNSIGNED;
		piece->number = big_endian(behind, bytes);
	} else if (first >= 0xd0 && first <= 0xd3) {
		piece->kind = MSGPACK_SIGNED;
		piece->number = widened(big_endian(behind, bytes), bytes);
	}
}

static int take_container(struct msgpack_piece *piece, struct span bytes)
{
	static const struct limits none = { .record = SIZE_MAX, .string = SIZE_MAX, .depth = SCAN_DEPTH, .elements = SIZE_MAX };
	struct msgpack_scan scan;
	struct err ignored;

	msgpack_scan_begin(&scan);
	if (msgpack_scan(&scan, bytes, &none, &ignored) != 1)
		return -1;
	piece->raw = span_of(bytes.data, scan.position);
	return 0;
}

int msgpack_take_head(struct msgpack_piece *piece, struct span bytes)
{
	*piece = (struct msgpack_piece){ .kind = MSGPACK_ELSE };
	if (bytes.size == 0)
		return -1;
	const unsigned char first = bytes.data[0];
	const struct shape shape = shape_of(first);
	piece->head = 1 + shape.length_bytes;
	if (bytes.size < piece->head || first == 0xc1)
		return -1;
	const uint64_t length = shape.length_bytes ? big_endian(bytes.data + 1, shape.length_bytes) : shape.fixed;
	if (shape.content == ARRAY || shape.content == MAP) {
		piece->kind = shape.content == MAP ? MSGPACK_MAP : MSGPACK_ELSE;
		piece->number = length;
		return 0;
	}
	const uint64_t payload = length + (shape.length_bytes ? shape.fixed : 0);
	if (payload > bytes.size - piece->head)
		return -1;
	piece->raw = span_of(bytes.data, piece->head + (size_t)payload);
	piece->content = span_of(bytes.data + piece->head, (size_t)payload);
	if (shape.content == STRING)
		piece->kind = MSGPACK_STRING;
	else if (first >= 0xc4 && first <= 0xc6) /* the other binary ones are ext */
		piece->kind = MSGPACK_BINARY;
	else
		take_number(piece, first, bytes.data + 1);
	return 0;
}

int msgpack_take(struct msgpack_piece *piece, struct span bytes)
{
	if (msgpack_take_head(piece, bytes))
		return -1;
	return piece->raw.size ? 0 : take_container(piece, bytes);
}

void msgpack_scan_begin(struct msgpack_scan *scan)
{
	scan->position = scan->depth = scan->elements = 0;
}

int msgpack_scan(struct msgpack_scan *scan, struct span bytes, const struct limits *limits, struct err *err)
{
	do {
		if (scan->position >= bytes.size)
			return 0;
		int state = scan_value(scan, span_of(bytes.data + scan->position, bytes.size - scan->position), limits, err);
		if (state != 1)
			return state;
	} while (scan->depth);
	return 1;
}
