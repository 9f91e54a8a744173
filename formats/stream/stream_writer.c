#include "formats/stream/stream.h"

#include "formats/stream/io.h"

/* Contents below LARGE are collected in the buffer until it holds FLUSH_AT bytes. */
enum { LARGE = 32 << 10, FLUSH_AT = 256 << 10 };

void stream_writer_init(struct stream_writer *writer, int fd)
{
	*writer = (struct stream_writer){ .fd = fd };
}

/* Writes the buffer, then `content`. */
static int write_out(struct stream_writer *writer, struct span content, struct err *err)
{
	if (memory_failed()) /* an allocation failed somewhere: the buffer may be incomplete */
		return err_memory(err);
	const int state = io_write(writer->fd, buf_span(&writer->buffer), content, err);

	buf_clear(&writer->buffer);
	return state && writer->path ? err_add(err, "%s", writer->path) : state;
}

static int flush(struct stream_writer *writer, struct err *err)
{
	return write_out(writer, (struct span){ 0 }, err);
}

static int flush_when_full(struct stream_writer *writer, struct err *err)
{
	if (writer->buffer.failed)
		return err_memory(err);
	return writer->buffer.size >= FLUSH_AT ? flush(writer, err) : 0;
}

int stream_write_header(struct stream_writer *writer, const struct value *header, struct err *err)
{
	value_to_msgpack(header, &writer->buffer);
	if (writer->buffer.failed)
		return err_memory(err);
	return flush(writer, err); /* at once, so that the next program can start up */
}

int stream_write_epoch(struct stream_writer *writer, uint64_t epoch, struct err *err)
{
	msgpack_packer packer;

	packer_init(&packer, &writer->buffer);
	msgpack_pack_map(&packer, 1);
	pack_string(&packer, span_string("cc_epoch"));
	msgpack_pack_uint64(&packer, epoch);
	writer->marked = true;
	return flush_when_full(writer, err);
}

static int write_content(void *context, struct span content, struct err *err)
{
	return write_out(context, content, err);
}

int stream_write(struct stream_writer *writer, const struct record *record, struct err *err)
{
	const struct record_sink sink = { write_content, writer, LARGE };

	if (!writer->marked && stream_write_epoch(writer, 0, err))
		return -1;
	if (record_to_sink(record, &writer->buffer, &sink, err))
		return -1;
	writer->records++;
	return flush_when_full(writer, err);
}

int stream_write_tail(struct stream_writer *writer, const struct stream_tail *tail, struct err *err)
{
	msgpack_packer packer;
	bool bad = tail->bad.kind == VALUE_MAP && tail->bad.list.count;
	bool progs = tail->progs.kind == VALUE_ARRAY && tail->progs.list.count;
	char hex[33];

	packer_init(&packer, &writer->buffer);
	msgpack_pack_map(&packer, 2u + tail->has_digest + bad + progs);
	pack_string(&packer, span_string("cc_end"));
	msgpack_pack_true(&packer);
	pack_string(&packer, span_string("records"));
	msgpack_pack_uint64(&packer, writer->records);
	if (tail->has_digest) {
		digest_hex(tail->digest, hex);
		pack_string(&packer, span_string("digest"));
		pack_string(&packer, span_string(hex));
	}
	if (bad) {
		pack_string(&packer, span_string("bad"));
		value_to_msgpack(&tail->bad, &writer->buffer);
	}
	if (progs) {
		pack_string(&packer, span_string("prog"));
		value_to_msgpack(&tail->progs, &writer->buffer);
	}
	return flush(writer, err);
}

void stream_writer_free(struct stream_writer *writer)
{
	buf_free(&writer->buffer);
}
