#include "transport/pg_private.h"

#include <stdlib.h>

static nsec_t prepare(struct source *source, struct loop *loop)
{
	struct pg_conn *conn = (struct pg_conn *)source;

	(void)loop;
	switch (conn->state) {
	case PG_CONNECTING:
		return pg_connect_prepare(conn);
	case PG_READY:
	case PG_BUSY:
		return pg_statement_prepare(conn);
	default:
		return NSEC_NEVER;
	}
}

static void wake(struct source *source, struct loop *loop)
{
	struct pg_conn *conn = (struct pg_conn *)source;
	enum pg_state before = conn->state;

	(void)loop;
	if (before == PG_CONNECTING)
		pg_connect_wake(conn);
	else if (before != PG_FAILED)
		pg_statement_wake(conn);
	if (conn->state != before)
		conn->changed(conn, conn->arg); /* may close it */
}

struct pg_conn *pg_connect(struct loop *loop, const struct pg_target *target,
                           nsec_t deadline, void (*changed)(struct pg_conn *, void *arg),
                           void *arg)
{
	struct pg_conn *conn = XNEW(struct pg_conn);

	conn->source = (struct source){ .name = "pg", .prepare = prepare, .wake = wake };
	conn->loop = loop;
	conn->target = pg_target_copy(target);
	conn->state = PG_CONNECTING;
	conn->step = PG_STEP_HOST;
	conn->started = loop_now(loop);
	conn->deadline = deadline;
	conn->changed = changed;
	conn->arg = arg;
	loop_add(loop, &conn->source);
	return conn;
}

void pg_close(struct pg_conn *conn)
{
	if (!conn)
		return;
	loop_remove(conn->loop, &conn->source);
	resolve_free(conn->resolve);
	PQclear(conn->result);
	PQfinish(conn->pg);
	pg_target_free(conn->target);
	free(conn);
}

enum pg_state pg_state(const struct pg_conn *conn)
{
	return conn->state;
}

const struct pg_error *pg_error(const struct pg_conn *conn)
{
	return conn->has_error ? &conn->error : NULL;
}

bool pg_never_established(const struct pg_conn *conn)
{
	return !conn->established;
}

size_t pg_host_index(const struct pg_conn *conn)
{
	return conn->host;
}

const char *pg_remote_address(const struct pg_conn *conn)
{
	return conn->remote;
}

const char *pg_local_address(const struct pg_conn *conn)
{
	return conn->local;
}

int pg_backend_pid(const struct pg_conn *conn)
{
	return conn->established ? PQbackendPID(conn->pg) : 0;
}

const char *pg_parameter(const struct pg_conn *conn, const char *name)
{
	return conn->established ? PQparameterStatus(conn->pg, name) : NULL;
}

bool pg_sent(const struct pg_conn *conn)
{
	return conn->sent;
}

int pg_rows(const struct pg_conn *conn)
{
	return PQntuples(conn->result);
}

int pg_columns(const struct pg_conn *conn)
{
	return PQnfields(conn->result);
}

const char *pg_value(const struct pg_conn *conn, int row, int column)
{
	if (row < 0 || column < 0 || row >= pg_rows(conn) || column >= pg_columns(conn) ||
	    PQgetisnull(conn->result, row, column))
		return NULL;
	return PQgetvalue(conn->result, row, column);
}

const char *pg_command_tag(const struct pg_conn *conn)
{
	return conn->result ? PQcmdStatus(conn->result) : "";
}

size_t pg_notice_count(const struct pg_conn *conn)
{
	return conn->notice_count;
}

const struct pg_error *pg_notice(const struct pg_conn *conn, size_t i)
{
	return i < conn->notice_count ? &conn->notices[i] : NULL;
}
