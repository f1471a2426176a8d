/* pgmonkey help: of a verb, of a topic, or all of it as a manual. */
#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"

#include "base/str.h"

#include <string.h>

static const struct help_topic *topic_find(const char *name)
{
	for (const struct help_topic *t = help_topics; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

static int nothing_known(const struct command *self, const char *word)
{
	const char *names[64] = { NULL };
	const char *near;
	size_t n = 0;

	for (size_t i = 0; n < 60 && commands[i]; i++)
		names[n++] = commands[i]->name;
	for (size_t i = 0; n < 63 && help_topics[i].name; i++)
		names[n++] = help_topics[i].name;
	near = str_nearest(word, names);
	if (near)
		return usage_error(self, "no help on \"%s\" (did you mean %s?)", word,
		                   near);
	return usage_error(self, "no help on \"%s\"", word);
}

static int run(const struct invocation *inv)
{
	const char *word = inv->arguments[0];
	const struct command *command = word ? command_find(word) : NULL;
	const struct help_topic *topic = word ? topic_find(word) : NULL;
	struct buf out = BUF_INIT;

	if (word && !command && !topic)
		return nothing_known(inv->command, word);
	if (invocation_option(inv, "man"))
		help_man(&out);
	else if (invocation_option(inv, "markdown"))
		help_markdown(&out);
	else if (topic)
		help_topic_text(topic, &out);
	else if (command)
		help_command_text(command, &out);
	else
		help_overview(&out);
	fputs(out.data, stdout);
	buf_free(&out);
	return stdout_is_written() ? EXIT_PASS : EXIT_REFUSED;
}

static const struct cli_option options[] = {
	{ "man", 0, NULL, "print the whole manual page in troff", NULL },
	{ "markdown", 0, NULL, "print docs/cli.md", NULL },
	{ NULL, 0, NULL, NULL, NULL },
};

const struct command help_command = {
	.name = "help",
	.summary = "help on a verb or a topic",
	.arguments = "[VERB|files|exit-codes]",
	.options = options,
	.max_arguments = 1,
	.help = "    pgmonkey help run\n"
		"    pgmonkey help exit-codes\n"
		"    pgmonkey help --man | man -l -\n",
	.run = run,
};
