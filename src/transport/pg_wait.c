#include "transport/pg_private.h"

#include "base/str.h"

#include <string.h>

static void nothing(struct pg_conn *conn, void *arg)
{
	(void)conn;
	(void)arg;
}

static bool is_settled(void *arg)
{
	const struct pg_conn *conn = arg;

	return conn->state == PG_READY || conn->state == PG_FAILED;
}

struct cure {
	const char *sqlstate;
	const char *text; /* part of the message, or NULL */
	const char *hint;
};

static const struct cure cures[] = {
	{ "", "no password supplied",
	  "add a line for this host, port, database and user to the passfile (~/.pgpass, "
	  "mode 0600)" },
	{ "28P01", NULL,
	  "check the line for this host, port, database and user in the passfile" },
	{ "28000", NULL, "pg_hba.conf of the server must let this user in from here" },
	{ "3D000", NULL, "create the database, or correct dbname" },
	{ "08P01", "unsupported startup parameter",
	  "PgBouncer refuses what it does not know: drop the setting from the conninfo, "
	  "or "
	  "name it in ignore_startup_parameters of pgbouncer.ini" },
	{ "08P01", "server login", "PgBouncer cannot log in at its server: see its log" },
	{ "53300", NULL, "all connections of the server are in use" },
	{ "57P03", NULL, "the server is starting up, shutting down or recovering" },
	{ "", "Connection refused", "nothing listens there: is the server up?" },
	{ "", "certificate",
	  "check sslmode and sslrootcert against the server's certificate" },
};

static const char *find_cure(const struct pg_error *error)
{
	for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
		if (str_eq(error->sqlstate, cures[i].sqlstate) &&
		    (!cures[i].text || strstr(error->message, cures[i].text)))
			return cures[i].hint;
	return NULL;
}

static bool explain(const struct pg_conn *conn, struct err *err)
{
	static const struct pg_error unknown = { .message = "no reason known" };
	const struct pg_error *error = pg_error(conn) ? pg_error(conn) : &unknown;
	const struct pg_host *host = &conn->target->hosts[conn->host];
	const char *hint = find_cure(error);

	if (error->sqlstate[0])
		err_set(err, "\"%s\" port %s: %s %s: %s", host->host, host->port,
		        error->severity, error->sqlstate, error->message);
	else
		err_set(err, "\"%s\" port %s: %s", host->host, host->port,
		        error->message);
	return hint ? err_hint(err, "%s", hint) : false;
}

struct pg_conn *pg_connect_wait(struct loop *loop, const struct pg_target *target,
                                nsec_t deadline, struct err *err)
{
	struct pg_conn *conn = pg_connect(loop, target, deadline, nothing, NULL);

	/* The connection minds the deadline itself, so that it can say who was silent. */
	loop_wait(loop, is_settled, conn, NSEC_NEVER);
	if (conn->state == PG_READY)
		return conn;
	if (conn->state == PG_CONNECTING)
		pg_keep_message(conn, "interrupted while connecting");
	explain(conn, err);
	pg_close(conn);
	return NULL;
}

bool pg_query_wait(struct loop *loop, struct pg_conn *conn, const char *sql,
                   nsec_t deadline, struct err *err)
{
	nsec_t started = loop_now(loop);

	if (pg_send(conn, sql) && !loop_wait(loop, is_settled, conn, deadline)) {
		pg_keep_message(conn,
		                loop_has_quit(loop) ? "interrupted after %.1f s"
		                                    : "no answer within %.1f s",
		                nsec_to_seconds(loop_now(loop) - started));
		conn->state = PG_FAILED;
	}
	return conn->state == PG_READY && !conn->has_error ? true : explain(conn, err);
}
