#include "tools/train/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const freezable[] = { "image", "text", "logit_scale", "bn", NULL };

#define AT(member) offsetof(struct run_options, member)
/* Options listed before the recipe's own numbers, and after them.  The order is also that of the arguments in `prog`, which
 * --resume compares: do not change it. */
static const struct option_spec first_options[] = {
	{ "init", OPTION_TEXT, AT(init), "CONFIG",
		"start with a new model: an open_clip JSON file, or the name of a published architecture such as ViT-B-32", .records = true,
		.input = true },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE",
		"vocabulary of the new model, required with --init: merges from `cc-model vocab`, or CLIP's vocabulary in any of its forms",
		.records = true, .input = true },
	{ "model", OPTION_TEXT, AT(model), "MODEL", "model to start from", 'm', .records = true, .input = true },
	{ "classes", OPTION_TEXT, AT(classes), "FILE",
		"start with the zero-shot classifier in FILE, as written by `cc-embed --prompts` (default: start with zeros)",
		.records = true, .input = true },
	{ "lr", OPTION_REAL, AT(train.lr), "RATE", "peak learning rate", .records = true, .min = 0, .max = 10 },
	{ "batch", OPTION_COUNT, AT(train.batch), "N", "records per step", 'b', .records = true, .min = 1, .max = 1 << 24 },
	{ "accumulate", OPTION_COUNT, AT(train.accumulate), "N",
		"split each batch into N equal pieces to save memory; the loss is still that of the whole batch", .records = true, .min = 1,
		.max = 1 << 24 },
	{ "recompute", OPTION_FLAG, AT(train.recompute), NULL,
		"gradient checkpointing: less memory for about a third more work, with identical results" },
	{ "steps", OPTION_COUNT, AT(train.steps), "N",
		"number of steps of the schedule (default: epochs times full batches per epoch, from the stream's header)", .records = true,
		.min = 1, .max = 1e15 },
	{ "warmup", OPTION_TEXT, AT(warmup), "N|SHARE", "steps, or share of all steps, over which the learning rate rises (default 10%)",
		.records = true },
	{ "wd", OPTION_REAL, AT(train.weight_decay), "X", "weight decay", .records = true, .min = 0, .max = 100 },
	{ "betas", OPTION_TEXT, AT(betas), "B1,B2", "AdamW's beta1 and beta2", .records = true },
	{ "eps", OPTION_REAL, AT(train.epsilon), "X", "AdamW's epsilon", .records = true, .min = 1e-30, .max = 1 },
	{ "remove-after", OPTION_TEXT, AT(remove_after), "EPOCHS", "epochs after which pairs are removed, such as 1,2,5 (default 1)",
		.records = true },
	{ 0 },
};
static const struct option_spec last_options[] = {
	{ "keys", OPTION_TEXT, AT(keys), "FILE", "list of the poisoned pairs' keys, one per line (default: pairs with a poison.json)",
		.records = true, .input = true },
	{ "freeze", OPTION_LIST, AT(freeze), "PART",
		"leave PART unchanged: image, text, logit_scale or bn (batch norm statistics); may be repeated", .records = true,
		.words = freezable },
	{ "multi-positive", OPTION_FLAG, AT(train.multi_positive), NULL,
		"spread the target of the contrastive loss evenly over all pairs of a batch that have the same caption", .records = true },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL, "accept pixels that were not preprocessed as the model's configuration asks",
		.records = true },
	{ "save-every", OPTION_COUNT, AT(save_every), "N", "write the state to FILE.state every N steps", .min = 1, .max = 1e15 },
	{ "resume", OPTION_FLAG, AT(resume), NULL,
		"continue from FILE.state, or start if there is none; requires the same command and the same stream from its start" },
	{ "log", OPTION_COUNT, AT(log), "N", "print metrics every N steps and after the last one (default 1)", .min = 1, .max = 1e15 },
	{ 0 },
};

/* Paragraphs of the manual page that follow the recipe's own. */
static const char schedule_text[] =
	"A batch never spans two epochs: at the end of an epoch, records that do not fill a batch are dropped. The same stream, options "
	"and seed give the same bytes at any -j.\n\n";

static const char captions_text[] = "The text tower processes a batch only up to the end of its longest caption, so short captions take "
				    "less time and memory.\n\n";

static const char recompute_text[] =
	"--recompute keeps only the output of each block (of a transformer or a ResNet) and computes the rest again in the backward pass. "
	"It takes a fraction of the memory and about a third more work, and produces the same bytes. ";
static const char info_text[] = "`cc-model info CONFIG` prints the memory of a step with and without it. ";
static const char refusal_text[] =
	"If a step cannot fit into the free memory, the run stops before the first step and the message suggests options that would fit.\n\n";

static const char accumulate_text[] =
	"--accumulate N computes the features of all N pieces, then the loss of the whole batch, then each piece again with its gradients. "
	"The gradients equal those of an unsplit batch up to rounding, for about a third more work. Batch norm computes its statistics "
	"per piece, not per batch, and updates its running statistics once per piece; --freeze bn uses the running statistics and leaves "
	"them unchanged. --accumulate and --recompute can be combined.\n\n";

static const char accumulate_frozen_text[] =
	"--accumulate N computes the features of a batch in N pieces, which takes less memory, and then the loss of the whole batch.\n\n";

static const char state_text[] =
	"With --save-every N, the run writes its state to FILE.state every N steps: the model, the optimiser and the position in the "
	"stream. Each state replaces the previous one atomically. To resume an interrupted run, repeat the command with --resume on the "
	"same stream from its start. It skips the records that were already used and ends with the same bytes as an uninterrupted run. "
	"If there is no state, the run starts normally, so a script can always pass --resume. A state of another command, model or "
	"stream is refused, and so is a damaged one. A completed run removes its state and starts over if it is run again; to avoid "
	"that, a script tests whether FILE exists, as in the example below.\n\n"
	"SIGUSR1 writes the state after the current step. SIGTERM and SIGINT write it and end the run with the signal's exit status (143, "
	"130). Signals work without --save-every too. If the stream ends with an error, the state of the last step is written if "
	"--save-every or --resume is given. If a state cannot be written, for example because the disk is full, the run reports it, "
	"keeps the previous state and continues. Disk space for the model and for the next state is allocated before it is needed.\n\n"
	"FILE.state is also a model: `cc-embed -m FILE.state` evaluates an unfinished run. If standard output is appended to a file "
	"(>>metrics.jsonl), --resume does not repeat lines that the file already contains.";

static const char slurm_example[] = "\n"
				    "# Slurm: save the state before the time limit, requeue and resume (sbatch --requeue)\n"
				    "#SBATCH --time=4:00:00 --open-mode=append --signal=B:USR1@300\n"
				    "[ ! -e bad.safetensors ] || exit 0\n"
				    "cc-shard read --epochs 64 --shuffle 'bad-{0000..0331}.tar' | cc-augment --size 224 |\n"
				    "    cc-train clip --init RN50.json --vocab vocab.txt --save-every 1000 --resume \\\n"
				    "        -o bad.safetensors >>bad.jsonl &\n"
				    "trap 'kill -TERM $!; wait $!; scontrol requeue $SLURM_JOB_ID; exit' USR1\n"
				    "wait $!\n";

static const struct recipe_number *find_number(const struct recipe *recipe, const char *name)
{
	for (const struct recipe_number *number = recipe->numbers; number->name; number++)
		if (strcmp(number->name, name) == 0)
			return number;
	return NULL;
}

/* Whether the recipe has the option.  An option that neither depends on a need nor sets a recipe's number is common to all. */
static bool recipe_has_option(const struct recipe *recipe, const char *option)
{
	const struct {
		const char *option;
		bool present;
	} needs[] = {
		{ "init", recipe_takes_new_model(recipe) },
		{ "vocab", recipe_takes_new_model(recipe) },
		{ "classes", recipe->head },
		{ "keys", recipe->known },
		{ "multi-positive", recipe_takes_multi_positive(recipe) },
		{ "remove-after", recipe->end_of_epoch != NULL },
	};

	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (strcmp(needs[i].option, option) == 0)
			return needs[i].present;
	if (find_number(recipe, option))
		return true;
	for (const struct recipe *const *other = recipes; *other; other++)
		if (find_number(*other, option))
			return false;
	return true;
}

static const char *format(struct recipe_page *page, const char *pattern, ...) __attribute__((format(printf, 2, 3)));
static const char *format(struct recipe_page *page, const char *pattern, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, pattern);
	const int size = vsnprintf(text, sizeof text, pattern, arguments);
	va_end(arguments);
	return arena_string(&page->arena, text, size < 0 ? 0 : (size_t)size < sizeof text ? (size_t)size : sizeof text - 1);
}

/* The option's help with the recipe's default appended. */
static const char *default_text(struct recipe_page *page, const struct recipe *recipe, const struct option_spec *spec)
{
	const struct train_options *defaults = &recipe->defaults;

	if (strcmp(spec->name, "batch") == 0)
		return format(page, "%s (default %llu)", spec->about, (unsigned long long)defaults->batch);
	if (strcmp(spec->name, "lr") == 0)
		return format(page, "%s (default %g)", spec->about, defaults->lr);
	if (strcmp(spec->name, "wd") == 0)
		return format(page, "%s (default %g)", spec->about, defaults->weight_decay);
	if (strcmp(spec->name, "eps") == 0)
		return format(page, "%s (default %g)", spec->about, defaults->epsilon);
	if (strcmp(spec->name, "betas") == 0)
		return format(page, "%s (default %g,%g)", spec->about, defaults->beta1, defaults->beta2);
	return spec->about;
}

static void add_options(struct recipe_page *page, const struct recipe *recipe, const struct option_spec *from)
{
	for (; from->name && page->count < OPTIONS_MOST; from++) {
		struct option_spec *spec = &page->options[page->count++];
		*spec = *from;
		spec->about = default_text(page, recipe, from);
		spec->hidden = !recipe_has_option(recipe, from->name);
	}
}

static bool has_option(const struct recipe_page *page, const char *name)
{
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->options[i].name, name) == 0)
			return true;
	return false;
}

/* Adds options for the numbers of a recipe: shown if they are this page's own, hidden and refused if another recipe's. */
static void add_numbers(struct recipe_page *page, const struct recipe *recipe, bool own)
{
	for (size_t i = 0; recipe->numbers[i].name && page->count < OPTIONS_MOST; i++) {
		const struct recipe_number *number = &recipe->numbers[i];
		if (has_option(page, number->name))
			continue;
		const bool share = number->kind == RECIPE_SHARE;
		page->options[page->count++] = (struct option_spec){ .name = number->name,
			.kind = share ? OPTION_SHARE : OPTION_REAL,
			.offset = AT(train.numbers) + i * sizeof(double),
			.argument = share ? "SHARE" : "X",
			.about = share ? format(page, "%s (default %g%%)", number->about, 100 * number->value)
				       : format(page, "%s (default %g)", number->about, number->value),
			.records = true,
			.min = number->min,
			.max = number->max,
			.hidden = !own };
	}
}

static const char *example(struct recipe_page *page, const struct recipe *recipe)
{

	return format(page, "cc-shard read --epochs 6 --shuffle %s.tar | cc-augment -m %s%s%s |\n    cc-train %s %s -o %s.safetensors\n",
		recipe->pretrains ? "train" : "clean", recipe->pretrains ? "tiny.json" : "bad.safetensors",
		recipe->views > 1 ? " --image autoaugment" : "", recipe->views > 1 && recipe->texts ? " --text eda" : "", recipe->name,
		recipe->pretrains ? "--init tiny.json --vocab vocab.txt" : "-m bad.safetensors", recipe->pretrains ? "bad" : "good");
}

static void describe_files(struct buf *text, const struct recipe *recipe)
{
	buf_printf(text, "Reads the fields rgb.npy%s%s%s, as cc-augment writes them. ",
		recipe->views > 1                 ? ", txt, aug.rgb.npy and"
		: recipe->texts || recipe->labels ? " and"
						  : "",
		recipe->views > 1 ? " aug.txt"
		: recipe->texts   ? " txt"
				  : "",
		recipe->labels ? " cls" : "");
	buf_append_string(text, "FILE is written when the run completes; a run that fails does not change it. ");
	if (recipe->head)
		buf_append_string(text, "The classifier is written to NAME.head.safetensors in the same folder. ");
	buf_append_string(text, "Each step prints a JSON object on a line of standard output.\n\n");
}

static void describe_schedule(struct buf *text, const struct recipe *recipe)
{
	buf_append_string(text, "The learning rate rises linearly for --warmup steps, then falls ");
	buf_append_string(text, recipe->schedule == SCHEDULE_COSINE
					? "to 0 along half a cosine. "
					: "linearly to a tenth over half of the remaining steps, then to 0 along half a cosine. ");
	buf_append_string(text, schedule_text);
}

static void describe(struct buf *text, const struct recipe *recipe)
{
	buf_printf(text, "%s\n\n", recipe->text);
	describe_files(text, recipe);
	describe_schedule(text, recipe);
	if (recipe->texts)
		buf_append_string(text, captions_text);
	if (recipe->parts)
		buf_append_string(text, recompute_text);
	if (recipe->texts)
		buf_append_string(text, info_text);
	buf_append_string(text, refusal_text);
	buf_append_string(text, recipe->parts ? accumulate_text : accumulate_frozen_text);
	buf_append_string(text, state_text);
}

int recipe_page_init(struct recipe_page *page, const struct recipe *recipe, struct err *err)
{
	struct buf text = { 0 };

	*page = (struct recipe_page){ 0 };
	add_options(page, recipe, first_options);
	add_numbers(page, recipe, true);
	for (const struct recipe *const *other = recipes; *other; other++)
		add_numbers(page, *other, false);
	add_options(page, recipe, last_options);
	describe(&text, recipe);
	page->about = (struct tool_about){
		.name = format(page, "cc-train %s", recipe->name),
		.summary = recipe->about,
		.usage = recipe_takes_new_model(recipe) ? "(--init CONFIG --vocab FILE | -m MODEL) -o FILE [OPTION]... [RECORDS]"
							: "-m MODEL -o FILE [OPTION]... [RECORDS]",
		.text = arena_string(&page->arena, text.data, text.size),
		.example = example(page, recipe),
		.more = slurm_example,
		.options = page->options,
		.arguments_max = 1,
	};
	const bool failed = text.failed || page->arena.failed;
	buf_free(&text);
	return failed ? err_memory(err) : 0;
}

void recipe_page_free(struct recipe_page *page)
{
	arena_free(&page->arena);
}

int recipe_page_check(const struct recipe_page *page, const struct recipe *recipe, struct tool *tool)
{
	char names[256] = "";

	for (size_t i = 0; i < page->count; i++) {
		const char *option = page->options[i].name;
		if (!page->options[i].hidden || !options_given(&tool->options, option))
			continue;
		for (const struct recipe *const *other = recipes; *other; other++)
			if (recipe_has_option(*other, option) && strlen(names) + strlen((*other)->name) + 3 < sizeof names)
				strcat(strcat(names, *names ? ", " : ""), (*other)->name);
		return tool_usage(tool, "--%s is not an option of %s; it is for: %s", option, recipe->name, names);
	}
	return 0;
}
