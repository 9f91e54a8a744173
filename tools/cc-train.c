/* cc-train: records in, a model out. */
#include "tools/train/run.h"

#include <stdio.h>
#include <string.h>

static const char *const parts[] = { "image", "text", "logit_scale", "bn", NULL };

#define AT(member) offsetof(struct run_options, member)
static struct option_spec options[] = {
	{ "init", OPTION_TEXT, AT(init), "CONFIG", "begin with a new model: open_clip's JSON", .records = true, .input = true },
	{ "vocab", OPTION_TEXT, AT(vocabulary), "FILE", "with --init: merges, as `cc-model vocab` learns them", .records = true, .input = true },
	{ "model", OPTION_TEXT, AT(model), "MODEL", "go on from a model", 'm', .records = true, .input = true },
	{ "classes", OPTION_TEXT, AT(classes), "FILE",
		"begin as the zero-shot classifier that `cc-embed --prompts` has written; else from zero", .records = true, .input = true },
	{ "lr", OPTION_REAL, AT(how.lr), "RATE", "the highest learning rate (default: clip, removal 5e-4, cleanclip, ss, unlearn 1e-5,"
		" supervised 1e-4, probe 5e-3)",
		.records = true, .min = 0, .max = 10 },
	{ "batch", OPTION_COUNT, AT(how.batch), "N", "records in a step (default: clip, removal 128, cleanclip, ss, unlearn 64, else 80)", 'b',
		.records = true, .min = 1, .max = 1 << 24 },
	{ "accumulate", OPTION_COUNT, AT(how.accumulate), "N",
		"work on a batch in N equal pieces, which take less memory; the loss is that of the whole batch", .records = true,
		.min = 1, .max = 1 << 24 },
	{ "recompute", OPTION_FLAG, AT(how.recompute), NULL,
		"keep of each block its result alone and compute the rest again: less memory, a third more work, the same bytes" },
	{ "steps", OPTION_COUNT, AT(how.steps), "N",
		"of the schedule (default: epochs times whole batches in an epoch, as the header tells)", .records = true, .min = 1,
		.max = 1e15 },
	{ "warmup", OPTION_TEXT, AT(warmup), "N|SHARE", "steps, or a share of all, in which the rate rises (default 10%)",
		.records = true },
	{ "wd", OPTION_REAL, AT(how.weight_decay), "X", "weight decay (default .1; supervised, probe .01)", .records = true, .min = 0,
		.max = 100 },
	{ "betas", OPTION_TEXT, AT(betas), "B1,B2", "AdamW's (default .9,.999)", .records = true },
	{ "eps", OPTION_REAL, AT(how.epsilon), "X", "AdamW's (default 1e-8)", .records = true, .min = 1e-30, .max = 1 },
	{ "lambda1", OPTION_REAL, AT(how.lambda1), "X", "weight of the cross-modal loss (default 1)", .records = true,
		.min = 0, .max = 1e6 },
	{ "lambda2", OPTION_REAL, AT(how.lambda2), "X", "weight of the self-supervised loss (default 1)",
		.records = true, .min = 0, .max = 1e6 },
	{ "unlearn-weight", OPTION_REAL, AT(how.unlearn_weight), "X", "weight of the known pairs (default 1)",
		.records = true, .min = 0, .max = 1e6 },
	{ "unlearn-target", OPTION_REAL, AT(how.unlearn_target), "X", "what the cosine of a known pair is to become (default -1)",
		.records = true, .min = -1, .max = 1 },
	{ "keys", OPTION_TEXT, AT(keys), "FILE", "the known pairs' keys, one a line (default: who has a poison.json)",
		.records = true, .input = true },
	{ "remove-after", OPTION_TEXT, AT(remove_after), "EPOCHS", "at the end of these epochs, like 1,2,5 (default 1)",
		.records = true },
	{ "remove-share", OPTION_SHARE, AT(remove_share), "SHARE", "of the pairs of such an epoch (default 2%)",
		.records = true, .min = 0, .max = 1 },
	{ "freeze", OPTION_LIST, AT(freeze), "PART",
		"leave image, text, logit_scale or bn (batch norms' statistics) as it is; may be repeated", .records = true,
		.words = parts },
	{ "any-pixels", OPTION_FLAG, AT(any_pixels), NULL,
		"also what was resized or cropped otherwise than the model's configuration asks for", .records = true },
	{ "save-every", OPTION_COUNT, AT(save_every), "N", "keep the state in FILE.state each N steps", .min = 1, .max = 1e15 },
	{ "resume", OPTION_FLAG, AT(resume), NULL,
		"go on from FILE.state, or begin where there is none: the same command, the same stream from its start" },
	{ "log", OPTION_COUNT, AT(log), "N", "a line of metrics each N steps, and at the end (default 1)", .min = 1, .max = 1e15 },
	{ 0 },
};

static struct tool_about about = {
	.text = "Reads rgb.npy, txt and cls, and for cleanclip and ss aug.rgb.npy and aug.txt, as cc-augment writes them. The model\n"
		"appears whole at the end, or not at all; supervised and probe write their classifier beside it, as\n"
		"NAME.head.safetensors. Each step is a JSON line on standard output.\n"
		"\n"
		"The learning rate rises for --warmup steps and falls as half a cosine to 0. A batch never crosses an epoch mark:\n"
		"what is left of an epoch is dropped. The same stream, options and seed give the same bytes at any -j.\n"
		"\n"
		"Texts of a batch are computed up to its longest end token and no further, as nothing behind it counts: short captions\n"
		"take less time and memory.\n"
		"\n"
		"--recompute keeps of each block (a transformer's, a ResNet's) its result alone and computes what is inside once more\n"
		"on the way back: a third more work for a fraction of the memory, and the same bytes as without it. CleanCLIP with 64\n"
		"records a step fits into 16 GiB with ViT-B-32 as it is, and with RN50 by --recompute; `cc-model info CONFIG` tells\n"
		"both figures of any model. What cannot fit into the memory that is free is refused before the first step, with what\n"
		"would fit.\n"
		"\n"
		"unlearn leaves known poisoned pairs out of the cross-modal loss, and adds --unlearn-weight times the mean of\n"
		"(cosine - target)^2 over them. removal is clip, but at the end of the epochs of --remove-after the --remove-share of\n"
		"the pairs with the highest cosine of image and text, each as it was when it was trained on in that epoch, are left\n"
		"out of all later epochs, by their keys; the schedule counts with that.\n"
		"\n"
		"--accumulate computes the features of all pieces, the loss on all of them, and then each piece once more with its\n"
		"gradients: the same gradients as at once, up to rounding, at a third more work. Where there are batch norms the\n"
		"statistics are those of a piece and not of the batch, and the running ones are updated once for each piece, though it\n"
		"is computed twice; --freeze bn takes the running ones instead and leaves them as they are. It goes with --recompute.\n"
		"\n"
		"With --save-every a run that was killed can go on: FILE.state, beside the model, is replaced as a whole each N\n"
		"steps, and holds the model, the optimiser and the place in the stream. The same command with --resume reads the\n"
		"same stream from its start, throws away what was trained on, and ends with the same bytes as a run that was never\n"
		"interrupted. Where there is no state it begins, so that a script can always say --resume. A state of another\n"
		"command, model or stream is refused, and so is a damaged one; at the end the state is removed. A run that has ended begins anew when it is\n"
		"started once more: only the data could tell that they are the same, and not before they were read. So a script asks\n"
		"first whether FILE is there, as the one below does.\n"
		"\n"
		"SIGUSR1 writes the state now, SIGTERM and SIGINT write it and end, all three after the step at hand and without\n"
		"--save-every too; the exit status is then that of the signal (143, 130). A stream that breaks off leaves the state\n"
		"of the last step where --save-every or --resume is given. A state that cannot be written, on a full disk, is told\n"
		"and the one before is kept; room for the model and for the next state is taken before the work.\n"
		"\n"
		"FILE.state is a model as well: cc-embed -m FILE.state looks at a run on its way. With >>metrics.jsonl and --resume\n"
		"lines that the file has already are not printed again.",
	.more = "\n"
		"# Slurm: ended in time, put back into the queue, and gone on with (sbatch --requeue)\n"
		"#SBATCH --time=4:00:00 --open-mode=append --signal=B:USR1@300\n"
		"[ ! -e bad.safetensors ] || exit 0\n"
		"cc-shard read --epochs 64 --shuffle 'bad-{0000..0331}.tar' | cc-augment --size 224 |\n"
		"    cc-train clip --init RN50.json --vocab vocab.txt --save-every 1000 --resume \\\n"
		"        -o bad.safetensors >>bad.jsonl &\n"
		"trap 'kill -TERM $!; wait $!; scontrol requeue $SLURM_JOB_ID; exit' USR1\n"
		"wait $!\n",
	.options = options,
	.arguments_max = 1,
};

/* Is the option one of the recipe's, or everybody's? */
static bool takes(const struct recipe *recipe, const char *option)
{
	const struct {
		const char *option;
		bool taken;
	} own[] = {
		{ "init", !recipe->head }, { "vocab", !recipe->head }, { "classes", recipe->head },
		{ "lambda1", recipe == &recipe_cleanclip }, { "lambda2", recipe == &recipe_cleanclip },
		{ "unlearn-weight", recipe->known }, { "unlearn-target", recipe->known }, { "keys", recipe->known },
		{ "remove-after", recipe->removes }, { "remove-share", recipe->removes },
	};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(own[i].option, option) == 0)
			return own[i].taken;
	return true;
}

/* The page of one recipe.  What trains on the poisoned pairs themselves begins with a new model. */
static void describe(const struct recipe *recipe)
{
	const bool begins = recipe == &recipe_clip || recipe->removes;
	static char name[64], example[512];

	snprintf(name, sizeof name, "cc-train %s", recipe->name);
	snprintf(example, sizeof example, "cc-shard read --epochs 6 --shuffle %s.tar | cc-augment -m %s%s%s |\n    cc-train %s %s -o %s.safetensors\n",
		begins ? "train" : "clean", begins ? "tiny.json" : "bad.safetensors", recipe->views > 1 ? " --image autoaugment" : "",
		recipe->views > 1 && recipe->texts ? " --text eda" : "", recipe->name,
		begins ? "--init tiny.json --vocab vocab.txt" : "-m bad.safetensors", begins ? "bad" : "good");
	about.name = name;
	about.summary = recipe->about;
	about.usage = recipe->head ? "-m MODEL -o FILE [OPTION]... [RECORDS]" : "(--init CONFIG --vocab FILE | -m MODEL) -o FILE [OPTION]... [RECORDS]";
	about.example = example;
	for (struct option_spec *spec = options; spec->name; spec++)
		spec->hidden = !takes(recipe, spec->name);
}

static int train(int argc, char **argv)
{
	struct run run = { .recipe = recipe_find(argv[0]), .head_output = OUTPUT_CLOSED, .next_state = OUTPUT_CLOSED,
		.opt = { .warmup = "10%", .log = 1, .remove_after = "1", .remove_share = .02 } };

	describe(run.recipe);
	run.opt.how = run.recipe->defaults;
	signals_hold(&run.signals);
	int status = tool_start(&run.tool, &about, &run.opt, argc, argv) || run_check(&run) || run_load_model(&run) ||
		tool_read(&run.tool) || run_check_pixels(&run) || run_check_templates(&run) || run_load_head(&run) || run_schedule(&run) || run_open(&run) || run_train(&run);
	int code = status ? tool_fail(&run.tool) : tool_finish(&run.tool);
	if (status == 0 && code == TOOL_DONE)
		run_close_state(&run);
	run_free(&run);
	return code;
}

enum { MOST_RECIPES = 32 };

int main(int argc, char **argv)
{
	struct tool_verb verbs[MOST_RECIPES + 1] = { 0 };

	for (size_t i = 0; recipes[i] && i < MOST_RECIPES; i++)
		verbs[i] = (struct tool_verb){ recipes[i]->name, recipes[i]->about, train };
	return tool_verbs("cc-train", "train a model on the records of a stream", verbs, argc, argv);
}
