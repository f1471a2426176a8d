/* Bash completion, written from the table of commands. */
#include "cli/help.h"

#include <string.h>

static void put_words(const char *const *words, struct buf *out)
{
	for (size_t i = 0; words && words[i]; i++)
		buf_printf(out, "%s%s", i ? " " : "", words[i]);
}

static void put_option_names(const struct cli_option *o, struct buf *out)
{
	for (; o && o->name; o++) {
		buf_printf(out, " --%s", o->name);
		if (o->letter)
			buf_printf(out, " -%c", o->letter);
	}
}

/* After an option that takes one of some words, or a file or directory. */
static void put_arguments_of(const struct command *c, struct buf *out)
{
	for (const struct cli_option *o = c->options; o && o->name; o++) {
		if (!o->choices)
			continue;
		buf_printf(out, "\t%s\\ --%s) words=\"", c->name, o->name);
		put_words(o->choices(), out);
		buf_puts(out, "\" ;;\n");
	}
}

/* The verbs, and with help its topics. */
static void put_verbs(bool topics, struct buf *out)
{
	for (const struct command *const *c = commands; *c; c++)
		buf_printf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
	for (const struct help_topic *t = help_topics; topics && t->name; t++)
		buf_printf(out, " %s", t->name);
}

static void put_first_argument(const struct command *c, struct buf *out)
{
	bool help = strcmp(c->name, "help") == 0;

	if (!help && !c->words)
		return;
	buf_printf(out, "\t\t%s\\ *) words=\"", c->name);
	if (help)
		put_verbs(true, out);
	else
		put_words(c->words, out);
	buf_puts(out, "\" ;;\n");
}

void help_bash(struct buf *out)
{
	buf_puts(out, "# bash completion for pgmonkey\n"
	              "_pgmonkey()\n{\n"
	              "\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
	              "prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	              "\tlocal verb='' words='' i\n\n"
	              "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	              "\t\tcase ${COMP_WORDS[i]} in\n"
	              "\t\t--state-dir) ((i++)) ;;\n"
	              "\t\t-*) ;;\n"
	              "\t\t*)\n\t\t\tverb=${COMP_WORDS[i]}\n\t\t\tbreak\n\t\t\t;;\n"
	              "\t\tesac\n\tdone\n"
	              "\tcase \"$verb $prev\" in\n");
	for (const struct command *const *c = commands; *c; c++)
		put_arguments_of(*c, out);
	buf_puts(out, "\tesac\n\tif [[ -z $words ]]; then\n\t\tcase \"$verb $cur\" "
	              "in\n\t\t\\ *) words=\"");
	put_verbs(false, out);
	put_option_names(global_options, out);
	buf_puts(out, "\" ;;\n");
	for (const struct command *const *c = commands; *c; c++) {
		buf_printf(out, "\t\t%s\\ -*) words=\"", (*c)->name);
		put_option_names((*c)->options, out);
		put_option_names(global_options, out);
		buf_puts(out, "\" ;;\n");
		put_first_argument(*c, out);
	}
	buf_puts(out, "\t\tesac\n\tfi\n"
	              "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	              "}\n"
	              "complete -o default -F _pgmonkey pgmonkey\n");
}
