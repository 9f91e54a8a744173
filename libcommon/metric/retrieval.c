#include "metric/retrieval.h"
#include "metric/vectors.h"

const size_t retrieval_tops[RETRIEVAL_TOPS] = { 1, 5, 10 };

static int check_width(struct retrieval *retrieval, size_t width, struct err *err)
{
	if (retrieval->images == 0)
		retrieval->width = width;
	if (width != retrieval->width)
		return err_set(err, "embeddings of %zu numbers after some of %zu", width, retrieval->width);
	if (retrieval->images == UINT32_MAX || retrieval->texts == UINT32_MAX)
		return err_set(err, "more pairs than can be ranked");
	return 0;
}

int retrieval_add_image(struct retrieval *retrieval, const float *image, size_t width, struct err *err)
{
	if (check_width(retrieval, width, err))
		return -1;
	buf_append(&retrieval->image_rows, image, width * sizeof *image);
	if (retrieval->image_rows.failed)
		return err_memory(err);
	retrieval->images++;
	return 0;
}

int retrieval_add_text(struct retrieval *retrieval, const float *text, size_t width, size_t image, struct err *err)
{
	const uint32_t owner = (uint32_t)image;

	if (check_width(retrieval, width, err))
		return -1;
	buf_append(&retrieval->text_rows, text, width * sizeof *text);
	buf_append(&retrieval->owners, &owner, sizeof owner);
	if (retrieval->text_rows.failed || retrieval->owners.failed)
		return err_memory(err);
	retrieval->texts++;
	return 0;
}

void retrieval_free(struct retrieval *retrieval)
{
	buf_free(&retrieval->image_rows);
	buf_free(&retrieval->text_rows);
	buf_free(&retrieval->owners);
	*retrieval = (struct retrieval){ 0 };
}

struct ranking {
	size_t images, texts, width;
	const float *image_rows, *text_rows;
	const uint32_t *owners;
	uint32_t *ranks;
};

/* A piece's queries stay in the cache while the gallery goes by. */
enum { QUERIES_A_PIECE = 32 };

static size_t piece_end(size_t begin, size_t n)
{
	return begin + QUERIES_A_PIECE < n ? begin + QUERIES_A_PIECE : n;
}

static void rank_texts(void *context, size_t piece, size_t thread)
{
	const struct ranking *ranking = context;
	const size_t width = ranking->width, begin = piece * QUERIES_A_PIECE, end = piece_end(begin, ranking->texts);
	const float *texts = ranking->text_rows, *images = ranking->image_rows;
	float own[QUERIES_A_PIECE];

	(void)thread;
	for (size_t i = begin; i < end; i++) {
		own[i - begin] = dot(texts + i * width, images + ranking->owners[i] * width, width);
		ranking->ranks[i] = 0;
	}
	for (size_t j = 0; j < ranking->images; j++)
		for (size_t i = begin; i < end; i++) {
			const float score = dot(texts + i * width, images + j * width, width);
			ranking->ranks[i] += score > own[i - begin] || (score == own[i - begin] && j < ranking->owners[i]);
		}
}

/* The nearest of each image's own texts; of equal ones the first. */
struct best {
	float score;
	size_t text;
};

static void find_best(const struct ranking *ranking, size_t begin, size_t end, struct best *best)
{
	const size_t width = ranking->width;

	for (size_t i = begin; i < end; i++)
		best[i - begin].text = SIZE_MAX;
	for (size_t j = 0; j < ranking->texts; j++) {
		const size_t i = ranking->owners[j];
		if (i < begin || i >= end)
			continue;
		const float score = dot(ranking->image_rows + i * width, ranking->text_rows + j * width, width);
		struct best *own = &best[i - begin];
		if (own->text == SIZE_MAX || score > own->score)
			*own = (struct best){ score, j };
	}
}

static void rank_images(void *context, size_t piece, size_t thread)
{
	const struct ranking *ranking = context;
	const size_t width = ranking->width, begin = piece * QUERIES_A_PIECE, end = piece_end(begin, ranking->images);
	struct best best[QUERIES_A_PIECE];

	(void)thread;
	find_best(ranking, begin, end, best);
	for (size_t i = begin; i < end; i++)
		ranking->ranks[i] = 0;
	for (size_t j = 0; j < ranking->texts; j++)
		for (size_t i = begin; i < end; i++) {
			const float score = dot(ranking->image_rows + i * width, ranking->text_rows + j * width, width);
			const struct best *own = &best[i - begin];
			ranking->ranks[i] += score > own->score || (score == own->score && j < own->text);
		}
}

static struct ranking ranking_of(const struct retrieval *retrieval, uint32_t *ranks)
{
	return (struct ranking){ .images = retrieval->images, .texts = retrieval->texts, .width = retrieval->width,
		.image_rows = (const float *)(const void *)retrieval->image_rows.data,
		.text_rows = (const float *)(const void *)retrieval->text_rows.data,
		.owners = (const uint32_t *)(const void *)retrieval->owners.data, .ranks = ranks };
}

void retrieval_image_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *text_ranks)
{
	struct ranking ranking = ranking_of(retrieval, text_ranks);

	pool_run(pool, (ranking.images + QUERIES_A_PIECE - 1) / QUERIES_A_PIECE, rank_images, &ranking);
}

void retrieval_text_ranks(const struct retrieval *retrieval, struct pool *pool, uint32_t *image_ranks)
{
	struct ranking ranking = ranking_of(retrieval, image_ranks);

	pool_run(pool, (ranking.texts + QUERIES_A_PIECE - 1) / QUERIES_A_PIECE, rank_texts, &ranking);
}
