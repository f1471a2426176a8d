/*
 * What the tests against the liar stand on: real servers, liars in front of them, trials
 * (a ledger with probes that run, without a manager or hosts), and the truth out of the
 * liars' logs.  Failing to set the stage ends the program.
 */
#ifndef TESTS_TRUTH_LIAR_STAGE_H
#define TESTS_TRUTH_LIAR_STAGE_H

#include "probe/probe.h"
#include "verdict/verdict.h"

#include <sys/types.h>

extern struct loop *loop; /* of the program */

nsec_t in_seconds(double s);
void stage_open(void); /* a directory of its own, and the loop */
void stage_close(void);
const char *stage_path(const char *name);
void wait_seconds(double s); /* the loop turns meanwhile */

/* ---- Servers ------------------------------------------------------------------------
 */

struct server {
	const char *name, *address;
	int port;
};

/* A primary that trusts everybody on its loopback address; false: no PostgreSQL here. */
bool server_start(struct server *s, const char *name, const char *address);

/* A streaming copy of it. */
void server_start_standby(struct server *s, const char *name, const char *address,
                          const struct server *primary);
void server_promote(const struct server *s);
void server_stop(const struct server *s);
/* At once, with more options of postgres(1). */
void server_restart(const struct server *s, const char *more);

/* A shell command as the user who owns the servers, in the stage's directory. */
bool run_as_server(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* For a client that connects there; endpoint "address:port". */
struct pg_target *target_at(const char *address, int port, const char *more);
struct pg_conn *open_server(const struct server *s);
void must_query(struct pg_conn *conn, const char *sql);

/* ---- Liars --------------------------------------------------------------------------
 */

struct liar_process {
	char name[24];
	pid_t pid;
	int control;
	int port;
};

/* A liar before one or two servers (second NULL: one). */
void liar_start(struct liar_process *l, const char *name, const struct server *first,
                const struct server *second);
void liar_tell(struct liar_process *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
void liar_plan(struct liar_process *l, nsec_t at, const char *fmt, ...) PRINTF_LIKE(3, 4);
void liar_stop(struct liar_process *l);

/* ---- The truth ----------------------------------------------------------------------
 */

enum said { SAID_NOTHING, SAID_ACKED, SAID_WARNED, SAID_ERROR };

/* What became of a key: of those that never reached the liar, known is false. */
struct fate {
	bool known;
	bool committed;
	bool unknown; /* the server went away over it */
	enum said said;
	nsec_t said_at;
};

#define MOST_KEYS 20000

/* Fills fates[seq] with the keys of one probe. */
void read_fates(const struct liar_process *l, int probe, struct fate *fates);

/* A time in which the liar was not honest. */
struct lapse {
	nsec_t from, to;
	char what[24];
};
size_t read_lapses(const struct liar_process *l, struct lapse *lapses, size_t max);

/* ---- Trials -------------------------------------------------------------------------
 */

#define TRIAL_PROBES 16

struct trial {
	struct source ticker;
	nsec_t next_tick;
	char name[32];
	char path[300];
	struct ledger *ledger;
	nsec_t base;
	struct probe_env env;
	struct endpoint_probe *endpoints[TRIAL_PROBES];
	size_t endpoint_count;
	int writes[TRIAL_PROBES];
	size_t write_count;
	struct member_probe *members[4];
	size_t member_count;
	struct pg_target *targets[TRIAL_PROBES + 4];
	size_t target_count;
};

/* `hosts` is the "hosts" of the cluster file, as JSON. */
void trial_open(struct trial *t, const char *name, const char *hosts, double timely);

/* Probes numbered in the order in which they are added, from 1. */
int trial_write(struct trial *t, const char *endpoint, const struct liar_process *via,
                const struct probe_options *options);
int trial_read(struct trial *t, const char *endpoint, const struct liar_process *via,
               const struct probe_options *options);
int trial_member(struct trial *t, const struct server *s);

void trial_wait_acked(struct trial *t); /* STEADY: every probe has acked */
void trial_inject(struct trial *t);     /* a fault is said to be sent now */
void trial_end(struct trial *t);        /* healed, all answers awaited, SETTLE is over */
void trial_audit(struct trial *t, const struct server *primary, int64_t timeline);
struct verdict *trial_judge(struct trial *t); /* frees probes, closes the ledger */
int64_t trial_us(const struct trial *t, nsec_t at);

#endif
