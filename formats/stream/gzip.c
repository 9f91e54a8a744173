#define ZLIB_CONST
#include "formats/stream/gzip.h"

#include <stdlib.h>
#include <zlib.h>

/* BLOCK: input and output fit into a core's second-level cache. */
enum { BLOCK = 256 << 10, WINDOW_OF_GZIP = 15 + 16 };

struct gzip {
	struct gzip_feed feed;
	z_stream stream;
	bool member_ended;
	bool damaged;
	bool ended;
	unsigned char block[BLOCK];
};

bool gzip_begins(struct span bytes)
{
	return bytes.size > 2 && bytes.data[0] == 0x1f && bytes.data[1] == 0x8b && bytes.data[2] == 8;
}

struct gzip *gzip_open(const struct gzip_feed *feed)
{
	struct gzip *gzip = memory_alloc(sizeof *gzip);

	if (!gzip)
		return NULL;
	gzip->feed = *feed;
	gzip->stream = (z_stream){ 0 };
	gzip->member_ended = gzip->damaged = gzip->ended = false;
	if (inflateInit2(&gzip->stream, WINDOW_OF_GZIP) == Z_OK)
		return gzip;
	free(gzip);
	return NULL;
}

void gzip_close(struct gzip *gzip)
{
	if (gzip)
		inflateEnd(&gzip->stream);
	free(gzip);
}

/* 1: there are compressed bytes; 0: the input has ended. */
static int fill(struct gzip *gzip, struct err *err)
{
	const void *block;

	if (gzip->stream.avail_in)
		return 1;
	ssize_t got = gzip->feed.more(gzip->feed.from, &block, err);
	if (got <= 0)
		return (int)got;
	gzip->stream.next_in = block;
	gzip->stream.avail_in = (uInt)got;
	return 1;
}

/* After a member comes another one, or the end; tapes are padded with zeros. */
static int begin_member(struct gzip *gzip, struct err *err)
{
	bool zero = false;
	int state;

	while ((state = fill(gzip, err)) == 1 && *gzip->stream.next_in == 0) {
		zero = true;
		gzip->stream.next_in++;
		gzip->stream.avail_in--;
	}
	if (state <= 0) {
		gzip->ended = state == 0;
		return state;
	}
	if (zero || *gzip->stream.next_in != 0x1f)
		return err_set(err, "gzip: unexpected data after the end");
	gzip->member_ended = false;
	inflateReset(&gzip->stream);
	return 0;
}

static int inflate_more(struct gzip *gzip, struct err *err)
{
	const int more = gzip->damaged ? 1 : fill(gzip, err);

	if (more <= 0)
		return more ? -1 : err_set(err, "truncated gzip input");
	const int state = gzip->damaged ? Z_DATA_ERROR : inflate(&gzip->stream, Z_NO_FLUSH);
	if (state == Z_MEM_ERROR)
		return err_memory(err);
	gzip->member_ended = state == Z_STREAM_END;
	gzip->damaged = state != Z_OK && state != Z_BUF_ERROR && state != Z_STREAM_END;
	if (!gzip->damaged || gzip->stream.avail_out < BLOCK) /* return what precedes the damage first */
		return 0;
	return err_set(err, "gzip: %s", gzip->stream.msg ? gzip->stream.msg : "damaged");
}

ssize_t gzip_next(struct gzip *gzip, const void **block, struct err *err)
{
	z_stream *stream = &gzip->stream;

	*block = gzip->block;
	stream->next_out = gzip->block;
	stream->avail_out = BLOCK;
	while (!gzip->ended && stream->avail_out == BLOCK)
		if (gzip->member_ended ? begin_member(gzip, err) : inflate_more(gzip, err))
			return -1;
	return BLOCK - (ssize_t)stream->avail_out;
}

static ssize_t feed_span(void *from, const void **block, struct err *err)
{
	struct span *left = from;
	const size_t size = left->size;

	(void)err;
	*block = left->data;
	*left = span_of(left->data + size, 0);
	return (ssize_t)size;
}

int gzip_unpack(struct span bytes, size_t most, struct buf *content, struct err *err)
{
	struct gzip *gzip = gzip_open(&(struct gzip_feed){ feed_span, &bytes });
	const size_t before = content->size;
	const void *block;
	ssize_t size = 0;

	if (!gzip)
		return err_memory(err);
	while (content->size - before <= most && (size = gzip_next(gzip, &block, err)) > 0)
		buf_append(content, block, (size_t)size);
	gzip_close(gzip);
	if (size < 0)
		return -1;
	if (content->size - before > most)
		return err_set(err, "unpacks to more than %zu bytes", most);
	return content->failed ? err_memory(err) : 0;
}
