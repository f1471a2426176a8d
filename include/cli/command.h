/*
 * The command line as data: one struct command a verb, listed in src/cli/command_table.c.
 * Dispatch, `help`, "did you mean", bash completion, the manual page and docs/cli.md all
 * come from that table.
 *
 * Options and arguments may stand in any order ("--" ends the options); the options of
 * global_options[] are understood before and after the verb.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct cli_option {
	const char *name;     /* "format", typed as --format */
	char letter;          /* 'f', typed as -f; 0: none */
	const char *argument; /* "FILE"; NULL: it takes none */
	const char *doc;      /* one clause for help, manual and documentation */
	const char *const *(*choices)(
		void); /* NULL-ended words it may be; NULL: anything */
};

#define CLI_MAX_OPTIONS 16

struct invocation;

struct command {
	const char *name;
	const char *summary;   /* one line */
	const char *arguments; /* "CLUSTER SCENARIO", as the usage line shows it */
	const struct cli_option *options; /* ended by name NULL; NULL: none of its own */
	int min_arguments, max_arguments; /* max -1: any number */
	const char *const *words; /* what the first argument may be, NULL: files */
	const char
		*help; /* paragraphs; a line that begins with a blank is kept as it is */
	int (*run)(const struct invocation *); /* returns the exit code */
};

/* One call of the program. Strings are argv's. */
struct invocation {
	const struct command *command;
	char **arguments; /* NULL-ended */
	int argument_count;
	const char *values[CLI_MAX_OPTIONS]; /* as command->options; NULL: not given */
	const char *state_dir;               /* NULL: the default */
	bool verbose, quiet;
	bool help, version;
};

extern const struct command *const commands[];   /* NULL-ended, in the order of help */
extern const struct cli_option global_options[]; /* ended by name NULL */

const struct command *command_find(const char *name); /* NULL if there is none */

/* The option's argument ("" for one without), NULL where it was not given. */
const char *invocation_option(const struct invocation *inv, const char *name);

/* The whole program: parses, dispatches, returns the exit code. */
int cli_main(int argc, char **argv);

/*
 * Says what is wrong with the command line and where to read about it; returns
 * EXIT_BAD_USAGE, so that a verb can end in `return usage_error(…)`.
 */
int usage_error(const struct command *command, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
