#include "transport/pg_private.h"

#include "base/str.h"

#include <poll.h>
#include <string.h>

/* A TLS record is larger than what libpq may have room for: what is left of it makes no
 * socket ready. */
#define READS_PER_WAKE 3

static bool is_fatal(const struct pg_error *error)
{
	return str_eq(error->severity, "FATAL") || str_eq(error->severity, "PANIC");
}

void pg_notice_receiver(void *arg, const PGresult *result)
{
	struct pg_conn *conn = arg;
	struct pg_error notice;

	pg_error_from_result(&notice, result);
	if (is_fatal(&notice)) { /* an idle session is told to go: 57P01 */
		conn->farewell = notice;
		conn->server_gone = true;
		return;
	}
	if (conn->notice_count == PG_MAX_NOTICES) {
		conn->notice_count--;
		memmove(conn->notices, conn->notices + 1,
		        conn->notice_count * sizeof *conn->notices);
	}
	conn->notices[conn->notice_count++] = notice;
}

/* Reads what has come; false when the connection is over. */
static bool read_input(struct pg_conn *conn)
{
	bool open = true;

	for (int i = 0; open && i < (PQsslInUse(conn->pg) ? READS_PER_WAKE : 1); i++)
		open = PQconsumeInput(conn->pg) == 1;
	return open && PQstatus(conn->pg) == CONNECTION_OK;
}

/*
 * A crash and an immediate shutdown are told in a WARNING, and so is the end of a session
 * whose commit waits for a standby; nothing but the end of the connection follows.
 */
static const struct pg_error *last_word(const struct pg_conn *conn)
{
	const struct pg_error *last =
		conn->notice_count ? &conn->notices[conn->notice_count - 1] : NULL;

	if (conn->farewell.sqlstate[0] || !last || !str_starts(last->sqlstate, "57P0"))
		return &conn->farewell;
	return last;
}

static void lost(struct pg_conn *conn)
{
	const char *text = PQerrorMessage(conn->pg);
	struct pg_error error = *last_word(conn);

	if (!error.sqlstate[0]) {
		pg_error_from_text(&error,
		                   *text ? text
		                         : "server closed the connection unexpectedly");
		error.sqlstate[0] =
			'\0'; /* a server's word comes by results and notices */
		error.severity[0] = '\0';
	}
	/* libpq's own words about the loss are no better than the server's. */
	if (error.sqlstate[0] && conn->has_error && !conn->error.sqlstate[0])
		conn->has_error = false;
	pg_keep_error(conn, &error);
	conn->state = PG_FAILED;
}

void pg_become_ready(struct pg_conn *conn)
{
	conn->state = PG_READY;
	conn->row = NULL;
	/* A farewell may have come in the same read: no socket would tell of it. */
	(void)PQisBusy(conn->pg);
}

/* Parses what has come while nothing was asked for, such as FATAL 57P01. */
static bool still_there(struct pg_conn *conn)
{
	bool open = read_input(conn);
	PGnotify *notify;

	(void)PQisBusy(conn->pg);
	while ((notify = PQnotifies(conn->pg)))
		PQfreemem(notify);
	if (open && !conn->server_gone)
		return true;
	conn->has_error = false; /* the last statement's is not why */
	lost(conn);
	return false;
}

/* ---- Results ---------------------------------------------------------------------- */

static void keep_result(struct pg_conn *conn, PGresult *result)
{
	struct pg_error error;

	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
	case PGRES_EMPTY_QUERY:
		PQclear(conn->result);
		conn->result = result;
		return;
	case PGRES_COPY_OUT:
		conn->copying = true;
		break;
	case PGRES_COPY_IN:
		PQputCopyEnd(conn->pg, "nothing to copy");
		conn->unflushed = PQflush(conn->pg) == 1;
		break;
	case PGRES_COPY_BOTH:
		pg_keep_message(conn, "the server began to stream replication");
		conn->server_gone = true;
		break;
	default:
		pg_error_from_result(&error, result);
		pg_keep_error(conn, &error);
		/* Without an SQLSTATE it is libpq that says: no answer will come. */
		conn->server_gone |= is_fatal(&error) || !error.sqlstate[0];
	}
	PQclear(result);
}

/* True when ReadyForQuery has come. */
static bool take_results(struct pg_conn *conn)
{
	for (;;) {
		PGresult *result;

		if (conn->copying && !pg_copy_rows(conn))
			return false;
		if (PQisBusy(conn->pg))
			return false;
		result = PQgetResult(conn->pg);
		if (!result)
			return true;
		keep_result(conn, result);
		if (conn->server_gone)
			return false;
	}
}

bool pg_send(struct pg_conn *conn, const char *sql)
{
	if (conn->state == PG_FAILED)
		conn->sent = false; /* this one was not, whatever was before */
	if (conn->state != PG_READY)
		return false;
	PQclear(conn->result);
	conn->result = NULL;
	conn->notice_count = 0;
	conn->has_error = false;
	conn->sent = false;
	if (!still_there(conn))
		return false;
	conn->sent = true;
	if (!PQsendQuery(conn->pg, sql)) {
		lost(conn);
		return false;
	}
	conn->unflushed = PQflush(conn->pg) == 1;
	conn->state = PG_BUSY;
	return true;
}

/* ---- For the source --------------------------------------------------------------- */

nsec_t pg_statement_prepare(struct pg_conn *conn)
{
	short events = POLLIN;

	if (conn->unflushed)
		events |= POLLOUT;
	if (conn->backlog || conn->server_gone || PQsocket(conn->pg) < 0) /* -1: closed */
		return loop_now(conn->loop);
	loop_want(conn->loop, &conn->source, PQsocket(conn->pg), events);
	return NSEC_NEVER;
}

void pg_statement_wake(struct pg_conn *conn)
{
	bool open = true;

	if (conn->state == PG_READY) {
		still_there(conn);
		return;
	}
	if (conn->unflushed)
		conn->unflushed = PQflush(conn->pg) == 1;
	if (!conn->backlog)
		open = read_input(conn);
	/* Done is done, even where the end of the connection came right behind it. */
	if (take_results(conn)) {
		pg_become_ready(conn);
	} else if (conn->server_gone || (!open && !conn->backlog)) {
		lost(conn);
	}
}
