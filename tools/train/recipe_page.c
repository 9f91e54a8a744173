#include "tools/train/recipe_page.h"

#include "tools/train/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const parts[] = { "image", "text", "logit_scale", "bn", NULL };

#define AT(member) offsetof(struct run_options, member)
/* Options before the recipe's own numbers, and after them.  Their order is that of the arguments in `prog`, which resuming
 * compares. */
static const struct option_spec first_options[] = {
	{ "init", OPTION_TEXT, AT(init), "CONFIG",
		"begin with a new model: open_clip's JSON, or the name of a published architecture (ViT-B-32)", .records = true,
		.input = true },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE",
		"with --init: merges, as `cc-model vocab` learns them, or CLIP's vocabulary in any of its forms", .records = true,
		.input = true },
	{ "model", OPTION_TEXT, AT(model), "MODEL", "model to continue from", 'm', .records = true, .input = true },
	{ "classes", OPTION_TEXT, AT(classes), "FILE",
		"begin as the zero-shot classifier that `cc-embed --prompts` has written; else from zero", .records = true, .input = true },
	{ "lr", OPTION_REAL, AT(how.lr), "RATE", "highest learning rate", .records = true, .min = 0, .max = 10 },
	{ "batch", OPTION_COUNT, AT(how.batch), "N", "records in a step", 'b', .records = true, .min = 1, .max = 1 << 24 },
	{ "accumulate", OPTION_COUNT, AT(how.accumulate), "N",
		"work on a batch in N equal pieces, which take less memory; the loss is that of the whole batch", .records = true, .min = 1,
		.max = 1 << 24 },
	{ "recompute", OPTION_FLAG, AT(how.recompute), NULL,
		"gradient checkpointing: keep only each block's result and compute the rest again; less memory, a third more work, the same bytes" },
	{ "steps", OPTION_COUNT, AT(how.steps), "N",
		"steps of the schedule (default: epochs times whole batches in an epoch, by the header)", .records = true, .min = 1,
		.max = 1e15 },
	{ "warmup", OPTION_TEXT, AT(warmup), "N|SHARE", "steps, or a share of all steps, in which the rate rises (default 10%)",
		.records = true },
	{ "wd", OPTION_REAL, AT(how.weight_decay), "X", "weight decay", .records = true, .min = 0, .max = 100 },
	{ "betas", OPTION_TEXT, AT(betas), "B1,B2", "AdamW's betas", .records = true },
	{ "eps", OPTION_REAL, AT(how.epsilon), "X", "AdamW's epsilon", .records = true, .min = 1e-30, .max = 1 },
	{ "remove-after", OPTION_TEXT, AT(remove_after), "EPOCHS", "epochs at whose end pairs are left out, like 1,2,5 (default 1)",
		.records = true },
	{ 0 },
};
static const struct option_spec last_options[] = {
	{ "keys", OPTION_TEXT, AT(keys), "FILE", "keys of the known pairs, one a line (default: records with a poison.json)",
		.records = true, .input = true },
	{ "freeze", OPTION_LIST, AT(freeze), "PART",
		"do not change image, text, logit_scale or bn (batch norms' statistics); may be repeated", .records = true,
		.words = parts },
	{ "multi-positive", OPTION_FLAG, AT(how.multi_positive), NULL,
		"spread the target of the contrastive loss evenly over all pairs of a batch with the same caption", .records = true },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL, "accept pixels that were not preprocessed as the model's configuration asks",
		.records = true },
	{ "save-every", OPTION_COUNT, AT(save_every), "N", "write the state to FILE.state every N steps", .min = 1, .max = 1e15 },
	{ "resume", OPTION_FLAG, AT(resume), NULL,
		"continue from FILE.state, or begin where it does not exist: the same command, the same stream from its start" },
	{ "log", OPTION_COUNT, AT(log), "N", "print metrics every N steps, and at the end (default 1)", .min = 1, .max = 1e15 },
	{ 0 },
};

static const char shared_text[] =
	"Reads rgb.npy, txt and cls, and for recipes with two views aug.rgb.npy and aug.txt, as cc-augment writes them. The model\n"
	"appears whole at the end, or not at all; recipes with a classifier write it beside the model, as\n"
	"NAME.head.safetensors. Each step is a JSON line on standard output.\n"
	"\n"
	"The learning rate rises for --warmup steps and falls to 0 until the last. A batch never crosses an epoch mark:\n"
	"what is left of an epoch is dropped. The same stream, options and seed give the same bytes at any -j.\n"
	"\n"
	"Texts of a batch are computed up to the longest one's end token: short captions take less time and memory.\n"
	"\n"
	"--recompute keeps only the result of each block (a transformer's, a ResNet's) and computes the rest again in the\n"
	"backward pass: a third more work for a fraction of the memory, and the same bytes as without it. CleanCLIP with 64\n"
	"records a step fits into 16 GiB with ViT-B-32, and with RN50 by --recompute; `cc-model info CONFIG` prints\n"
	"both figures of any model. A step that cannot fit into the free memory is refused before the first one, and the error\n"
	"names what would fit.\n"
	"\n"
	"--accumulate computes the features of all pieces, the loss on all of them, and then each piece once more with its\n"
	"gradients: the same gradients as at once, up to rounding, at a third more work. With batch norms the\n"
	"statistics are those of a piece and not of the batch, and the running ones are updated once for each piece, though it\n"
	"is computed twice; --freeze bn uses the running ones instead and does not change them. It works together with --recompute.\n"
	"\n"
	"With --save-every a run that was killed can be resumed: FILE.state, beside the model, is replaced as a whole every N\n"
	"steps, and holds the model, the optimiser and the place in the stream. The same command with --resume reads the\n"
	"same stream from its start, discards what was trained on, and ends with the same bytes as a run that was never\n"
	"interrupted. Without a state it begins, so that a script can always pass --resume. A state of another\n"
	"command, model or stream is refused, and so is a damaged one; at the end the state is removed. A finished run that is\n"
	"started again begins from the start, because only the data could show that nothing changed. So a script tests\n"
	"first whether FILE exists, as the one below does.\n"
	"\n"
	"SIGUSR1 writes the state now, SIGTERM and SIGINT write it and end the run, all three after the current step and without\n"
	"--save-every too; the exit status is then that of the signal (143, 130). When a stream breaks off, the state of the last\n"
	"step is written if --save-every or --resume is given. A state that cannot be written, on a full disk, is reported\n"
	"and the one before is kept; space for the model and for the next state is allocated before the work.\n"
	"\n"
	"FILE.state is a model as well: cc-embed -m FILE.state evaluates an unfinished run. With >>metrics.jsonl and --resume\n"
	"lines that the file already has are not printed again.";

static const char slurm_example[] = "\n"
				    "# Slurm: stopped in time, requeued and resumed (sbatch --requeue)\n"
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

/* Whether the recipe takes the option: the needs decide, and its own numbers; all others are everyone's. */
static bool takes(const struct recipe *recipe, const char *option)
{
	const struct {
		const char *option;
		bool taken;
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
			return needs[i].taken;
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

/* What the help says after the sentence: the recipe's default. */
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
		spec->hidden = !takes(recipe, from->name);
	}
}

static bool has_option(const struct recipe_page *page, const char *name)
{
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->options[i].name, name) == 0)
			return true;
	return false;
}

/* The numbers of a recipe: this page's own, or another recipe's, which are hidden and refused. */
static void add_numbers(struct recipe_page *page, const struct recipe *recipe, bool own)
{
	for (size_t i = 0; recipe->numbers[i].name && page->count < OPTIONS_MOST; i++) {
		const struct recipe_number *number = &recipe->numbers[i];
		if (has_option(page, number->name))
			continue;
		const bool share = number->kind == RECIPE_SHARE;
		page->options[page->count++] = (struct option_spec){ .name = number->name,
			.kind = share ? OPTION_SHARE : OPTION_REAL,
			.offset = AT(how.numbers) + i * sizeof(double),
			.argument = share ? "SHARE" : "X",
			.about = share ? format(page, "%s (default %g%%)", number->about, 100 * number->value)
				       : format(page, "%s (default %g)", number->about, number->value),
			.records = true,
			.min = number->min,
			.max = number->max,
			.hidden = !own };
	}
}

/* What trains on the poisoned pairs themselves begins with a new model. */
static const char *example(struct recipe_page *page, const struct recipe *recipe)
{
	const bool begins = recipe->pretrains;

	return format(page, "cc-shard read --epochs 6 --shuffle %s.tar | cc-augment -m %s%s%s |\n    cc-train %s %s -o %s.safetensors\n",
		begins ? "train" : "clean", begins ? "tiny.json" : "bad.safetensors", recipe->views > 1 ? " --image autoaugment" : "",
		recipe->views > 1 && recipe->texts ? " --text eda" : "", recipe->name,
		begins ? "--init tiny.json --vocab vocab.txt" : "-m bad.safetensors", begins ? "bad" : "good");
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
	buf_printf(&text, "%s%s%s", recipe->text ? recipe->text : "", recipe->text ? "\n\n" : "", shared_text);
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
			if (takes(*other, option) && strlen(names) + strlen((*other)->name) + 3 < sizeof names)
				strcat(strcat(names, *names ? ", " : ""), (*other)->name);
		return tool_usage(tool, "--%s is not an option of %s; it is for: %s", option, recipe->name, names);
	}
	return 0;
}
