/*
 * What the files of src/transport/pg*.c share: nobody else includes this.
 *
 *	pg_target.c, pg_target_copy.c   where to connect
 *	pg_expand.c                     what libpq would make of a conninfo
 *	pg_text.c                       conninfo as text, quoting
 *	pg_error.c                      errors of libpq made plain
 *	pg_connect.c, pg_address.c      hosts, addresses and passes, until READY
 *	pg_statement.c, pg_copy.c       READY and BUSY
 *	pg.c                            the source of the loop, and accessors
 *	pg_wait.c                       straight-line use
 */
#ifndef TRANSPORT_PG_PRIVATE_H
#define TRANSPORT_PG_PRIVATE_H

#include "base/log.h"
#include "base/resolve.h"
#include "transport/pg.h"

#include <libpq-fe.h>

#define PG_MAX_SETTINGS 80 /* options that libpq knows, twice over */
#define PG_MAX_NOTICES  8
#define PG_ADDRESS_SIZE 160

/* The next thing to do while CONNECTING. */
enum pg_step {
	PG_STEP_HOST,    /* look up hosts[host] */
	PG_STEP_RESOLVE, /* wait for that */
	PG_STEP_ADDRESS, /* begin with the address-th of the answer */
	PG_STEP_POLL,    /* libpq is at it */
};

struct pg_conn {
	struct source source;
	struct loop *loop;
	struct pg_target *target;
	PGconn *pg; /* NULL between two addresses, and after a failure to connect */
	enum pg_state state;
	void (*changed)(struct pg_conn *, void *arg);
	void *arg;
	bool established; /* READY was reached */
	struct pg_error error;
	bool has_error;

	/* CONNECTING */
	enum pg_step step;
	nsec_t started;
	nsec_t deadline;
	nsec_t address_started;
	nsec_t address_deadline;
	size_t host;
	size_t address;
	bool second_pass; /* of prefer-standby: now any will do */
	struct resolve *resolve;
	bool resolved;
	PostgresPollingStatusType polling;
	char remote[PG_ADDRESS_SIZE];
	char local[PG_ADDRESS_SIZE];

	/* READY, BUSY */
	bool sent;
	bool unflushed;
	PGresult *result;
	struct pg_error notices[PG_MAX_NOTICES];
	size_t notice_count;
	bool server_gone;         /* a FATAL was received */
	struct pg_error farewell; /* that FATAL, if it came unasked */
	bool copying;
	bool backlog; /* of rows: go on without waiting */
	void (*row)(const char *line, size_t len, void *arg);
	void *row_arg;
};

/* NULL with err; PQconninfoFree() it. The message never shows a value. */
PQconninfoOption *pg_parse_options(const char *conninfo, struct err *err);

/* ---- What libpq would use: service file, environment and defaults applied --------- */

/* A value that no libpq option accepts, nor any service file holds. */
#define PG_IMPOSSIBLE "\001"

struct pg_settings {
	const char *keywords[PG_MAX_SETTINGS + 1];
	const char *values[PG_MAX_SETTINGS + 1];
	size_t count;
};

/* NULL when it is not set, or empty. */
const char *pg_option_value(const PQconninfoOption *options, const char *keyword);

void pg_settings_add(struct pg_settings *s, const PQconninfoOption *options);

/* Adds those that neither the conninfo (`given`) nor its service has. */
void pg_settings_add_extra(struct pg_settings *s, const PQconninfoOption *given,
                           const PQconninfoOption *extra);

/* A connection that libpq filled in and gave up at this option. PQfinish() it. */
PGconn *pg_stop_at(const struct pg_settings *given, const char *keyword);
PQconninfoOption *pg_options_of(PGconn *pg); /* PQconninfoFree() it */

struct pg_target *pg_target_copy(const struct pg_target *target);

void pg_error_from_result(struct pg_error *error, const PGresult *result);

/*
 * From PQerrorMessage() of a connection that came to nothing, made under
 * PQERRORS_VERBOSE so that it holds the SQLSTATE.
 */
void pg_error_from_text(struct pg_error *error, const char *text);

/*
 * Remembers why.  A server's word (an SQLSTATE) stays when a mere loss of connection
 * follows.
 */
void pg_keep_error(struct pg_conn *conn, const struct pg_error *error);
void pg_keep_message(struct pg_conn *conn, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A PGconn for the current host at this address (NULL: a Unix socket). */
PGconn *pg_address_start(const struct pg_conn *conn, const char *address);

/* Fill in conn->remote and conn->local. */
void pg_address_note_remote(struct pg_conn *conn, const char *address);
void pg_address_note_local(struct pg_conn *conn);

nsec_t pg_connect_prepare(struct pg_conn *conn);
void pg_connect_wake(struct pg_conn *conn);

void pg_become_ready(struct pg_conn *conn);
void pg_notice_receiver(void *arg, const PGresult *result);
nsec_t pg_statement_prepare(struct pg_conn *conn);
void pg_statement_wake(struct pg_conn *conn);

/* Hands out rows; false when more input is needed first, or the budget is spent. */
bool pg_copy_rows(struct pg_conn *conn);

#endif
