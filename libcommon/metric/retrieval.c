#include "metric/retrieval.h"
#include "metric/dot.h"

const size_t retrieval_tops[RETRIEVAL_TOPS] = { 1, 5, 10 };

int retrieval_add(struct retrieval *retrieval, const float *image, const float *text, size_t width, struct err *err)
{
	if (retrieval->n == 0)
		retrieval->width = width;
	if (width != retrieval->width)
		return err_set(err, "embeddings of %zu numbers after some of %zu", width, retrieval->width);
	if (retrieval->n == UINT32_MAX)
		return err_set(err, "more pairs than can be ranked");
	buf_append(&retrieval->images, image, width * sizeof *image);
	buf_append(&retrieval->texts, text, width * sizeof *text);
	if (retrieval->images.failed || retrieval->texts.failed)
		return err_memory(err);
	retrieval->n++;
	return 0;
}

void retrieval_free(struct retrieval *retrieval)
{
	buf_free(&retrieval->images);
	buf_free(&retrieval->texts);
	*retrieval = (struct retrieval){ 0 };
}

struct ranking {
	const float *queries, *gallery; /* [n, width] */
	size_t n, width;
	uint32_t *ranks;
};

/* A piece's queries stay in the cache while the gallery goes by. */
enum { QUERIES_A_PIECE = 32 };

static void rank_piece(void *context, size_t piece, size_t thread)
{
	const struct ranking *ranking = context;
	const size_t width = ranking->width, begin = piece * QUERIES_A_PIECE;
	const size_t end = begin + QUERIES_A_PIECE < ranking->n ? begin + QUERIES_A_PIECE : ranking->n;
	float own[QUERIES_A_PIECE];

	(void)thread;
	for (size_t i = begin; i < end; i++) {
		own[i - begin] = dot(ranking->queries + i * width, ranking->gallery + i * width, width);
		ranking->ranks[i] = 0;
	}
	for (size_t j = 0; j < ranking->n; j++)
		for (size_t i = begin; i < end; i++) {
			float score = dot(ranking->queries + i * width, ranking->gallery + j * width, width);
			ranking->ranks[i] += score > own[i - begin] || (score == own[i - begin] && j < i);
		}
}

static void rank(struct pool *pool, const struct ranking *ranking)
{
	pool_run(pool, (ranking->n + QUERIES_A_PIECE - 1) / QUERIES_A_PIECE, rank_piece, (void *)ranking);
}

static const float *floats(const struct buf *buf)
{
	return (const float *)(const void *)buf->data;
}

void retrieval_image_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *text_ranks)
{
	rank(pool, &(struct ranking){ floats(&retrieval->images), floats(&retrieval->texts), retrieval->n, retrieval->width,
			   text_ranks });
}

void retrieval_text_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *image_ranks)
{
	rank(pool, &(struct ranking){ floats(&retrieval->texts), floats(&retrieval->images), retrieval->n, retrieval->width,
			   image_ranks });
}
