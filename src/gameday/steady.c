/* STEADY, OBSERVE and SETTLE: the same two questions with other limits. */
#include "gameday/run.h"

#include "base/log.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>

#define BYTES_PER_MB  INT64_C(1048576)
#define MAX_LAG_BYTES (16 * BYTES_PER_MB)

bool endpoints_are_well(struct run *run, double seconds, struct err *err)
{
	nsec_t now = run_now(run);

	for (size_t i = 0; i < run->probes.endpoint_count; i++) {
		const struct endpoint_probe *p = run->probes.endpoints[i];
		const struct endpoint_status *s = endpoint_probe_status(p);
		double acked = s->acked_since ? nsec_to_seconds(now - s->acked_since) : 0;

		if (!s->acked_since) {
			err_set(err, "%s does not answer%s%s", endpoint_probe_name(p),
			        s->last_error[0] ? ": " : "", s->last_error);
			return false;
		}
		if (acked < seconds)
			return err_set(err, "%s has answered for %.1f s of %.1f s",
			               endpoint_probe_name(p), acked, seconds);
	}
	return true;
}

/* The endpoint that promises the freshest reads; NULL: none promises anything. */
static const struct endpoint *freshest_endpoint(const struct inventory *inv)
{
	const struct endpoint *found = NULL;

	for (size_t i = 0; i < inv->endpoint_count; i++) {
		const struct endpoint *e = &inv->endpoints[i];

		if (e->max_staleness_seconds > 0 &&
		    (!found || e->max_staleness_seconds < found->max_staleness_seconds))
			found = e;
	}
	return found;
}

static uint64_t lsn_of(const struct member_probe *p)
{
	unsigned high, low;

	if (sscanf(member_probe_status(p)->lsn, "%X/%X", &high, &low) != 2)
		return 0;
	return (uint64_t)high << 32 | low;
}

/* A replica that has not replayed up to there; NULL: all have. */
static const struct member_probe *replica_behind(const struct run *run, uint64_t lsn)
{
	for (size_t i = 0; i < run->probes.member_count; i++) {
		const struct member_probe *p = run->probes.members[i];

		if (member_probe_status(p)->state == MEMBER_REPLICA && lsn_of(p) < lsn)
			return p;
	}
	return NULL;
}

/*
 * A replica that streams may be so far behind that reads from it break a promise.  How
 * far is measured by the agent's clock: a mark is set where the primary's log is, and its
 * age taken when the last replica has replayed it.
 */
static bool replicas_are_fresh(struct run *run, const struct member_probe *primary,
                               struct err *err)
{
	const struct endpoint *e = freshest_endpoint(run->inventory);
	struct log_mark *mark = &run->mark;
	const struct member_probe *behind;
	nsec_t now = run_now(run), age = mark->at ? now - mark->at : 0;

	if (mark->primary != primary)
		*mark = (struct log_mark){ .primary = primary };
	behind = replica_behind(run, mark->lsn);
	if (!behind) {
		mark->last_age = mark->at ? age : 0;
		mark->lsn = lsn_of(primary);
		mark->at = now;
	}
	if (!behind || mark->last_age > age)
		age = mark->last_age;
	if (!e || nsec_to_seconds(age) <= e->max_staleness_seconds)
		return true;
	return err_set(err, "%s is more than %.0f s behind, and %s promises %.6g s",
	               behind ? member_probe_name(behind) : "a replica",
	               nsec_to_seconds(age), e->name, e->max_staleness_seconds);
}

static bool replica_is_well(const struct member_probe *p, struct err *err)
{
	const struct member_status *s = member_probe_status(p);
	const char *name = member_probe_name(p);

	switch (s->state) {
	case MEMBER_PRIMARY:
		return err_set(err, "%s also says that it is primary", name);
	case MEMBER_UNKNOWN:
		return err_set(err, "%s has not answered yet", name);
	case MEMBER_UNREACHABLE:
		return err_set(err, "%s cannot be reached: %s", name, s->message);
	case MEMBER_REPLICA:
		break;
	}
	/*
	 * By its own WAL receiver, not by the primary's list: a cascading replica is fed
	 * by another one.
	 */
	if (!str_eq(s->receiver, "streaming"))
		return err_set(err,
		               "%s (timeline %" PRId64
		               ") does not stream: its WAL receiver is %s",
		               name, s->timeline,
		               s->receiver[0] ? s->receiver : "not running");
	if (s->paused_replay)
		return err_set(err, "%s has its replay paused", name);
	return true;
}

static int64_t sync_standbys_wanted(const struct run *run)
{
	int64_t own = run->scenario->steady_state.sync_standbys;

	return own >= 0 ? own : run->inventory->objectives.sync_standbys;
}

static bool standbys_are_well(struct run *run, const struct member_probe *primary,
                              struct err *err)
{
	const struct member_status *s = member_probe_status(primary);
	int64_t wanted = sync_standbys_wanted(run);
	int64_t sync = 0;

	for (size_t i = 0; i < s->standby_count; i++) {
		const struct member_standby *standby = &s->standbys[i];
		bool streaming = str_eq(standby->state, "streaming");

		if (streaming && (str_eq(standby->sync_state, "sync") ||
		                  str_eq(standby->sync_state, "quorum")))
			sync++;
		if (standby->lag_bytes > MAX_LAG_BYTES)
			return err_set(err, "%s is %" PRId64 " MB behind %s",
			               standby->name, standby->lag_bytes / BYTES_PER_MB,
			               member_probe_name(primary));
	}
	if (sync < wanted)
		return err_set(err,
		               "%s has %" PRId64 " of %" PRId64 " synchronous standbys",
		               member_probe_name(primary), sync, wanted);
	return true;
}

bool redundancy_is_full(struct run *run, struct err *err)
{
	const struct member_probe *primary = probes_primary(&run->probes);

	if (!primary)
		return err_set(err, "no member says that it is primary");
	for (size_t i = 0; i < run->probes.member_count; i++)
		if (run->probes.members[i] != primary &&
		    !replica_is_well(run->probes.members[i], err))
			return false;
	return replicas_are_fresh(run, primary, err) &&
	       standbys_are_well(run, primary, err);
}

/* ---- STEADY ------------------------------------------------------------------------ */

void watch_redundancy(struct run *run)
{
	if (!redundancy_is_full(run, &run->unwell))
		run->redundant_since = 0;
	else if (!run->redundant_since)
		run->redundant_since = run_now(run);
}

/* Full redundancy, without a break for `seconds`? */
static bool redundancy_holds(struct run *run, double seconds)
{
	watch_redundancy(run);
	return run->redundant_since &&
	       run_now(run) - run->redundant_since >= seconds_to_nsec(seconds);
}

static bool is_steady(void *arg)
{
	struct run *run = arg;
	double hold = run->scenario->steady_state.hold_seconds;

	return redundancy_holds(run, hold) && endpoints_are_well(run, hold, &run->unwell);
}

bool phase_steady(struct run *run, struct err *err)
{
	double limit = run->scenario->steady_state.limit_seconds;

	if (!probes_start(run, err))
		return false;
	if (run_wait(run, is_steady, run_after(run, limit)))
		return true;
	if (run->abort_why[0])
		return err_set(err, "%s", run->abort_why);
	err_set(err, "the cluster was not steady within %.0f s: %.500s", limit,
	        run->unwell.message);
	return err_hint(err, "a fault is injected only into a cluster that is well; "
	                     "look with: pgmonkey check");
}

/* ---- OBSERVE ----------------------------------------------------------------------- */

static bool hold_is_over(void *arg)
{
	struct run *run = arg;

	return run_now(run) >= run->injected + seconds_to_nsec(run->fault->hold_seconds);
}

static bool has_recovered(void *arg)
{
	struct run *run = arg;
	const struct scenario *sc = run->scenario;
	struct err err;

	return endpoints_are_well(
		run, sc->recovered_for_seconds + sc->observe.after_seconds, &err);
}

bool phase_observe(struct run *run, struct err *err)
{
	double limit = run->scenario->observe.limit_seconds;

	/* A fault that stays is healed when its time is over; recovery is then SETTLE's. */
	if (run->fault->hold_seconds > 0)
		return run_wait(run, hold_is_over, NSEC_NEVER) ||
		       err_set(err, "%s", run->abort_why);
	if (run_wait(run, has_recovered, run_after(run, limit)) || !run->abort_why[0])
		return true;
	return err_set(err, "%s", run->abort_why);
}

/* ---- SETTLE ------------------------------------------------------------------------ */

static bool has_settled(void *arg)
{
	struct run *run = arg;

	return redundancy_holds(run, run->scenario->recovered_for_seconds) &&
	       has_recovered(run);
}

bool phase_settle(struct run *run, struct err *err)
{
	double limit = run->scenario->settle.limit_seconds;
	bool settled;

	settled = run_wait(run, has_settled, run_after(run, limit));
	ledger_begin(run->ledger, "redundancy");
	ledger_string(run->ledger, "state",
	              run->redundant_since ? "restored" : "not_restored");
	if (run->redundant_since)
		ledger_time(run->ledger, "restored_us", run->redundant_since);
	else
		ledger_string(run->ledger, "why", run->unwell.message);
	ledger_end(run->ledger);
	if (!settled && !run->redundant_since)
		log_warning("redundancy is not back within %.0f s: %s", limit,
		            run->unwell.message);
	facts_record(run, "SETTLE");
	(void)err;
	return true;
}
