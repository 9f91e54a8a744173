/* cc-model: makes, converts and describes models. */
#include "tools/cli/tool.h"
#include "tools/model/verbs.h"

int main(int argc, char **argv)
{
	static const struct tool_verb verbs[] = {
#define VERB(name, about) { #name, about, model_##name },
#include "tools/model/verbs.def"
#undef VERB
		{ 0 },
	};

	return tool_verbs("cc-model", "make, convert and describe models", verbs, argc, argv);
}
