/* The command line of one recipe: options, help and manual page, built from the recipe's declaration. */
#ifndef TOOLS_RECIPE_PAGE_H
#define TOOLS_RECIPE_PAGE_H

#include "tools/cli/tool.h"
#include "train/recipe.h"

struct recipe_page {
	struct tool_about about;
	struct option_spec options[OPTIONS_MOST + 1];
	size_t count;
	struct arena arena; /* of the generated texts */
};

/* -1: no memory.  The caller frees with recipe_page_free. */
int recipe_page_init(struct recipe_page *page, const struct recipe *recipe, struct err *err);
void recipe_page_free(struct recipe_page *page);

/* -1, with usage, if an option was given that only other recipes have. */
int recipe_page_check(const struct recipe_page *page, const struct recipe *recipe, struct tool *tool);

#endif
