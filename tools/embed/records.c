#include "tools/embed/embed.h"

#include <string.h>

static const char *const pixel_fields[] = { "jpg", "jpeg", "png", "webp", "ppm", "pgm", "rgb.npy", "aug.rgb.npy" };

/* Row i of the features; features NULL: nothing is set. */
static int set_row(struct record *record, const char *name, const struct tensor *features, size_t i, struct err *err)
{
	size_t d = features ? tensor_columns(features) : 0;

	return !features || record_set_tensor(record, name, "<f4", 1, &d, features->data + i * d, err) ? 0 : -1;
}

/* Sets a [rows, d] tensor from row `first` on; rows 0: a vector, for a record whose txt is not a list. */
static int set_rows(struct record *record, const char *name, const struct tensor *features, size_t first, size_t rows, struct err *err)
{
	if (!features || !rows)
		return set_row(record, name, features, first, err);
	const size_t shape[] = { rows, tensor_columns(features) };
	return record_set_tensor(record, name, "<f4", 2, shape, features->data + first * shape[1], err) ? 0 : -1;
}

static int write_record(struct embed *embed, struct record *record, struct err *err)
{
	for (size_t i = 0; !embed->opt.keep && i < sizeof pixel_fields / sizeof *pixel_fields; i++)
		record_remove(record, pixel_fields[i]);
	return stream_write(&embed->tool.out, record, err);
}

static struct tensor *finish(struct embed *embed, struct tensor *features)
{
	return embed->opt.raw ? features : op_l2_normalise(&embed->tape, features);
}

static int embed_group(struct embed *embed, struct record_group *group, const struct groups *groups, struct err *err)
{
	struct clip *clip = embed->checkpoint.clip;
	struct tape *tape = &embed->tape;
	struct tensor *images = NULL, *texts = NULL;

	if (groups->images)
		images = finish(embed, clip_encode_images(tape, clip, group->pixels, group->count));
	if (groups->texts)
		texts = finish(embed, clip_encode_texts(tape, clip, group->ids, group->lengths, group->texts));
	int status = tape->failed ? err_memory(err) : 0;
	size_t text = 0;
	for (size_t i = 0; status == 0 && i < group->count; i++) {
		status = set_row(&group->records[i], "image.npy", images, i, err) ||
					 set_rows(&group->records[i], "text.npy", texts, text, group->captions[i], err) ||
					 write_record(embed, &group->records[i], err)
				 ? -1
				 : 0;
		text += group->captions[i] ? group->captions[i] : 1;
	}
	tape_reset(tape);
	return status;
}

static int embed_groups(struct embed *embed, struct groups *groups, struct err *err)
{
	struct tool *tool = &embed->tool;
	struct record_group *group;
	uint64_t done = 0;

	while ((group = groups_next(groups))) {
		if ((group->marked && stream_write_epoch(&tool->out, group->epoch, err)) ||
			(group->count && embed_group(embed, group, groups, err)))
			return -1;
		done += group->count;
		pthread_mutex_lock(&groups->lock);
		progress_tick(&tool->progress, done, tool->bad, "");
		pthread_mutex_unlock(&groups->lock);
	}
	return 0;
}

int embed_records(struct embed *embed)
{
	struct tool *tool = &embed->tool;
	struct groups groups = { .tool = tool,
		.checkpoint = &embed->checkpoint,
		.images = embed->opt.image,
		.texts = embed->opt.text,
		.batch = (size_t)embed->opt.batch };
	struct err err;

	if (groups_start(&groups, &tool->err))
		return -1;
	int status = embed_groups(embed, &groups, &err);
	if (groups_stop(&groups) == 0 && status)
		tool->err = err;
	else if (status == 0)
		status = groups.status;
	return status;
}
