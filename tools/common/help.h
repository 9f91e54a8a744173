/* -h, --man and --version, from the same tables that parse. */
#ifndef TOOLS_HELP_H
#define TOOLS_HELP_H

#include "tools/common/tool.h"

void help_print(const struct tool_about *about, const struct option_spec *common);
void help_man(const struct tool_about *about, const struct option_spec *common);
void help_version(const struct tool_about *about);

#endif
