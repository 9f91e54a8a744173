/* cc-augment: images as the model takes them, and augmented views of images and captions. */
#include "formats/text/wordnet.h"
#include "formats/sample/augmenter.h"
#include "formats/sample/plugin_list.h"
#include "tools/cli/filter.h"
#include "tools/cli/print.h"
#include "formats/model/model_pixels.h"
#include "formats/stream/facts.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct augment_options {
	const char *model, *resize, *crop, *alpha, *pillow, *augment, *image, *text, *wordnet;
	uint64_t size, fill;
	bool keep, fast, lenient, list, json;
};

enum { NAMES_MOST = 63 };
static const char *image_names[NAMES_MOST + 1], *text_names[NAMES_MOST + 1]; /* main fills them */
static const char *const pillows[] = { "13", "12", NULL };
static const char *const alphas[] = { "drop", "white", NULL };

#define AT(member) offsetof(struct augment_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "MODEL",
		"size, resize, crop and fill as this model's configuration (or a configuration's JSON) tells", 'm', .input = true },
	{ "size", OPTION_COUNT, AT(size), "N",
		"the side of the square that the model takes (default 224; what comes as rgb.npy keeps its size)", 's', .records = true,
		.min = 1, .max = 8192 },
	{ "resize", OPTION_TEXT, AT(resize), "HOW", "bicubic, bilinear or box, as Pillow does it (default bicubic)", 'r', .records = true,
		.choices = resize_filter_names },
	{ "crop", OPTION_TEXT, AT(crop), "WHERE",
		"shorter side to N, then center or random along the longer; squash both; pad: longer side to N (default center)", 'c',
		.records = true, .choices = preprocess_crop_names },
	{ "fill", OPTION_COUNT, AT(fill), "GREY", "with --crop pad: what is put around, 0 to 255 (default 0)", .records = true,
		.max = 255 },
	{ "alpha", OPTION_TEXT, AT(alpha), "HOW",
		"of what is transparent: drop shows the colour below (default), as Pillow's convert(\"RGB\") does; white composites",
		.records = true, .choices = alphas },
	{ "augment", OPTION_TEXT, AT(augment), "POLICY", "change rgb.npy itself: what pre-training sees", 'a', .records = true,
		.words = image_names },
	{ "image", OPTION_TEXT, AT(image), "POLICY",
		"a second view, aug.rgb.npy, made from the image as it came: for CleanCLIP's loss inside images", 'i', .records = true,
		.words = image_names },
	{ "text", OPTION_TEXT, AT(text), "POLICY", "a second caption, aug.txt: for the loss inside texts", 't', .records = true,
		.words = text_names },
	{ "keep", OPTION_FLAG, AT(keep), NULL, "keep the encoded image beside the pixels", 'k', .records = true },
	{ "lenient", OPTION_FLAG, AT(lenient), NULL,
		"keep an image that is truncated or damaged, name and count it; missing pixels are grey", .records = true },
	{ "fast", OPTION_FLAG, AT(fast), NULL,
		"decode JPEG at 1/2, 1/4 or 1/8 of its size where no view needs more pixels: quicker for large images, and not "
		"the same bytes",
		'f', .records = true },
	{ "wordnet", OPTION_TEXT, AT(wordnet), "DIR", "WordNet's files, for eda (default $CC_WORDNET or /usr/share/wordnet)" },
	{ "pillow", OPTION_TEXT, AT(pillow), "VERSION", "13 or 12: whose order of passes, seen in the last bit of long images (default 13)",
		.records = true, .choices = pillows },
	{ "list", OPTION_FLAG, AT(list), NULL, "print the policies with their numbers and ranges", 'l' },
	{ "json", OPTION_FLAG, AT(json), NULL, "with --list: as JSON" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-augment",
	.summary = "pixels as the model takes them, and augmented views",
	.usage = "[-m MODEL | --size N] [--augment|--image|--text POLICY]... [FILE]",
	.text = "Decodes each record's image and writes it as rgb.npy, uint8 [N, N, 3]: byte for byte what torchvision's Resize and\n"
		"CenterCrop make of Pillow's image. The encoded image is dropped (--keep keeps it). A record that has rgb.npy already is\n"
		"taken by that, and keeps its size unless --size or -m is given.\n"
		"\n"
		"-m takes all that from the model that will see the pixels, and the header says what it came to, so that nobody has to\n"
		"repeat it; cc-embed and cc-train refuse pixels that were made otherwise. --resize and --crop given beside it prevail.\n"
		"\n"
		"A POLICY is a name, or a name with numbers (shiftflip:shift=4,flip=0), or several joined by +. autoaugment and rrc work\n"
		"on the image as it was decoded, the others on the small square; the former come first whatever the order.\n"
		"--augment is for pre-training: it changes the image that is learnt. --image leaves that alone and adds a second view of\n"
		"the same picture, without the changes of --augment. Both may be given.\n"
		"\n"
		"--fast leaves the reduction by 2, 4 or 8 to the JPEG decoder, and bicubic does the rest, as long as the image stays at least\n"
		"as large as what is made of it; the picture is the same to the eye. autoaugment then works on the reduced image. rrc wants\n"
		"small parts in all detail, so that with it the image is decoded as a whole, as are other formats than JPEG.\n"
		"\n"
		"What is drawn depends on the seed, the key and the epoch alone. An image that does not decode, or with --text a missing\n"
		"caption, makes a bad record: dropped, counted and named.\n"
		"\n"
		"A truncated or damaged image is a bad record too, even where Pillow keeps it: a JPEG of which libjpeg warns that pixels are\n"
		"missing or wrong, or a progressive one whose last scans are missing. --lenient keeps it if at least one row was decoded.\n"
		"What does not concern the pixels is ignored: a missing end of a JPEG, PNG or WebP, bytes after it, wrong checksums of PNG\n"
		"chunks, padding in a JPEG. The orientation that EXIF gives is ignored, as Pillow, torchvision and open_clip ignore it.",
	.example = "cc-shard read a.tar | cc-augment -m clip.safetensors | cc-view\n"
		   "cc-shard read a.tar | cc-augment --size 32 --augment shiftflip | cc-view\n"
		   "cc-shard read a.tar | cc-augment --size 32 --image strong --text eda | cc-view\n"
		   "cc-augment --list\n",
	.options = options,
	.arguments_max = 1,
};

static enum filter_verdict work(void *context, struct record *record, size_t thread, struct err *err)
{
	const int state = augmenter_augment(context, record, thread, err);

	return state < 0 ? FILTER_BAD : state ? FILTER_MENDED : FILTER_KEEP;
}

static size_t place_of(const char *name, const char *const *names)
{
	size_t place = 0;

	while (strcmp(name, names[place]) != 0)
		place++;
	return place;
}

/* A view without a policy: the image as it is. */
static int add_view(struct tool *tool, struct augmenter *augmenter, const char *field, const char *option, const char *policy)
{
	struct view *view = &augmenter->views[augmenter->view_count++];

	view->field = field;
	if (policy && image_augmentation_parse(&view->augmentation, policy, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return err_add(&tool->err, "%s", option);
	}
	return 0;
}

static int setup_text(struct tool *tool, struct augmenter *augmenter, const struct augment_options *opt, struct wordnet *wordnet)
{
	if (!opt->text)
		return 0;
	augmenter->with_text = true;
	if (text_augmentation_parse(&augmenter->text, opt->text, &tool->err)) {
		tool->exit_code = TOOL_USAGE;
		return err_add(&tool->err, "--text");
	}
	if (!augmenter->text.policy->needs_thesaurus)
		return 0;
	augmenter->text.args.thesaurus = &wordnet->thesaurus;
	return wordnet_open(wordnet, opt->wordnet, &tool->err);
}

/* As if it had been given, unless it was. */
static void stand_in(struct tool *tool, const char *option, const char **variable, const char *word)
{
	if (options_given(&tool->options, option) || strcmp(*variable, word) == 0)
		return;
	*variable = word;
	options_give(&tool->options, option, word);
}

/* What --model stands for: the same options as if they had been written down. */
static int setup_model(struct tool *tool, struct augment_options *opt)
{
	struct preprocess model;
	char *number = arena_zeroed(&tool->arena, 2, 24);

	if (!opt->model)
		return 0;
	if (!number)
		return err_memory(&tool->err);
	if (model_pixels_of_file(&model, opt->model, &tool->err))
		return -1;
	if (options_given(&tool->options, "size") && opt->size != model.size)
		return tool_usage(
			tool, "--size %llu: %s takes %zux%zu pixels", (unsigned long long)opt->size, opt->model, model.size, model.size);
	opt->size = model.size;
	snprintf(number, 24, "%zu", model.size);
	options_give(&tool->options, "size", number);
	stand_in(tool, "resize", &opt->resize, resize_filter_names[model.filter]);
	stand_in(tool, "crop", &opt->crop, preprocess_crop_names[model.crop]);
	if (strcmp(opt->crop, preprocess_crop_names[CROP_PAD]) == 0 && model.fill && !options_given(&tool->options, "fill")) {
		opt->fill = model.fill;
		snprintf(number + 24, 24, "%d", model.fill);
		options_give(&tool->options, "fill", number + 24);
	}
	return 0;
}

static int setup(struct tool *tool, struct augmenter *augmenter, const struct augment_options *opt, struct wordnet *wordnet)
{
	augmenter->preprocess = (struct preprocess){
		.size = (size_t)opt->size,
		.filter = (enum resize_filter)place_of(opt->resize, resize_filter_names),
		.crop = (enum preprocess_crop)place_of(opt->crop, preprocess_crop_names),
		.pillow_12 = strcmp(opt->pillow, "12") == 0,
		.fill = (unsigned char)opt->fill,
	};
	augmenter->on_white = strcmp(opt->alpha, "white") == 0;
	augmenter->tensors_keep_size = !options_given(&tool->options, "size");
	augmenter->keep_encoded = opt->keep;
	augmenter->lenient = opt->lenient;
	augmenter->fast = opt->fast;
	augmenter->seed = tool->seed;
	augmenter->limits.pixels = tool->limits.pixels;
	if (add_view(tool, augmenter, "rgb.npy", "--augment", opt->augment) ||
		(opt->image && add_view(tool, augmenter, "aug.rgb.npy", "--image", opt->image)) ||
		setup_text(tool, augmenter, opt, wordnet))
		return -1;
	return augmenter_start(augmenter, (size_t)tool->jobs, &tool->err);
}

/* Tensors that have the size already stay as they were made. */
static int note_pixels(struct tool *tool, const struct augment_options *opt)
{
	struct pixels made = fact_pixels(&tool->in.header);
	const uint64_t size = made.size && !options_given(&tool->options, "size") ? made.size : opt->size;

	if (size != made.size)
		made = (struct pixels){
			.size = size, .resize = span_string(opt->resize), .crop = span_string(opt->crop), .fill = (unsigned char)opt->fill
		};
	const struct value prog = tool_prog(tool), *args = value_get(&prog, "args");
	return !args || fact_set_pixels(&tool->in.header, &made, *args, &tool->arena) ? err_memory(&tool->err) : 0;
}

static int print_list(struct tool *tool, bool json)
{
	struct buf out = { 0 };

	if (json && policy_list_json(&out, &tool->err))
		return -1;
	if (!json)
		policy_list(&out);
	int result = tool_print(tool, buf_span(&out));
	buf_free(&out);
	return result;
}

int main(int argc, char **argv)
{
	struct augment_options opt = { .resize = "bicubic", .crop = "center", .alpha = "drop", .pillow = "13", .size = 224 };
	struct augmenter augmenter = { 0 };
	struct wordnet wordnet = { 0 };
	struct filter filter = { .work = work, .context = &augmenter };
	struct tool tool;
	int code;

	policy_list_image_names(image_names, NAMES_MOST);
	policy_list_text_names(text_names, NAMES_MOST);
	if (tool_start(&tool, &about, &opt, argc, argv))
		return tool_fail(&tool);
	if (opt.list)
		return print_list(&tool, opt.json) ? tool_fail(&tool) : tool_finish(&tool);
	if (setup_model(&tool, &opt) || setup(&tool, &augmenter, &opt, &wordnet) || tool_read(&tool) || note_pixels(&tool, &opt) ||
		tool_write(&tool) || tool_filter(&tool, &filter))
		code = tool_fail(&tool);
	else
		code = tool_finish(&tool);
	augmenter_free(&augmenter);
	wordnet_close(&wordnet);
	return code;
}
