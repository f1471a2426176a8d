/*
 * Help, manual page and documentation, all written from the tables of commands, options,
 * topics and exit codes.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/command.h"

/* What stands beside the verbs: `pgmonkey help exit-codes`. */
struct help_topic {
	const char *name;
	const char *summary;
	const char *text; /* paragraphs, as in struct command */
};
extern const struct help_topic help_topics[]; /* ended by name NULL */

struct exit_code_doc {
	enum exit_code code;
	const char *name;
	const char *meaning;
};
extern const struct exit_code_doc exit_code_docs[]; /* ended by name NULL */

struct variable_doc {
	const char *name;
	const char *meaning;
};
extern const struct variable_doc variable_docs[]; /* environment; ended by name NULL */

void help_overview(struct buf *out);
void help_command_text(const struct command *command, struct buf *out);
void help_topic_text(const struct help_topic *topic, struct buf *out);
void help_man(struct buf *out);      /* pgmonkey(1) in troff */
void help_markdown(struct buf *out); /* docs/cli.md */
void help_bash(struct buf *out);     /* bash completion */

/* "-v, --verbose" or "    --format FORMAT". */
void option_usage(const struct cli_option *option, struct buf *out);

/* "pgmonkey run [OPTION...] CLUSTER SCENARIO" */
void command_usage(const struct command *command, struct buf *out);

#endif
