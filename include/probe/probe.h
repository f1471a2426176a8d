/*
 * Scheduled questions to the cluster, open loop: an attempt is due at its scheduled time
 * whatever became of the one before, and is measured from that time.
 *
 *	write    inserts one keyed row by an endpoint each `every`
 *	read     asks a replica endpoint for the newest row that it shows
 *	member   asks one member directly: role, timeline, LSN, lag, standbys
 *	manager  asks the HA manager for its view
 *
 * Every answer goes into the ledger (docs/ledger.md).  What the experiment needs while it
 * runs (is it steady? has it recovered?) is in the status structs below.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/loop.h"
#include "ha/ha.h"
#include "ledger/ledger.h"
#include "ledger/outcome.h"
#include "transport/pg.h"

struct session_ops;

/* Shared by all probes of a run; outlives them. */
struct probe_env {
	struct loop *loop;
	struct ledger *ledger;
	const char *run;      /* the run's id: the first column of every key */
	const char *schema;   /* "pgmonkey" */
	nsec_t timely;        /* an ack later than that is a stall; 0: 1 s */
	nsec_t recovered_for; /* so long must acks last to end an outage; 0: 1 s */
	/* NULL: libpq; tests put a fake cluster here */
	const struct session_ops *sessions;
};

/* Zero in every, deadline or renew stands for the default. */
struct probe_options {
	int number;                     /* unique in the run */
	const char *endpoint;           /* or the member's name */
	const struct pg_target *target; /* outlives the probe */
	nsec_t every;    /* write 20 ms, read 100 ms, member 200 ms, manager 1 s */
	nsec_t deadline; /* of one statement (2 s); a connect may take longer */
	/* write, read: so often a fresh session replaces the kept one (1 s) */
	nsec_t renew;
	/* monotonic time of the first tick: spread, so that probes don't bunch */
	nsec_t first;
	int of;               /* read: whose newest row is asked for */
	nsec_t max_staleness; /* read: for the judge, the probe makes nothing of it */
	/* write: an ack under synchronous_commit off or local is a weak one */
	bool promise_sync;
};

/* ---- write and read ------------------------------------------------------------- */

/*
 * Every tick is one attempt with a seq of its own, which is never used again, and one
 * line in the ledger.  What happens at a tick:
 *
 *	the session is idle           the statement is sent
 *	it waits for an answer        the tick waits too; the next statement carries all
 *	                              that wait, a row each, since a commit may well take
 *	                              longer than `every`.  Who has waited longer than
 *	                              `timely` is given up: not_sent, busy
 *	there is no session           not_sent, no_connection, with the reason why
 *	the agent woke after the
 *	next tick was due             not_sent, late; they are not made up for by a burst
 *
 * A statement without an answer at its deadline is in doubt and ends its session.  A
 * lost session is replaced at once, and then a connect begins each tick (twice a
 * tick where nobody listens; where connects are slow, in four times what one takes, 100
 * ms at most), up to four beside one another,
 * so that one which hangs does not hide that others succeed.
 * A fresh session takes over from one that hangs, at first with the newest row only: the
 * others follow when that was acked.  Connects begin between ticks: authentication costs
 * milliseconds of CPU.
 */
struct endpoint_status {
	/* attempts that carry a seq; connects are not counted */
	size_t attempts, acked, refused, in_doubt, not_sent, weak;
	nsec_t first_acked; /* monotonic; 0: never acked */
	nsec_t last_acked;
	/*
	 * When the first of the present, unbroken run of timely acks was answered;
	 * 0: there is none.  Weak acks count here; all else but `late` breaks it.
	 */
	nsec_t acked_since;
	/*
	 * Scheduled time of the first attempt not acked (or not timely) of the outage
	 * that is under way; 0: none.  Over when acks have lasted for env->recovered_for.
	 */
	nsec_t failing_since;
	char last_error[200];
	char server[64]; /* "address:port" of the one that acked last, as it says */
	int64_t newest;  /* write: last seq acked; read: last seq seen */
};

struct endpoint_probe;
struct endpoint_probe *write_probe_start(const struct probe_env *env,
                                         const struct probe_options *options);
struct endpoint_probe *read_probe_start(const struct probe_env *env,
                                        const struct probe_options *options);
const struct endpoint_status *endpoint_probe_status(const struct endpoint_probe *p);
const char *endpoint_probe_name(const struct endpoint_probe *p);
bool endpoint_probe_is_write(const struct endpoint_probe *p);

/*
 * No new attempts; those under way are awaited by the caller with
 * endpoint_probe_is_idle() or end in doubt when the probe is freed.
 */
void endpoint_probe_stop(struct endpoint_probe *p);
bool endpoint_probe_is_idle(const struct endpoint_probe *p);
void endpoint_probe_free(struct endpoint_probe *p);

/* ---- member --------------------------------------------------------------------- */

enum member_state { MEMBER_UNKNOWN, MEMBER_PRIMARY, MEMBER_REPLICA, MEMBER_UNREACHABLE };

struct member_standby {
	char name[64];
	char address[64];
	char state[24];      /* "streaming", … (pg_stat_replication) */
	char sync_state[16]; /* "sync", "quorum", "potential", "async" */
	int64_t lag_bytes;   /* of replay, behind this member; -1 not known */
};

#define MEMBER_MAX_STANDBYS 16

struct member_status {
	enum member_state state;
	nsec_t asked;     /* when the question was sent that this answers */
	nsec_t since;     /* when this state was first seen without a break */
	int64_t timeline; /* 0: not known */
	char lsn[24];     /* primary: current; replica: replayed */
	bool read_only;
	char receiver[24]; /* replica: status of its WAL receiver, "" if none */
	char upstream[64]; /* replica: "host:port" that it streams from */
	int64_t lag_us; /* replica: age of the last replayed transaction; -1 not known */
	bool paused_replay;
	char system_identifier[24];
	size_t standby_count;
	struct member_standby standbys[MEMBER_MAX_STANDBYS];
	char message[200];
};

/*
 * A line in the ledger for each answer, and one for each tick at which the member can't
 * be asked: that keeps measurable how long two of them claimed to be primary.  An account
 * with pg_monitor sees everything; without it receiver, upstream and standbys stay empty.
 */
struct member_probe;
struct member_probe *member_probe_start(const struct probe_env *env,
                                        const struct probe_options *options);
const struct member_status *member_probe_status(const struct member_probe *p);
const char *member_probe_name(const struct member_probe *p);
void member_probe_free(struct member_probe *p);

/* ---- manager -------------------------------------------------------------------- */

/*
 * A line in the ledger at the first answer and whenever more than a lag has changed.
 * `ha` outlives the probe.
 */
struct manager_probe;
struct manager_probe *manager_probe_start(const struct probe_env *env,
                                          const struct probe_options *options,
                                          struct ha *ha);
/* NULL: there is none yet, or it could not be asked last time; the message says why. */
const struct ha_view *manager_probe_view(const struct manager_probe *p);
const char *manager_probe_message(const struct manager_probe *p); /* "" if it could */
void manager_probe_free(struct manager_probe *p); /* waits for an answer under way */

/* ---- the probes' table in the cluster --------------------------------------------- */

/*
 * SCHEMA.writes (run text, probe integer, seq bigint, scheduled timestamptz,
 * PRIMARY KEY (run, probe, seq)).  Makes schema and table where they are missing; the
 * account needs no more than to own the schema, or to find the table there with INSERT
 * and SELECT.  Rows are never changed or deleted; drop removes the table, and the schema
 * if it is empty, ours, and we may make it again.
 */
bool probe_table_prepare(struct loop *loop, struct pg_conn *primary, const char *schema,
                         struct err *err) MUSTCHECK;
bool probe_table_drop(struct loop *loop, struct pg_conn *primary, const char *schema,
                      struct err *err) MUSTCHECK;

/* ---- audit ----------------------------------------------------------------------- */

struct audit_request {
	const char *run;
	const char *schema;
	const char *member;
	const char *role;  /* "primary" or "replica" */
	int64_t timeline;  /* that the member is expected to be on; 0: any */
	bool surviving;    /* it is the primary of the surviving timeline */
	const int *probes; /* numbers of the write probes */
	size_t probe_count;
	nsec_t deadline; /* monotonic time by which all must be read */
};

/*
 * Reads every key of the run on one member, in one snapshot, by COPY in key order, and
 * writes an `audit` line a probe.  Before and after, it checks that the member is what
 * `role` says, on that timeline.  What could not be read is written as incomplete with
 * the reason, and false + err; there is a line a probe either way.
 */
bool audit_member(struct loop *loop, struct ledger *ledger,
                  const struct pg_target *target, const struct audit_request *request,
                  struct err *err) MUSTCHECK;

/* The kinds, for `pgmonkey list probes` and the documentation. */
struct probe_kind {
	const char *name, *summary;
};
extern const struct probe_kind probe_kinds[]; /* ended by name NULL */

#endif
