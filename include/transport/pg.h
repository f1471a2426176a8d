/*
 * libpq, asynchronous, in one place: nobody else sees a PGconn.
 *
 * What libpq does for its user is kept: service files, several hosts in order,
 * target_session_attrs, a passfile keyed by host name, a name that moves.  What would
 * block the loop is done elsewhere: names are looked up by base/resolve.h and handed
 * over as hostaddr; deadlines are ours, since connect_timeout "is ignored when using
 * PQconnectPoll" (libpq manual).
 *
 * When is a statement done?  When ReadyForQuery has come, not at CommandComplete: in the
 * extended protocol CommandComplete is sent before the implicit transaction commits
 * (PostgreSQL: exec_execute_message, finish_xact_command at Sync).  Statements here go
 * by the simple protocol, which commits first, and are READY only after ReadyForQuery.
 */
#ifndef TRANSPORT_PG_H
#define TRANSPORT_PG_H

#include "base/err.h"
#include "base/loop.h"

/* ---- Where to connect ----------------------------------------------------------- */

struct pg_host {
	char *host; /* name or address as given; a directory for a Unix socket */
	char *port;
	char *hostaddr; /* address given beside the name, which is then not looked up; or
	                   NULL */
};

/* A conninfo, parsed and with its service expanded.  Immutable once made. */
struct pg_target {
	struct pg_host *hosts; /* in the order in which a client would try them */
	size_t host_count;
	char **keywords; /* all other settings, password and passfile included */
	char **values;
	size_t setting_count;
	nsec_t connect_timeout; /* per address, as in libpq; 2 s unless the conninfo says
	                         * otherwise, NSEC_NEVER if it says 0 */
	char *session_attrs;    /* target_session_attrs, "any" by default */
};

/*
 * Parses "host=… port=…" or "postgresql://…".  `extra` (may be NULL) is a second conninfo
 * whose settings are added where the first, its service included, has none
 * ("port=5432 dbname=app"); they go before PG* variables of the environment.
 * Fails on what cannot be a conninfo, with a hint for unbracketed IPv6 in a URL.
 * No name is looked up and nothing is connected to.
 */
bool pg_target_parse(const char *conninfo, const char *extra, struct pg_target **target,
                     struct err *err) MUSTCHECK;
void pg_target_free(struct pg_target *target);

/*
 * A copy with one other host in place of the list; the port is that of the first host,
 * the session attributes are kept.
 */
struct pg_target *pg_target_at(const struct pg_target *target, const char *host);

/* Without its secrets, fit for ledger and log: "host=a password=***". Caller frees. */
char *pg_scrub_conninfo(const char *conninfo);

/* ---- One connection ------------------------------------------------------------- */

enum pg_state {
	PG_CONNECTING, /* looking up, TCP, TLS, authentication, session attributes */
	PG_READY,      /* idle: a statement may be sent */
	PG_BUSY,       /* a statement was handed to libpq, ReadyForQuery has not come */
	PG_FAILED,     /* over: look at pg_error(), then pg_close() */
};

struct pg_error {
	char sqlstate[6]; /* "" when no server said it (socket, EOF, deadline) */
	char severity[16];
	char message[512]; /* primary message, one line, no secrets */
};

struct pg_conn;

/*
 * Begins to connect; `changed` is called from the loop at each change of state, never
 * from within these functions, and may call pg_close().  `deadline` is for the whole of
 * it; each address has at most target->connect_timeout.  The target is copied.
 *
 * Which failure leads to the next host is libpq's choice: no answer or no TCP connection
 * (next address, then next host), 57P03 and the wrong session attributes (next host); any
 * other error of a server, such as a wrong password, ends it.
 */
struct pg_conn *pg_connect(struct loop *loop, const struct pg_target *target,
                           nsec_t deadline, void (*changed)(struct pg_conn *, void *arg),
                           void *arg);

/* Closes and frees, in whatever state, without waiting; NULL is fine. */
void pg_close(struct pg_conn *conn);

enum pg_state pg_state(const struct pg_conn *conn);

/* Why it failed, or of a READY connection: the error of the last statement, or NULL. */
const struct pg_error *pg_error(const struct pg_conn *conn);

/* True if it was never READY: whoever failed, no statement can have reached a server. */
bool pg_never_established(const struct pg_conn *conn);

/*
 * The index into target->hosts, and both ends: "10.0.0.2:5432", "[fd00::2]:5432", the
 * path of a Unix socket (remote), or "" when there is none yet.  Kept after a failure.
 */
size_t pg_host_index(const struct pg_conn *conn);
const char *pg_remote_address(const struct pg_conn *conn);
const char *pg_local_address(const struct pg_conn *conn);
int pg_backend_pid(const struct pg_conn *conn); /* through a pooler: its invention */
const char *pg_parameter(const struct pg_conn *conn,
                         const char *name); /* "server_version" */

/*
 * Sends one statement (simple protocol, so no parameters: callers put only numbers and
 * their own identifiers into it; pg_quote_identifier() and pg_quote_literal() exist).
 * PG_READY only.  False if libpq could not take it; the state is then PG_FAILED.
 * The result is there when the state is PG_READY again.
 */
bool pg_send(struct pg_conn *conn, const char *sql) MUSTCHECK;

/*
 * True if at least one byte of the last statement may have left: from the moment when
 * libpq took it.  False where pg_send() found the connection already closed by the other
 * end, or its server's FATAL waiting: then no server has seen the statement.
 */
bool pg_sent(const struct pg_conn *conn);

/* Result of the last statement, NULL beyond its size or for SQL NULL. */
int pg_rows(const struct pg_conn *conn);
int pg_columns(const struct pg_conn *conn);
const char *pg_value(const struct pg_conn *conn, int row, int column);
const char *pg_command_tag(const struct pg_conn *conn); /* "INSERT 0 1" */

/*
 * Notices and warnings since the last pg_send(), newest last, at most 8 are kept.
 * "57P01"/"01000" warnings of a cancelled wait for synchronous replication come so.
 */
size_t pg_notice_count(const struct pg_conn *conn);
const struct pg_error *pg_notice(const struct pg_conn *conn, size_t i);

/* ---- COPY OUT, for audits of any size ------------------------------------------- */

/*
 * Runs "COPY (…) TO STDOUT" and hands each line (without its newline) to row(), from the
 * loop; memory stays that of one line.  done is told by the state: READY or FAILED.
 * row() must not close the connection.
 */
bool pg_copy_out(struct pg_conn *conn, const char *sql,
                 void (*row)(const char *line, size_t len, void *arg),
                 void *arg) MUSTCHECK;

/* ---- Straight-line use ---------------------------------------------------------- */

/* Connects and waits, the loop turning. NULL with err on failure. */
struct pg_conn *pg_connect_wait(struct loop *loop, const struct pg_target *target,
                                nsec_t deadline, struct err *err);

/*
 * Sends and waits; false with err on a server's error, loss of connection or deadline
 * (after which the state is FAILED: the server may still be at it).
 */
bool pg_query_wait(struct loop *loop, struct pg_conn *conn, const char *sql,
                   nsec_t deadline, struct err *err) MUSTCHECK;

char *pg_quote_identifier(const char *name); /* "a""b"; caller frees */
char *pg_quote_literal(const char *text); /* 'a''b' with E'' where needed; caller frees */

#endif
