/*
 * One experiment while it is under way: what its phases share.  Only src/gameday/ knows
 * this; others see gameday/experiment.h.
 */
#ifndef GAMEDAY_RUN_H
#define GAMEDAY_RUN_H

#include "base/rng.h"
#include "gameday/experiment.h"
#include "probe/probe.h"
#include "scenario/target.h"

/* Hosts and their SSH sessions, opened when first asked for and kept warm. */
struct remotes {
	struct loop *loop;
	const struct inventory *inventory;
	struct remote **items; /* as inventory->hosts; NULL until asked for */
};

struct remotes remotes_of(struct loop *loop, const struct inventory *inv);
struct remote *remotes_get(struct remotes *remotes, const char *host);
void remotes_free(struct remotes *remotes);

/* A direct connection to the member on a host. NULL + err. Caller frees. */
struct pg_target *member_target(const struct inventory *inv, const struct host *host,
                                struct err *err);

struct lender {
	struct remotes *remotes; /* its inventory and its loop, too */
	struct ha *ha;
};

/*
 * Lends the fault what it needs to reach its target, which is resolved already: the
 * remote if it goes by SSH, a direct connection where it is a database host.  *member is
 * the caller's to free, after the fault.
 */
bool fault_lend(struct fault *fault, const struct lender *lender,
                struct pg_target **member, struct err *err) MUSTCHECK;

struct run_probes {
	struct endpoint_probe **endpoints; /* writes first, then reads */
	size_t endpoint_count;
	struct member_probe **members;
	size_t member_count;
	struct manager_probe *manager;
	int *write_numbers; /* numbers of the write probes, as in the ledger */
	size_t write_count;
	struct pg_target **targets; /* owned; lent to the probes */
	size_t target_count, target_cap;
};

/* Where the primary's log was at a moment: how long do the replicas take to replay it? */
struct log_mark {
	const struct member_probe *primary;
	uint64_t lsn;
	nsec_t at;
	nsec_t last_age; /* of the mark before, when the last replica had replayed it */
};

struct run {
	const struct cluster *cluster;
	const struct inventory *inventory;
	const struct scenario *scenario;
	struct state *state;
	const struct run_options *options;
	const struct observer *observer;

	char id[48]; /* first column of every key */
	struct loop *loop;
	struct http *http;
	struct ha *ha;
	struct remotes remotes;
	struct ledger *ledger;
	struct fault *fault;
	struct pg_target *fault_member;
	struct probe_env probe_env;
	struct run_probes probes;
	struct rng rng;

	struct source
		ticker; /* flushes the ledger, watches the clock, looks for aborts */
	nsec_t next_tick;
	nsec_t wall_offset; /* wall - monotonic when last looked at */
	nsec_t began;
	nsec_t injected;         /* when the fault was sent; 0: not */
	nsec_t no_primary_since; /* no member says it is primary; 0: one does */
	const struct phase *phase;
	nsec_t phase_began;
	struct log_mark mark;
	nsec_t redundant_since; /* redundancy has been full since then; 0: it is not */
	struct err unwell;      /* what is missing from being steady, or settled */

	bool intent; /* the intent is on disk: from here on HEAL must run */
	bool healed;
	bool refused;        /* before any fault */
	char abort_why[200]; /* "" while nothing asks for a stop */
	struct buf dry_run;
};

/* Lifecycle as data: src/gameday/phases.c. */
enum phase_kind {
	PHASE_BEFORE, /* its failure refuses the run: nothing was touched */
	PHASE_FAULT,  /* its failure, or an abort, goes on with HEAL */
	PHASE_ALWAYS, /* runs on every way out once the intent is written */
};

struct phase {
	const char *name;
	const char *text; /* the sentence that people and the ledger see */
	enum phase_kind kind;
	bool (*play)(struct run *, struct err *);
};
extern const struct phase phases[]; /* ended by name NULL */

bool phase_preflight(struct run *run, struct err *err);
bool phase_steady(struct run *run, struct err *err);
bool phase_arm(struct run *run, struct err *err);
bool phase_inject(struct run *run, struct err *err);
bool phase_confirm(struct run *run, struct err *err);
bool phase_observe(struct run *run, struct err *err);
bool phase_heal(struct run *run, struct err *err);
bool phase_settle(struct run *run, struct err *err);
bool phase_audit(struct run *run, struct err *err);

/* ---- preflight.c ------------------------------------------------------------------- */

/* The cluster is not paused, and no action is scheduled. Asked again when armed. */
bool nobody_is_at_work(const struct ha_view *view, struct err *err);

/* ---- watch.c: the ticker and reasons to stop --------------------------------------- */

void watch_start(struct run *run);
void watch_stop(struct run *run);

bool watch_stop_requested(void); /* by experiment_request_stop() */

/* True where the run was asked to stop, or an abort condition holds; remembered. */
bool run_must_stop(struct run *run);

/*
 * Turns the loop until done(run) or `until`; leaves early for an abort while the fault is
 * open.  True only if done(run).
 */
bool run_wait(struct run *run, bool (*done)(void *run), nsec_t until);

nsec_t run_now(struct run *run);
nsec_t run_after(struct run *run, double seconds); /* now + seconds */

/* ---- step.c ------------------------------------------------------------------------ */

/* With --step: waits until a person says that the phase may begin. */
void step_wait(struct run *run);

/* ---- steady.c: is it well? --------------------------------------------------------- */

/* Every endpoint acks, without a break for at least `seconds`. Else a sentence. */
bool endpoints_are_well(struct run *run, double seconds, struct err *err);

/*
 * As many members as at PREFLIGHT, one primary, all others streaming, enough synchronous
 * standbys. Else a sentence that names the member.
 */
bool redundancy_is_full(struct run *run, struct err *err);

/* From the ticker: since when it has been full, or what is missing. */
void watch_redundancy(struct run *run);

/* ---- run_line.c: the first line of the ledger -------------------------------------- */

void run_line_write(struct run *run);

/* ---- heal.c ------------------------------------------------------------------------ */

/* Asks fault->type->heal until it holds or `until`; writes healed / not_healed. */
bool heal_fault(struct loop *loop, struct ledger *ledger, struct fault *fault,
                nsec_t until, struct err *err);

/* ---- facts.c ----------------------------------------------------------------------- */

/* Versions and the settings that durability rests on, into the ledger. */
void facts_record(struct run *run, const char *when);

/* ---- probes.c ---------------------------------------------------------------------- */

bool probes_start(struct run *run, struct err *err);

/* No new attempts; those under way are awaited, or in doubt when freed. */
void probes_stop(struct run *run);
void probes_free(struct run_probes *probes);

/* The member whose own answer is "primary" (the highest timeline of several), or NULL. */
const struct member_probe *probes_primary(const struct run_probes *probes);

#endif
