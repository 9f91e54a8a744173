/* cc-score: measures embeddings and reports each score with its protocol. */
#include "tools/cli/tool.h"
#include "tools/score/score.h"

#define METRIC(name, about)                                                                                                                \
	extern const struct metric metric_##name;                                                                                          \
	static int score_##name(int argc, char **argv)                                                                                     \
	{                                                                                                                                  \
		return score_main(&metric_##name, argc, argv);                                                                             \
	}
#include "tools/score/metrics.def"
#undef METRIC

int main(int argc, char **argv)
{
	static const struct tool_verb verbs[] = {
#define METRIC(name, about) { #name, about, score_##name },
#include "tools/score/metrics.def"
#undef METRIC
		{ "summary", "table of mean and standard deviation over several runs", score_summary },
		{ "compare", "paired comparison of two methods over several runs", score_compare },
		{ 0 },
	};

	return tool_verbs("cc-score", "measure embeddings; each score includes its protocol", verbs, argc, argv);
}
