/* Help as plain text for a terminal of 80 columns. */
#include "cli/help.h"

#include <string.h>

#define WIDTH 78

/* One line of text as a paragraph: words, broken before WIDTH, indented from the second. */
static void put_wrapped(struct buf *out, const char *text, size_t len, unsigned indent)
{
	size_t column = indent;
	size_t at = 0;

	while (at < len) {
		size_t word = strcspn(text + at, " \n");

		if (word > len - at)
			word = len - at;
		if (column > indent && column + 1 + word > WIDTH) {
			buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			buf_putc(out, ' ');
			column++;
		}
		buf_add(out, text + at, word);
		column += word;
		at += word;
		at += strspn(text + at, " ");
	}
	buf_putc(out, '\n');
}

static void put_paragraphs(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len == 0)
			buf_putc(out, '\n');
		else if (*text == ' ')
			buf_printf(out, "%.*s\n", (int)len, text);
		else
			put_wrapped(out, text, len, 0);
		text += len + (text[len] == '\n');
	}
}

void option_usage(const struct cli_option *o, struct buf *out)
{
	if (o->letter)
		buf_printf(out, "-%c, ", o->letter);
	else
		buf_puts(out, "    ");
	buf_printf(out, "--%s%s%s", o->name, o->argument ? " " : "",
	           o->argument ? o->argument : "");
}

void command_usage(const struct command *command, struct buf *out)
{
	buf_printf(out, "pgmonkey %s [OPTION...] %s", command->name, command->arguments);
}

/* What a doc does not say itself: the words that it may be. */
static void put_option(const struct cli_option *o, struct buf *out)
{
	struct buf left = BUF_INIT;
	struct buf doc = BUF_INIT;

	option_usage(o, &left);
	buf_puts(&doc, o->doc);
	for (size_t i = 0; o->choices && o->choices()[i]; i++)
		buf_printf(&doc, "%s%s", i ? ", " : ": ", o->choices()[i]);
	buf_printf(out, "  %-22s  ", left.data);
	put_wrapped(out, doc.data, doc.len, 26);
	buf_free(&left);
	buf_free(&doc);
}

static void put_options(const char *title, const struct cli_option *options,
                        struct buf *out)
{
	if (!options)
		return;
	buf_printf(out, "\n%s:\n", title);
	for (; options->name; options++)
		put_option(options, out);
}

void help_overview(struct buf *out)
{
	buf_puts(out, "pgmonkey breaks a PostgreSQL HA cluster on purpose, and proves "
	              "how long it\n"
	              "was gone and what it lost.\n\n"
	              "usage: pgmonkey [OPTION...] VERB [OPTION...] [ARGUMENT...]\n\n");
	for (const struct command *const *c = commands; *c; c++) {
		buf_printf(out, "  %-12s", (*c)->name);
		put_wrapped(out, (*c)->summary, strlen((*c)->summary), 14);
	}
	put_options("Options, before or after the verb", global_options, out);
	buf_puts(out, "\npgmonkey help VERB says more; so do:\n");
	for (const struct help_topic *t = help_topics; t->name; t++)
		buf_printf(out, "  pgmonkey help %-12s  %s\n", t->name, t->summary);
}

void help_command_text(const struct command *command, struct buf *out)
{
	buf_puts(out, "usage: ");
	command_usage(command, out);
	buf_puts(out, "\n\n");
	put_wrapped(out, command->summary, strlen(command->summary), 0);
	buf_putc(out, '\n');
	put_paragraphs(out, command->help);
	put_options("Options", command->options, out);
	put_options("Options of every verb", global_options, out);
}

static void put_exit_codes(struct buf *out)
{
	for (const struct exit_code_doc *e = exit_code_docs; e->name; e++) {
		buf_printf(out, "  %2d  %-18s  ", (int)e->code, e->name);
		put_wrapped(out, e->meaning, strlen(e->meaning), 26);
	}
}

void help_topic_text(const struct help_topic *topic, struct buf *out)
{
	put_paragraphs(out, topic->text);
	if (strcmp(topic->name, "exit-codes") == 0)
		put_exit_codes(out);
}
