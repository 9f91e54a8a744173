/* cc-augment: preprocessed images, and augmented views of images and captions. */
#include "formats/text/wordnet.h"
#include "formats/sample/augmenter.h"
#include "tools/cli/filter.h"
#include "tools/cli/plugin_list.h"
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

static const char *const pillows[] = { "13", "12", NULL };
static const char *const alphas[] = { "drop", "white", NULL };

#define AT(member) offsetof(struct augment_options, member)
static const struct option_spec options[] = {
	{ "model", OPTION_TEXT, AT(model), "MODEL",
		"preprocess as this model or configuration asks: sets --size, --resize, --crop and --fill", 'm', .input = true },
	{ "size", OPTION_COUNT, AT(size), "N",
		"side of the output square, 1 to 8192 pixels (default 224; an image that is already rgb.npy keeps its size)", 's',
		.records = true, .min = 1, .max = 8192 },
	{ "resize", OPTION_TEXT, AT(resize), "FILTER", "resampling filter, as in Pillow: bicubic, bilinear or box (default bicubic)", 'r',
		.records = true, .choices = resize_filter_names },
	{ "crop", OPTION_TEXT, AT(crop), "MODE",
		"center, random: shorter side to N, then crop the longer; squash: both sides to N; pad: longer side to N, then pad the "
		"shorter (default center)",
		'c', .records = true, .choices = preprocess_crop_names },
	{ "fill", OPTION_COUNT, AT(fill), "GREY", "grey level of the padding of --crop pad, 0 to 255 (default 0)", .records = true,
		.max = 255 },
	{ "alpha", OPTION_TEXT, AT(alpha), "MODE",
		"transparent pixels: drop the alpha channel, as Pillow's convert(\"RGB\") does, or composite on white (default drop)",
		.records = true, .choices = alphas },
	{ "augment", OPTION_TEXT, AT(augment), "POLICY", "augment rgb.npy itself, for pre-training", 'a', .records = true,
		.complete = image_policy_complete },
	{ "image", OPTION_TEXT, AT(image), "POLICY", "add a second view of the original image as aug.rgb.npy, for CleanCLIP's image loss",
		'i', .records = true, .complete = image_policy_complete },
	{ "text", OPTION_TEXT, AT(text), "POLICY", "add a second caption as aug.txt, for CleanCLIP's text loss", 't', .records = true,
		.complete = text_policy_complete },
	{ "keep", OPTION_FLAG, AT(keep), NULL, "keep the encoded image next to the pixels", 'k', .records = true },
	{ "lenient", OPTION_FLAG, AT(lenient), NULL,
		"keep truncated and damaged images, with grey for missing pixels; they are reported and counted", .records = true },
	{ "fast", OPTION_FLAG, AT(fast), NULL,
		"decode JPEG at 1/2, 1/4 or 1/8 size where no view needs more; faster for large images, with different bytes", 'f',
		.records = true },
	{ "wordnet", OPTION_TEXT, AT(wordnet), "DIR",
		"folder of WordNet's database, for --text eda (default: $CC_WORDNET, or /usr/share/wordnet)", .environment = "CC_WORDNET" },
	{ "pillow", OPTION_TEXT, AT(pillow), "VERSION",
		"Pillow version whose order of resize passes is used, 13 or 12 (default 13); it can change the last bit of tall images",
		.records = true, .choices = pillows },
	{ "list", OPTION_FLAG, AT(list), NULL, "print the policies with their parameters, ranges and defaults", 'l' },
	{ "json", OPTION_FLAG, AT(json), NULL, "with --list: print JSON" },
	{ 0 },
};

static const struct tool_about about = {
	.name = "cc-augment",
	.summary = "preprocess images for a model, and add augmented views",
	.usage = "[-m MODEL | --size N] [--augment|--image|--text POLICY]... [FILE]",
	.text = "Decodes the image of each record and stores it as rgb.npy, uint8 [N, N, 3], byte for byte as Pillow with torchvision's Resize\n"
		"and CenterCrop would. The encoded image is removed unless --keep is given. If a record already has rgb.npy, that is used;\n"
		"it keeps its size unless --size or -m is given.\n"
		"\n"
		"-m takes the preprocessing from a model; --resize, --crop and --fill override it. The header records the preprocessing,\n"
		"and cc-embed and cc-train refuse pixels that do not match their model.\n"
		"\n"
		"A POLICY is a name, a name with parameters (shiftflip:shift=4,flip=0), or several of these joined with +. autoaugment and\n"
		"rrc work on the decoded image, the other policies on the small square; autoaugment and rrc\n"
		"are always applied first. --augment changes the training image itself. --image leaves it unchanged and adds a second view of the original\n"
		"image, which --augment does not affect. Both can be combined.\n"
		"\n"
		"With --fast the JPEG decoder shrinks the image by 2, 4 or 8 as long as it stays at least as large as every view; the\n"
		"resize filter does the rest. autoaugment then works on the reduced image. The result looks the same but its bytes differ.\n"
		"Other formats are decoded at full size, and so are all images with rrc, which needs the detail.\n"
		"\n"
		"Random choices depend only on the seed, the key and the epoch. A record whose image cannot be decoded, or which has no\n"
		"caption for --text, is bad: it is dropped, reported and counted.\n"
		"\n"
		"Truncated and damaged images are bad records too, even where Pillow accepts them: a JPEG for which libjpeg warns of missing\n"
		"or wrong pixels, or a progressive JPEG without its last scans. --lenient keeps them if at least one row was decoded.\n"
		"Damage that does not affect pixels is ignored: a missing end marker of a JPEG, PNG or WebP, bytes after it, wrong PNG\n"
		"checksums, padding in a JPEG. The EXIF orientation is ignored, as in Pillow, torchvision and open_clip.",
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

	return state < 0 ? FILTER_BAD : state ? FILTER_KEEP_BAD : FILTER_KEEP;
}

static size_t index_of(const char *name, const char *const *names)
{
	size_t i = 0;

	while (strcmp(name, names[i]) != 0)
		i++;
	return i;
}

/* policy NULL: the view is the preprocessed image. */
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

/* Sets a text option that is not on the command line, and records it. */
static void set_default(struct tool *tool, const char *option, const char **variable, const char *word)
{
	if (options_given(&tool->options, option) || strcmp(*variable, word) == 0)
		return;
	*variable = word;
	options_give(&tool->options, option, word);
}

/* --model: sets and records the options that it implies. */
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
			tool, "--size %llu: %s needs %zux%zu pixels", (unsigned long long)opt->size, opt->model, model.size, model.size);
	opt->size = model.size;
	snprintf(number, 24, "%zu", model.size);
	options_give(&tool->options, "size", number);
	set_default(tool, "resize", &opt->resize, resize_filter_names[model.filter]);
	set_default(tool, "crop", &opt->crop, preprocess_crop_names[model.crop]);
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
		.filter = (enum resize_filter)index_of(opt->resize, resize_filter_names),
		.crop = (enum preprocess_crop)index_of(opt->crop, preprocess_crop_names),
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

/* Records the preprocessing in the header.  An input that is already rgb.npy and keeps its size keeps its entry. */
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
