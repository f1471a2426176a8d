#include "transport/pg_private.h"

#include "base/str.h"

#include <poll.h>
#include <string.h>

static nsec_t after(nsec_t now, nsec_t span, nsec_t limit)
{
	return span == NSEC_NEVER || limit - now < span ? limit : now + span;
}

static const struct pg_host *current_host(const struct pg_conn *conn)
{
	return &conn->target->hosts[conn->host];
}

static bool is_unix_socket(const struct pg_host *host)
{
	return !host->hostaddr && (host->host[0] == '/' || host->host[0] == '@');
}

/* ---- From one host and address to the next ---------------------------------------- */

static void drop(struct pg_conn *conn)
{
	PQfinish(conn->pg);
	conn->pg = NULL;
}

static void fail(struct pg_conn *conn)
{
	drop(conn);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	conn->state = PG_FAILED;
}

static void next_host(struct pg_conn *conn)
{
	drop(conn);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	conn->step = PG_STEP_HOST;
	if (conn->host + 1 < conn->target->host_count) {
		conn->host++;
	} else if (str_eq(conn->target->session_attrs, "prefer-standby") &&
	           !conn->second_pass) {
		conn->second_pass = true;
		conn->host = 0;
	} else {
		fail(conn);
	}
}

static void next_address(struct pg_conn *conn)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err ignored;

	drop(conn);
	if (conn->resolve &&
	    conn->address + 1 < resolve_answer(conn->resolve, addresses, &ignored)) {
		conn->address++;
		conn->step = PG_STEP_ADDRESS;
	} else {
		next_host(conn);
	}
}

static void on_resolved(void *arg)
{
	struct pg_conn *conn = arg;

	conn->resolved = true;
}

static void begin_host(struct pg_conn *conn)
{
	const struct pg_host *host = current_host(conn);
	nsec_t now = loop_now(conn->loop);

	conn->address = 0;
	conn->remote[0] = '\0';
	conn->local[0] = '\0';
	if (is_unix_socket(host)) {
		conn->step = PG_STEP_ADDRESS;
		return;
	}
	conn->resolved = false;
	conn->step = PG_STEP_RESOLVE;
	conn->resolve =
		resolve_start(conn->loop, host->hostaddr ? host->hostaddr : host->host,
	                      after(now, conn->target->connect_timeout, conn->deadline),
	                      on_resolved, conn);
}

static void look_at_answer(struct pg_conn *conn)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES];
	struct err err;

	if (resolve_answer(conn->resolve, addresses, &err)) {
		conn->step = PG_STEP_ADDRESS;
		return;
	}
	pg_keep_message(conn, "%.400s", err.message);
	next_host(conn);
}

/* ---- One address ------------------------------------------------------------------ */

static void begin_address(struct pg_conn *conn)
{
	const char *addresses[RESOLVE_MAX_ADDRESSES] = { NULL };
	struct err ignored;
	struct pg_error error;

	if (conn->resolve)
		resolve_answer(conn->resolve, addresses, &ignored);
	pg_address_note_remote(conn, addresses[conn->address]);
	conn->pg = pg_address_start(conn, addresses[conn->address]);
	if (!conn->pg)
		bug("PQconnectStart: out of memory");
	if (PQstatus(conn->pg) == CONNECTION_BAD) {
		pg_error_from_text(&error, PQerrorMessage(conn->pg));
		pg_keep_error(conn, &error);
		next_address(conn);
		return;
	}
	/* The SQLSTATE of a FATAL during connecting is only to be had as text. */
	PQsetErrorVerbosity(conn->pg, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(conn->pg, pg_notice_receiver, conn);
	conn->polling = PGRES_POLLING_WRITING;
	conn->step = PG_STEP_POLL;
	conn->address_started = loop_now(conn->loop);
	conn->address_deadline = after(conn->address_started,
	                               conn->target->connect_timeout, conn->deadline);
}

static void established(struct pg_conn *conn)
{
	pg_address_note_local(conn);
	PQsetnonblocking(conn->pg, 1);
	PQsetErrorVerbosity(conn->pg, PQERRORS_DEFAULT);
	resolve_free(conn->resolve);
	conn->resolve = NULL;
	conn->established = true;
	conn->has_error = false;
	conn->notice_count = 0;
	pg_become_ready(conn);
}

/* libpq's own words for a server that is none of those asked for. */
static bool wrong_session(const char *message)
{
	return strstr(message, "session is read-only") ||
	       strstr(message, "session is not read-only") ||
	       strstr(message, "server is in hot standby mode") ||
	       strstr(message, "server is not in hot standby mode");
}

static void poll_libpq(struct pg_conn *conn)
{
	bool no_tcp = PQstatus(conn->pg) == CONNECTION_STARTED;
	struct pg_error error;

	conn->polling = PQconnectPoll(conn->pg);
	if (conn->polling == PGRES_POLLING_OK) {
		established(conn);
	} else if (conn->polling == PGRES_POLLING_FAILED) {
		pg_error_from_text(&error, PQerrorMessage(conn->pg));
		pg_keep_error(conn, &error);
		if (no_tcp && !error.sqlstate[0])
			next_address(conn);
		else if (str_eq(error.sqlstate, "57P03") || wrong_session(error.message))
			next_host(conn);
		else
			fail(conn);
	}
}

static void poll_address(struct pg_conn *conn)
{
	nsec_t now = loop_now(conn->loop);

	if (loop_ready(conn->loop, PQsocket(conn->pg))) {
		poll_libpq(conn);
	} else if (now >= conn->address_deadline) {
		pg_keep_message(conn, "\"%s\" (%s) did not answer within %.1f s",
		                current_host(conn)->host, conn->remote,
		                nsec_to_seconds(now - conn->address_started));
		next_address(conn);
	}
}

/* ---- For the source --------------------------------------------------------------- */

nsec_t pg_connect_prepare(struct pg_conn *conn)
{
	short events = conn->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;

	switch (conn->step) {
	case PG_STEP_RESOLVE:
		return conn->resolved ? loop_now(conn->loop) : conn->deadline;
	case PG_STEP_POLL:
		loop_want(conn->loop, &conn->source, PQsocket(conn->pg), events);
		return conn->address_deadline;
	default:
		return loop_now(conn->loop);
	}
}

void pg_connect_wake(struct pg_conn *conn)
{
	nsec_t now = loop_now(conn->loop);

	if (now >= conn->deadline && conn->step != PG_STEP_POLL) {
		if (!conn->has_error)
			pg_keep_message(conn, "no connection to \"%s\" within %.1f s",
			                current_host(conn)->host,
			                nsec_to_seconds(now - conn->started));
		fail(conn);
		return;
	}
	switch (conn->step) {
	case PG_STEP_HOST:
		begin_host(conn);
		break;
	case PG_STEP_RESOLVE:
		if (conn->resolved)
			look_at_answer(conn);
		break;
	case PG_STEP_ADDRESS:
		begin_address(conn);
		break;
	case PG_STEP_POLL:
		poll_address(conn);
		break;
	}
}
