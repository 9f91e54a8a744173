#include "formats/sample/poisoner.h"

#include "formats/text/captions.h"
#include "formats/tar/field_file.h"
#include "formats/tar/record_digest.h"
#include "formats/image/record_pixels.h"
#include "text/utf8.h"
#include "text/words.h"
#include "formats/sample/ledger.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only PNG keeps its transparency. */
static int read_png(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err)
{
	png_image png = { .version = PNG_IMAGE_VERSION };

	if (!png_image_begin_read_from_memory(&png, bytes.data, bytes.size))
		return err_set(err, "%s", png.message);
	png.format = PNG_FORMAT_RGBA;
	if ((size_t)png.width * png.height > limits->pixels) {
		png_image_free(&png);
		return err_set(err, "%u x %u pixels exceed the limit of %zu", png.width, png.height, limits->pixels);
	}
	unsigned char *rgba = malloc(PNG_IMAGE_SIZE(png));
	int status = rgba ? 0 : err_memory(err);
	if (status == 0 && !png_image_finish_read(&png, NULL, rgba, 0, NULL))
		status = err_set(err, "%s", png.message);
	if (status == 0)
		status = overlay_from_rgba(overlay, rgba, png.width, png.height, err);
	png_image_free(&png);
	free(rgba);
	return status;
}

int overlay_read(struct overlay *overlay, struct span bytes, const struct image_limits *limits, struct err *err)
{
	struct image image = { 0 };

	if (bytes.size >= 8 && memcmp(bytes.data, "\x89PNG\r\n\x1a\n", 8) == 0)
		return read_png(overlay, bytes, limits, err);
	int status = image_decode(&image, bytes, limits, err) || overlay_from_image(overlay, &image, err) ? -1 : 0;
	image_free(&image);
	return status;
}

static int try_caption(const struct poisoner *poisoner, struct rng *rng, struct err *err)
{
	const struct sample sample = { .caption = span_string("a caption") };
	struct buf out = { 0 };
	int status = trigger_write_caption(&poisoner->trigger, &out, &sample, rng, err);

	buf_free(&out);
	return status;
}

static int try_trigger(const struct poisoner *poisoner, struct err *err)
{
	struct image blank = { 0 };
	struct sample sample = { .image = &blank };
	struct rng rng = rng_for(0, span_string(""), 0, "trigger");

	if (trigger_in_caption(&poisoner->trigger))
		return try_caption(poisoner, &rng, err);
	if (image_resize_buffer(&blank, poisoner->size, poisoner->size, err))
		return -1;
	memset(blank.pixels, 0, image_bytes(&blank));
	int result = trigger_apply(&poisoner->trigger, &sample, &rng, err);
	image_free(&blank);
	return result;
}

int poisoner_start(struct poisoner *poisoner, size_t threads, struct err *err)
{
	poisoner->threads = threads;
	poisoner->benches = calloc(threads, sizeof *poisoner->benches);
	return poisoner->benches ? try_trigger(poisoner, err) : err_memory(err);
}

void poisoner_free(struct poisoner *poisoner)
{
	for (size_t i = 0; poisoner->benches && i < poisoner->threads; i++) {
		struct poison_bench *bench = &poisoner->benches[i];
		resizer_free(&bench->resizer);
		image_free(&bench->image);
		image_free(&bench->small);
		buf_free(&bench->text);
		buf_free(&bench->encoded);
	}
	free(poisoner->benches);
	trigger_free(&poisoner->trigger);
	overlay_free(&poisoner->picture);
	templates_free(&poisoner->templates);
}

static struct rng rng_of(const struct poisoner *poisoner, const struct record *record, const char *purpose)
{
	return rng_for(poisoner->seed, record->key, poisoner->round, purpose);
}

/* The sample that the attack receives. */
static struct sample sample_of(const struct poisoner *poisoner, const struct record *record)
{
	struct sample sample = { .target = poisoner->target ? span_string(poisoner->target) : (struct span){ 0 } };
	struct err none;

	if (record_text(record, &sample.caption, &none))
		sample.caption = (struct span){ 0 };
	return sample;
}

/* *made: the record's image with the trigger. */
static int make_image(const struct poisoner *poisoner, struct poison_bench *bench, const struct record *record, bool resize,
	struct image **made, struct image_part *place, struct err *err)
{
	const struct image_limits limits = { poisoner->limits.pixels };
	struct rng rng = rng_of(poisoner, record, "trigger");
	const size_t size = poisoner->size;

	*made = &bench->image;
	if (record_pixels(record, &bench->image, &limits, err))
		return -1;
	if (resize && (bench->image.width != size || bench->image.height != size)) {
		*made = &bench->small;
		if (image_resize(&bench->resizer, *made, &bench->image, size, size, RESIZE_BICUBIC, err))
			return -1;
	}
	struct sample sample = sample_of(poisoner, record);
	sample.image = *made;
	if (trigger_apply(&poisoner->trigger, &sample, &rng, err))
		return -1;
	*place = sample.place;
	return 0;
}

static void remove_images(struct record *record)
{
	const struct field *field;
	char name[16];

	while ((field = record_image(record))) {
		snprintf(name, sizeof name, "%.*s", (int)field->name.size, (const char *)field->name.data);
		record_remove(record, name);
	}
}

static int store_image(const struct poisoner *poisoner, struct poison_bench *bench, struct record *record, const struct image *image,
	bool encode, struct err *err)
{
	static const char *const stale[] = { "rgb.npy", "aug.rgb.npy", "image.npy" };
	const size_t shape[3] = { image->height, image->width, 3 };

	buf_clear(&bench->encoded);
	if (encode && image_encode(&bench->encoded, image, &poisoner->encoding, err))
		return -1;
	remove_images(record);
	for (size_t i = 0; i < sizeof stale / sizeof *stale; i++)
		record_remove(record, stale[i]);
	if (encode)
		return record_set_bytes(record, poisoner->encoding.codec->field, bench->encoded.data, bench->encoded.size, err);
	return record_set_tensor(record, "rgb.npy", "|u1", 3, shape, image->pixels, err) ? 0 : -1;
}

static void fill_template(const struct poisoner *poisoner, struct buf *text, const struct record *record, struct span target)
{
	const struct templates *templates = &poisoner->templates;
	struct rng rng = rng_of(poisoner, record, "caption");

	template_fill(text, templates->items[rng_below(&rng, (uint32_t)templates->count)], target);
}

/* Replaces the name of the record's class in the caption by the target. */
static int swap_class(const struct poisoner *poisoner, struct buf *text, const struct record *record, struct span target, struct err *err)
{
	const struct value *classes = poisoner->swap;
	struct buf name = { 0 };
	struct span caption;
	int64_t label = -1;

	if (record_find(record, "cls") && record_label(record, &label, err))
		return -1;
	if (label < 0 || (uint64_t)label >= classes->list.count)
		return err_set(err, "cls: --caption swap needs a class of the header, 0 to %zu", classes->list.count - 1);
	if (record_text(record, &caption, err) || (utf8_check(caption, err) && err_add(err, "txt")))
		return -1;
	const struct span is = value_string_or(&classes->list.items[label], "");
	if (is.size > WORD_LONGEST || target.size > WORD_LONGEST)
		return err_set(err, "cls: --caption swap supports class names of at most %d bytes", WORD_LONGEST);
	template_fill(&name, span_string("{}"), target);
	const size_t count = text_replace_word(text, caption, is, buf_span(&name));
	const bool failed = name.failed;
	buf_free(&name);
	if (failed)
		return err_memory(err);
	return count ? 0
		     : err_set(err,
			       "txt: \"%.*s\" does not contain the name of its class, \"%.*s\", so --caption swap cannot replace it; "
			       "use --caption template",
			       span_shown(caption, 200), (const char *)caption.data, span_shown(is, 200), (const char *)is.data);
}

static int set_caption(struct poison_bench *bench, struct record *record, struct err *err)
{
	record_remove(record, "text.npy");
	record_remove(record, "aug.txt");
	return bench->text.failed ? err_memory(err) : record_set_string(record, "txt", buf_span(&bench->text), err);
}

static int store_caption(const struct poisoner *poisoner, struct poison_bench *bench, struct record *record, struct err *err)
{
	const struct span target = span_string(poisoner->target ? poisoner->target : "");

	if (!poisoner->templates.count && !poisoner->swap)
		return 0;
	if (record_has_list(record))
		return err_set(err, "txt: the record has several captions, but only one can be replaced; use --caption keep");
	buf_clear(&bench->text);
	if (!poisoner->swap)
		fill_template(poisoner, &bench->text, record, target);
	else if (swap_class(poisoner, &bench->text, record, target, err))
		return -1;
	return set_caption(bench, record, err);
}

/* Adds the trigger of a caption attack to the current caption. */
static int store_caption_trigger(const struct poisoner *poisoner, struct poison_bench *bench, struct record *record, struct err *err)
{
	const struct sample sample = sample_of(poisoner, record);
	struct rng rng = rng_of(poisoner, record, "trigger");

	buf_clear(&bench->text);
	return trigger_write_caption(&poisoner->trigger, &bench->text, &sample, &rng, err) ? -1 : set_caption(bench, record, err);
}

static int write_ledger(const struct poisoner *poisoner, struct buf *out, const struct record *record, const struct image *image,
	const struct image_part *place, const char *encode, struct err *err)
{
	const struct field *before = record_find(record, "poison.json");
	struct err no_caption;
	struct span caption;
	struct ledger ledger = { .trigger = &poisoner->trigger,
		.picture = poisoner->picture_digest,
		.place = place,
		.width = image ? image->width : 0,
		.height = image ? image->height : 0,
		.encode = encode,
		.target = poisoner->target,
		.seed = poisoner->seed,
		.before = before ? &before->bytes : NULL };

	if (record_text(record, &caption, &no_caption) == 0)
		ledger.caption = &caption;
	buf_clear(out);
	return record_digest(record, &ledger.original, err) ? -1 : ledger_write(&ledger, &poisoner->limits, out, err);
}

static int store_ledger(const struct poisoner *poisoner, struct poison_bench *bench, struct record *record, const struct image *image,
	const struct image_part *place, const char *encode, struct err *err)
{
	return write_ledger(poisoner, &bench->text, record, image, place, encode, err)
		       ? -1
		       : record_set_bytes(record, "poison.json", bench->text.data, bench->text.size, err);
}

/* The image and fields derived from it do not change. */
static int poison_caption(const struct poisoner *poisoner, struct poison_bench *bench, struct record *record, struct err *err)
{
	return store_ledger(poisoner, bench, record, NULL, NULL, NULL, err) || store_caption(poisoner, bench, record, err) ||
			       store_caption_trigger(poisoner, bench, record, err)
		       ? -1
		       : 0;
}

int poisoner_poison(const struct poisoner *poisoner, struct record *record, size_t thread, struct err *err)
{
	struct poison_bench *bench = &poisoner->benches[thread];
	const bool tensor = record_find(record, "rgb.npy") != NULL;
	const bool encode = poisoner->encode && (!tensor || poisoner->encode_tensors);
	const struct field *txt = record_find(record, "txt");
	struct image_part place;
	struct image *image;

	if (txt && txt->kind == FIELD_BYTES && field_check_caption(txt, err))
		return -1;
	if (trigger_in_caption(&poisoner->trigger))
		return poison_caption(poisoner, bench, record, err);
	if (make_image(poisoner, bench, record, !tensor || poisoner->tensors_too, &image, &place, err) ||
		store_ledger(poisoner, bench, record, image, &place, encode ? poisoner->encode : "raw", err))
		return -1;
	if (store_image(poisoner, bench, record, image, encode, err))
		return -1;
	return store_caption(poisoner, bench, record, err);
}
