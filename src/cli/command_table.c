#include "cli/verbs.h"

const struct command *const commands[] = {
	&init_command,    &check_command,      &run_command,    &plan_command,
	&gameday_command, &heal_command,       &report_command, &list_command,
	&schema_command,  &completion_command, &help_command,   NULL,
};

const struct cli_option global_options[] = {
	{ "state-dir", 0, "DIR",
	  "where ledgers and locks lie, a directory a cluster in it", NULL },
	{ "verbose", 'v', NULL, "say more", NULL },
	{ "quiet", 'q', NULL, "say nothing unless something is wrong", NULL },
	{ "help", 'h', NULL, "help on the verb, or on all", NULL },
	{ "version", 0, NULL, "versions of pgmonkey and of its libraries", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};
