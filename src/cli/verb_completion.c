/* pgmonkey completion: for shells. */
#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include <string.h>

static int run(const struct invocation *inv)
{
	struct buf out = BUF_INIT;

	if (strcmp(inv->arguments[0], "bash") != 0)
		return usage_error(inv->command,
		                   "there is a completion for bash, not for \"%s\"",
		                   inv->arguments[0]);
	help_bash(&out);
	fputs(out.data, stdout);
	buf_free(&out);
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static const char *const words[] = { "bash", NULL };

const struct command completion_command = {
	.name = "completion",
	.summary = "print the completion script for a shell",
	.arguments = "bash",
	.min_arguments = 1,
	.max_arguments = 1,
	.words = words,
	.help = "    source <(pgmonkey completion bash)\n",
	.run = run,
};
