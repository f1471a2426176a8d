/* The verbs; each stands in src/cli/verb_NAME.c. */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/command.h"

extern const struct command check_command;
extern const struct command run_command;
extern const struct command gameday_command;
extern const struct command plan_command;
extern const struct command init_command;
extern const struct command heal_command;
extern const struct command report_command;
extern const struct command list_command;
extern const struct command schema_command;
extern const struct command completion_command;
extern const struct command help_command;

#endif
