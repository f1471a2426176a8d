/* pgmonkey(1) in troff (man macros), from the same tables as the help. */
#include "cli/help.h"

#include <ctype.h>
#include <string.h>

/* Text that troff shall not read as a request, an escape or a hyphen. */
static void put_roff(struct buf *out, const char *text, size_t len)
{
	bool bold = false;

	if (len && (*text == '.' || *text == '\''))
		buf_puts(out, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			buf_puts(out, "\\e");
		else if (text[i] == '-')
			buf_puts(out, "\\-");
		else if (text[i] == '"')
			buf_puts(out, "\\(dq");
		else if (text[i] == '`') /* `a command` in bold */
			buf_puts(out, (bold = !bold) ? "\\fB" : "\\fR");
		else if (text[i] == '~')
			buf_puts(out, "\\(ti");
		else
			buf_putc(out, text[i]);
	}
}

static void put_text(struct buf *out, const char *text)
{
	put_roff(out, text, strlen(text));
}

static void put_paragraphs(struct buf *out, const char *text)
{
	bool literal = false;

	while (*text) {
		size_t len = strcspn(text, "\n");
		bool now = len ? *text == ' ' : literal && text[1] == ' ';

		if (now != literal)
			buf_puts(out, now ? ".nf\n" : ".fi\n");
		literal = now;
		if (len == 0)
			buf_puts(out, literal ? "\n" : ".PP\n");
		put_roff(out, text, len);
		if (len)
			buf_putc(out, '\n');
		text += len + (text[len] == '\n');
	}
	if (literal)
		buf_puts(out, ".fi\n");
}

static void put_options(const struct cli_option *o, struct buf *out)
{
	for (; o && o->name; o++) {
		buf_puts(out, ".TP\n.B ");
		if (o->letter)
			buf_printf(out, "\\-%c\\fR, \\fB", o->letter);
		buf_puts(out, "\\-\\-");
		put_text(out, o->name);
		if (o->argument)
			buf_printf(out, " \\fI%s\\fR", o->argument);
		buf_putc(out, '\n');
		put_text(out, o->doc);
		for (size_t i = 0; o->choices && o->choices()[i]; i++)
			buf_printf(out, "%s%s", i ? ", " : ": ", o->choices()[i]);
		buf_putc(out, '\n');
	}
}

static void put_commands(struct buf *out)
{
	for (const struct command *const *c = commands; *c; c++) {
		struct buf usage = BUF_INIT;

		command_usage(*c, &usage);
		buf_puts(out, ".SS \"");
		put_roff(out, usage.data, usage.len);
		buf_puts(out, "\"\n");
		buf_free(&usage);
		/* A sentence in the manual, a clause in the table. */
		buf_putc(out, (char)toupper((unsigned char)(*c)->summary[0]));
		put_text(out, (*c)->summary + 1);
		buf_puts(out, ".\n.PP\n");
		put_paragraphs(out, (*c)->help);
		put_options((*c)->options, out);
	}
}

void help_man(struct buf *out)
{
	buf_printf(out, ".TH PGMONKEY 1 \"\" \"pgmonkey %s\" \"PGMonkey\"\n",
	           PGMONKEY_VERSION);
	buf_puts(out, ".SH NAME\npgmonkey \\- chaos engineering for PostgreSQL high "
	              "availability\n"
	              ".SH SYNOPSIS\n.B pgmonkey\n[\\fIOPTION\\fR...] \\fIVERB\\fR "
	              "[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
	              ".SH DESCRIPTION\npgmonkey breaks a PostgreSQL HA cluster on "
	              "purpose, while "
	              "probes play the application, and then proves from its ledger how "
	              "long writes "
	              "and reads were gone and whether one acknowledged write was lost.\n"
	              ".SH OPTIONS\nThese stand before or after the verb.\n");
	put_options(global_options, out);
	buf_puts(out, ".SH VERBS\n");
	put_commands(out);
	buf_puts(out, ".SH FILES\n");
	put_paragraphs(out, help_topics[0].text);
	buf_puts(out, ".SH ENVIRONMENT\n");
	for (const struct variable_doc *v = variable_docs; v->name; v++) {
		buf_printf(out, ".TP\n.B %s\n", v->name);
		put_text(out, v->meaning);
		buf_putc(out, '\n');
	}
	buf_puts(out, ".SH EXIT STATUS\n");
	for (const struct exit_code_doc *e = exit_code_docs; e->name; e++) {
		buf_printf(out, ".TP\n.B %d\n", (int)e->code);
		put_text(out, e->name);
		buf_puts(out, ": ");
		put_text(out, e->meaning);
		buf_putc(out, '\n');
	}
}
