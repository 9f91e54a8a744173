/* cc-train: trains a model on a record stream. */
#include "tools/train/run.h"

#include <stdio.h>

static int train_recipe(struct run *run, const struct recipe_page *page, int argc, char **argv)
{
	int status = tool_start(&run->tool, &page->about, &run->opt, argc, argv) || recipe_page_check(page, run->recipe, &run->tool) ||
		     run_check(run) || run_load_model(run) || tool_read(&run->tool) || run_check_pixels(run) || run_check_templates(run) ||
		     run_load_head(run) || run_schedule(run) || run_open(run) || run_train(run);
	int code = status ? tool_fail(&run->tool) : tool_finish(&run->tool);

	if (status == 0 && code == TOOL_DONE)
		run_remove_state(run);
	return code;
}

static int train(int argc, char **argv)
{
	struct run run = { .recipe = recipe_find(argv[0]),
		.head_output = OUTPUT_CLOSED,
		.next_state = OUTPUT_CLOSED,
		.opt = { .warmup = "10%", .log = 1, .remove_after = "1" } };
	struct recipe_page page;

	run.opt.train = recipe_defaults(run.recipe);
	signals_defer(&run.signals);
	if (recipe_page_init(&page, run.recipe, &run.tool.err)) {
		fprintf(stderr, "cc-train: %s\n", run.tool.err.text);
		return TOOL_FAILED;
	}
	int code = train_recipe(&run, &page, argc, argv);
	run_free(&run);
	recipe_page_free(&page);
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
