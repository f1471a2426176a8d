/*
 * The engine that write and read probes share; private to src/probe.  probe.h says what
 * it does, here is how it is cut:
 *
 *	endpoint.c          start, stop, free; one wake() that goes through all below
 *	endpoint_session.c  when to connect, renew, close
 *	endpoint_tick.c     ticks, who waits, statements and their answers
 *	endpoint_record.c   attempts into ledger and status
 *	write.c, read.c     the statement and what its answer means
 *
 * The callback of a session only takes its answer: all else is done in the probe's own
 * wake(), so that sessions are opened and closed in one place.
 */
#ifndef PROBE_ENDPOINT_H
#define PROBE_ENDPOINT_H

#include "base/buf.h"
#include "probe/probe.h"
#include "probe/session.h"

/* The kept session, fresh ones, and old ones whose statement still hangs. */
#define ENDPOINT_SESSIONS  8
#define CONNECTING_AT_ONCE 4

/*
 * Authentication is heavy on CPU, on both sides: without a session so long between two
 * connects at most, and less where they are cheap.
 */
#define CONNECT_PACE (100 * NSEC_PER_MSEC)

/* At least so long after another connect that hangs. */
#define CONNECT_BESIDE (250 * NSEC_PER_MSEC)

/* A session that gets refusals is replaced so soon. */
#define RENEW_REFUSED (250 * NSEC_PER_MSEC)

/* No connect begins so shortly before a tick. */
#define CONNECT_MARGIN (8 * NSEC_PER_MSEC)

struct tick {
	int64_t seq;
	nsec_t scheduled;
};

struct ticks {
	struct tick *items; /* room for endpoint_probe.ticks_max, in order of schedule */
	size_t count;
};

struct session {
	struct endpoint_probe *probe;
	struct pg_conn *conn;   /* NULL: the slot is free */
	int number;             /* as `connection` in the ledger; later ones are higher */
	nsec_t began;           /* to connect */
	nsec_t changed;         /* when it last told a change of state */
	bool established;       /* was ready once */
	struct ticks under_way; /* what its statement carries; count 0: it is idle */
	nsec_t sent;
	bool stalled; /* its statement has been told to be late */
};

/* What became of an attempt, on its way into ledger and status. */
struct decision {
	enum outcome outcome;
	const char *reason;   /* not_sent only: "no_connection", "busy", "late" */
	const char *sqlstate; /* NULL or "": none */
	const char *message;
	const struct session *session; /* that carried it; NULL: none */
	nsec_t answered;
	char server[64];
	bool saw_newest; /* reads: */
	int64_t newest;
	bool in_recovery;
};

struct endpoint_kind {
	const char *name; /* "write" */
	/* The statement that carries session->under_way. */
	void (*statement)(struct endpoint_probe *, const struct session *,
	                  struct buf *sql);
	/* Without an error: fills in what the answer means. */
	void (*answer)(struct endpoint_probe *, const struct session *,
	               struct decision *);
};

struct endpoint_probe {
	struct source source;
	struct probe_env env;
	struct probe_options options;
	const struct endpoint_kind *kind;
	const struct session_ops *ops;
	struct session sessions[ENDPOINT_SESSIONS];
	int connections;   /* numbers given */
	struct ticks held; /* due, and waiting for the session */
	size_t ticks_max;
	nsec_t next_tick;
	int64_t next_seq;
	nsec_t last_connect; /* when one last began; 0: never */
	nsec_t connect_took; /* the last one that ended, well or not */
	nsec_t next_renew;
	nsec_t connect_limit;
	bool decided; /* the first connect has ended one way or the other: ticks run */
	bool refused; /* the last statement was refused: connect afresh soon */
	bool connect_failed; /* so did the last connect that was decided */
	bool nobody_there;   /* … and no server said why */
	bool changed;        /* some session told a change */
	bool stopped;
	char *quoted_run;   /* 'run' */
	char *quoted_table; /* "schema".writes */
	struct buf sql;
	char lost[200];       /* why there is no session */
	nsec_t run_scheduled; /* of the ack at status.acked_since */
	struct endpoint_status status;
};

struct endpoint_probe *endpoint_start(const struct probe_env *env,
                                      const struct probe_options *options,
                                      const struct endpoint_kind *kind);

/* ---- endpoint_session.c ----------------------------------------------------------- */

/* The newest session that has been ready and is not lost, busy or not; NULL: none. */
struct session *session_current(struct endpoint_probe *p);
bool session_is_ready(const struct session *s);
void session_close(struct session *s);

/* Connects that ended, sessions that were lost, old ones that are idle. */
void sessions_look(struct endpoint_probe *p, nsec_t now);

/* When the next connect should begin (NSEC_NEVER: no need), and beginning it. */
nsec_t sessions_connect_due(struct endpoint_probe *p, nsec_t now);
void sessions_connect(struct endpoint_probe *p, nsec_t now);

/* ---- endpoint_tick.c -------------------------------------------------------------- */

void ticks_hanging(struct endpoint_probe *p,
                   nsec_t now);                       /* statements: deadline, stall */
void ticks_due(struct endpoint_probe *p, nsec_t now); /* those whose time has come */
void ticks_send(struct endpoint_probe *p,
                nsec_t now); /* who waits, if a session is idle */
nsec_t ticks_deadline(const struct endpoint_probe *p);

/* The session's statement has its answer, good or bad. */
void ticks_answered(struct session *s);

/* A session is over: its statement is decided by how far it had come. */
void ticks_lost(struct session *s, const struct pg_error *error, nsec_t now);

/* ---- endpoint_record.c ------------------------------------------------------------ */

void record_attempt(struct endpoint_probe *p, const struct tick *tick,
                    const struct decision *d);
void record_connect_failed(struct session *s, const struct pg_error *error, nsec_t now);
void record_connection(struct session *s);
void record_stall(struct endpoint_probe *p, const struct session *s, nsec_t now);

#endif
