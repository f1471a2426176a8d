#include "transport/pg_private.h"

#include "base/str.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Copies what stands before the end of the line. */
static void copy_line(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%.*s", (int)strcspn(text, "\n"), text);
}

static void copy_field(char *to, size_t size, const PGresult *result, int field)
{
	const char *value = PQresultErrorField(result, field);

	snprintf(to, size, "%s", value ? value : "");
}

/* What libpq says of a socket that it has closed itself, after a reset. */
static void name_loss(struct pg_error *error)
{
	if (!error->sqlstate[0] && str_eq(error->message, "invalid socket"))
		snprintf(error->message, sizeof error->message, "connection lost");
}

void pg_error_from_result(struct pg_error *error, const PGresult *result)
{
	*error = (struct pg_error){ .sqlstate = "" };
	copy_field(error->sqlstate, sizeof error->sqlstate, result, PG_DIAG_SQLSTATE);
	copy_field(error->severity, sizeof error->severity, result,
	           PG_DIAG_SEVERITY_NONLOCALIZED);
	if (!error->severity[0]) /* before 9.6, and PgBouncer */
		copy_field(error->severity, sizeof error->severity, result,
		           PG_DIAG_SEVERITY);
	copy_field(error->message, sizeof error->message, result,
	           PG_DIAG_MESSAGE_PRIMARY);
	if (!error->message[0])
		copy_line(error->message, sizeof error->message,
		          PQresultErrorMessage(result));
	for (char *c = error->message; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	name_loss(error);
}

static bool is_sqlstate(const char *s)
{
	for (int i = 0; i < 5; i++)
		if (!isdigit((unsigned char)s[i]) && !(s[i] >= 'A' && s[i] <= 'Z'))
			return false;
	return s[5] == ':' && s[6] == ' ';
}

/* "…: FATAL:  57P03: the database system is starting up": points to ":  57P03". */
static const char *find_sqlstate(const char *line, size_t len)
{
	for (const char *s = line; s + 10 < line + len; s++)
		if (strncmp(s, ":  ", 3) == 0 && is_sqlstate(s + 3))
			return s;
	return NULL;
}

static void parse_server_line(struct pg_error *error, const char *line, const char *at)
{
	const char *severity = at;

	while (severity > line &&
	       !(severity[-1] == ' ' && severity - 1 > line && severity[-2] == ':'))
		severity--;
	snprintf(error->severity, sizeof error->severity, "%.*s", (int)(at - severity),
	         severity);
	snprintf(error->sqlstate, sizeof error->sqlstate, "%.5s", at + 3);
	copy_line(error->message, sizeof error->message, at + 10);
}

static bool is_detail(const char *line)
{
	return *line == '\t' || *line == '\n' || !*line || str_starts(line, "DETAIL:") ||
	       str_starts(line, "HINT:") || str_starts(line, "LOCATION:") ||
	       str_starts(line, "CONTEXT:");
}

/*
 * The text may tell of several tries (with TLS and without): the last one counts, but a
 * server's word before a mere loss of connection.
 */
void pg_error_from_text(struct pg_error *error, const char *text)
{
	*error = (struct pg_error){ .sqlstate = "" };
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		const char *at;

		end = strchrnul(line, '\n');
		if (is_detail(line))
			continue;
		at = find_sqlstate(line, (size_t)(end - line));
		if (at)
			parse_server_line(error, line, at);
		else if (!error->sqlstate[0])
			copy_line(error->message, sizeof error->message, line);
	}
	if (!error->message[0])
		snprintf(error->message, sizeof error->message, "connection failed");
	name_loss(error);
}

void pg_keep_error(struct pg_conn *conn, const struct pg_error *error)
{
	if (conn->has_error && conn->error.sqlstate[0] && !error->sqlstate[0])
		return;
	conn->error = *error;
	conn->has_error = true;
}

void pg_keep_message(struct pg_conn *conn, const char *fmt, ...)
{
	struct pg_error error = { .sqlstate = "" };
	va_list args;

	va_start(args, fmt);
	vsnprintf(error.message, sizeof error.message, fmt, args);
	va_end(args);
	pg_keep_error(conn, &error);
}
