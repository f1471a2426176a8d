#include "transport/pg_private.h"

#include "base/buf.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/*
 * libpq quotes what it did not understand, and that may be the second word of a password
 * or a whole URL: only names of options are passed on.
 */
static bool explain(const char *conninfo, const char *message, struct err *err)
{
	static const char *const harmless[] = { "invalid connection option",
		                                "invalid URI query parameter" };
	const char *quoted = strchr(message, '"');
	bool url = str_starts(conninfo, "postgresql://") ||
	           str_starts(conninfo, "postgres://");

	err_set(err, "not a conninfo: %.*s",
	        (int)(quoted ? quoted - message : (ptrdiff_t)strcspn(message, "\n")),
	        message);
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		if (str_starts(message, harmless[i]))
			err_set(err, "not a conninfo: %.*s", (int)strcspn(message, "\n"),
			        message);
	for (size_t end = strlen(err->message);
	     end && strchr(" :(", err->message[end - 1]);)
		err->message[--end] = '\0';
	if (!url)
		return err_hint(err,
		                "write \"host=… port=… dbname=… user=…\" or "
		                "\"postgresql://user@host:port/dbname\"; quote values "
		                "with spaces: password='two words'");
	return err_hint(err, "an IPv6 address in a URL stands in [ ], "
	                     "and special characters are %%-encoded");
}

PQconninfoOption *pg_parse_options(const char *conninfo, struct err *err)
{
	char *message = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &message);

	if (!options)
		explain(conninfo, message ? message : "out of memory", err);
	PQfreemem(message);
	return options;
}

/* One value of a conninfo, in quotes where libpq needs them. */
static void add_value(struct buf *b, const char *value)
{
	bool plain = *value && !strpbrk(value, " '\\\t\n\r\f\v");

	if (!plain)
		buf_putc(b, '\'');
	for (; *value; value++) {
		if (*value == '\'' || *value == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *value);
	}
	if (!plain)
		buf_putc(b, '\'');
}

char *pg_scrub_conninfo(const char *conninfo)
{
	struct err ignored = { 0 };
	PQconninfoOption *options = pg_parse_options(conninfo, &ignored);
	struct buf b = BUF_INIT;

	if (!options)
		return xstrdup("(not a conninfo)");
	for (PQconninfoOption *o = options; o->keyword; o++) {
		/* "*": libpq's mark of what must be hidden on input. */
		bool secret = o->dispchar[0] == '*' || strstr(o->keyword, "password");

		if (!o->val)
			continue;
		buf_printf(&b, "%s%s=", b.len ? " " : "", o->keyword);
		add_value(&b, secret ? "***" : o->val);
	}
	PQconninfoFree(options);
	return buf_steal(&b);
}

char *pg_quote_identifier(const char *name)
{
	struct buf b = BUF_INIT;

	buf_putc(&b, '"');
	for (; *name; name++) {
		if (*name == '"')
			buf_putc(&b, '"');
		buf_putc(&b, *name);
	}
	buf_putc(&b, '"');
	return buf_steal(&b);
}

/* E'' says what backslashes mean whatever standard_conforming_strings is. */
char *pg_quote_literal(const char *text)
{
	struct buf b = BUF_INIT;

	buf_puts(&b, strchr(text, '\\') ? "E'" : "'");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_putc(&b, *text);
		buf_putc(&b, *text);
	}
	buf_putc(&b, '\'');
	return buf_steal(&b);
}
