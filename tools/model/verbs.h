#ifndef TOOLS_MODEL_VERBS_H
#define TOOLS_MODEL_VERBS_H

#define VERB(name, about) int model_##name(int argc, char **argv);
#include "tools/model/verbs.def"
#undef VERB

#endif
