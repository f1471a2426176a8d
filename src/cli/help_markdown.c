/* docs/cli.md, from the same tables as the help. */
#include "cli/help.h"

#include <ctype.h>

static void put_options(const struct cli_option *o, struct buf *out)
{
	if (!o)
		return;
	buf_puts(out, "\n| option | |\n| --- | --- |\n");
	for (; o->name; o++) {
		buf_puts(out, "| `");
		if (o->letter)
			buf_printf(out, "-%c`, `", o->letter);
		buf_printf(out, "--%s%s%s` | %s", o->name, o->argument ? " " : "",
		           o->argument ? o->argument : "", o->doc);
		for (size_t i = 0; o->choices && o->choices()[i]; i++)
			buf_printf(out, "%s`%s`", i ? ", " : ": ", o->choices()[i]);
		buf_puts(out, " |\n");
	}
}

static void put_command(const struct command *c, struct buf *out)
{
	buf_printf(out, "\n## pgmonkey %s\n\n    ", c->name);
	command_usage(c, out);
	buf_printf(out, "\n\n%c%s.\n\n%s", toupper((unsigned char)c->summary[0]),
	           c->summary + 1, c->help);
	put_options(c->options, out);
}

void help_markdown(struct buf *out)
{
	buf_puts(
		out,
		"# The command line\n\n"
		"Written by `pgmonkey help --markdown`; `make lint` compares it with the "
		"program.\n\n"
		"    pgmonkey [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\n"
		"Options and arguments may stand in any order; `--` ends the options. "
		"These "
		"are understood before and after every verb:\n");
	put_options(global_options, out);
	buf_puts(out, "\n| verb | |\n| --- | --- |\n");
	for (const struct command *const *c = commands; *c; c++)
		buf_printf(out, "| [`%s`](#pgmonkey-%s) | %s |\n", (*c)->name, (*c)->name,
		           (*c)->summary);
	for (const struct command *const *c = commands; *c; c++)
		put_command(*c, out);
	buf_puts(out, "\n## Exit codes\n\n| code | | |\n| --- | --- | --- |\n");
	for (const struct exit_code_doc *e = exit_code_docs; e->name; e++)
		buf_printf(out, "| %d | %s | %s |\n", (int)e->code, e->name, e->meaning);
	buf_puts(out, "\n## Environment\n\n| variable | |\n| --- | --- |\n");
	for (const struct variable_doc *v = variable_docs; v->name; v++)
		buf_printf(out, "| `%s` | %s |\n", v->name, v->meaning);
	buf_puts(out, "\n## Files\n\n");
	buf_puts(out, help_topics[0].text);
}
